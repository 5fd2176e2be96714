/**
 * The words that a record may hold, as the server put them into the shell.
 *
 * @module
 */

/**
 * @typedef {{ key: string, words: string, modality: string, stage: string }} FeatureWords
 * @typedef {Record<"stages" | "sites" | "contrasts" | "causes" | "symptoms" | "events", [string, string][]>} Tables
 * @typedef {Tables & { features: FeatureWords[], modalities: Record<string, string> }} Vocabulary
 */

/** @type {Vocabulary} */
export const vocabulary = JSON.parse(document.body.dataset.page ?? "{}").vocabulary;

const { features, modalities, ...tables } = vocabulary;
const names = new Map([...Object.values(tables).flat(), ...features.map(({ key, words }) => /** @type {[string, string]} */ ([key, words]))]);

/**
 * A word of a record as the form says it; "" where it is none of these.
 * @param {string} key
 */
export const nameOf = (key) => names.get(key) ?? "";
