/**
 * Two people changed one draft: both versions, field by field, and a choice for each field.
 *
 * @module
 */

import { ask } from "./dialogs.js";
import { freshId, make } from "./dom.js";
import { number, say, sayOr } from "./words.js";

/** @import { Content, View } from "./api.js" */
/** @import { Point, Side } from "./record.js" */

/**
 * @typedef {{ label: string, mine: unknown, theirs: unknown, put: (content: Content) => void }} Difference
 */

// What the server sets by itself is no matter of choice.
/** @type {Side[]} */
const SIDES = ["right", "left"];
const NOT_ASKED = ["observer", "graded_at", "schema_version", "hips"];
/** @type {Record<string, string>} */
const WORDS = { comment: "comment", conclusion: "conclusion", gap: "gap", gap_lateral: "gap_lateral", islands: "islands", bridging: "bridging", presence: "ossification", evaluable: "evaluable", spurs: "spurs", calibration: "calibration", not_evaluable_reason: "not_evaluable_reason", bridging_basis: "bridging_basis" };

// Told without their names.
const PLAIN = ["length", "category"];

/** @param {unknown} first @param {unknown} second */
const same = (first, second) => JSON.stringify(first ?? null) === JSON.stringify(second ?? null);

/**
 * Every field in which two contents differ: {label, mine, theirs, put(content)}
 * @param {Content} mine @param {Content} theirs @returns {Difference[]}
 */
export function differences(mine, theirs) {
  /** @type {[any, any]} */
  const [own, other] = [mine.record, theirs.record];
  /** @type {Difference[]} */
  const found = [];
  const keys = new Set([...Object.keys(mine.record), ...Object.keys(theirs.record)]);
  for (const key of keys) {
    if (NOT_ASKED.includes(key) || same(own[key], other[key])) continue;
    found.push({ label: nameOf(key), mine: own[key], theirs: other[key], put: (content) => setKey(content.record, key, own[key]) });
  }
  for (const side of SIDES) found.push(...hipDifferences(side, mine, theirs));
  if (!same(mine.decisions, theirs.decisions)) {
    found.push({ label: say("decisions"), mine: mine.decisions, theirs: theirs.decisions, put: (content) => { content.decisions = mine.decisions; } });
  }
  return found;
}

/** @param {Side} side @param {Content} mine @param {Content} theirs @returns {Difference[]} */
function hipDifferences(side, mine, theirs) {
  /** @type {any[]} */
  const [own, other] = [mine, theirs].map(({ record }) => record.hips.find((hip) => hip.side === side));
  const hip = say(`${side}_hip`);
  if (!own || !other) {
    if (!own && !other) return [];
    /** @param {Content} content */
    const put = (content) => {
      content.record.hips = content.record.hips.filter((each) => each.side !== side);
      if (own) content.record.hips.push(own);
      content.record.hips.sort((a, b) => (a.side < b.side ? 1 : -1));
    };
    return [{ label: hip, mine: own, theirs: other, put }];
  }
  return [...new Set([...Object.keys(own), ...Object.keys(other)])]
    .filter((key) => !same(own[key], other[key]))
    .map((key) => ({
      label: `${hip}: ${nameOf(key)}`,
      mine: own[key],
      theirs: other[key],
      put: (content) => setKey(content.record.hips.find((each) => each.side === side), key, own[key]),
    }));
}

/** @param {any} object @param {string} key @param {unknown} value */
function setKey(object, key, value) {
  if (value === undefined) delete object[key];
  else object[key] = value;
}

/** @param {string} key */
const nameOf = (key) => (WORDS[key] ? say(WORDS[key]) : key.replaceAll("_", " "));

/**
 * A value as a person reads it: a line by its ends, words by their names.
 * @param {any} value @returns {string}
 */
export function tell(value) {
  if (value === undefined || value === null) return say("not_stated");
  if (value === true || value === false) return say(value ? "yes" : "no");
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return sayOr(value, value);
  if (Array.isArray(value)) return value.length ? value.map(tell).join("; ") : say("none");
  if (value.points) {
    const { points, true_mm: known, ...rest } = value;
    const ends = points.map((/** @type {Point} */ [x, y]) => `(${number(x)}, ${number(y)})`).join(" – ");
    return [ends, known ? `${known} mm` : "", tellEach(rest)].filter(Boolean).join(", ");
  }
  return tellEach(value);
}

/**
 * Every part of a value: two lines with the same ends may lie on two images.
 * @param {Record<string, unknown>} value @returns {string}
 */
function tellEach(value) {
  const words = (/** @type {[string, unknown]} */ [key, each]) => {
    if (key === "mm") return `${each} mm`;
    return PLAIN.includes(key) ? tell(each) : `${sayOr(key, key.replaceAll("_", " "))}: ${tell(each)}`;
  };
  return Object.entries(value).map(words).join(", ");
}

/**
 * Theirs, with those fields of mine that were kept.
 * @param {Content} theirs @param {Difference[]} found @param {boolean[]} chosen
 */
function compose(theirs, found, chosen) {
  const content = structuredClone({ record: theirs.record, decisions: theirs.decisions });
  found.forEach((each, index) => chosen[index] && each.put(content));
  return content;
}

/**
 * The content that a person chose out of both; null where they put it off.
 * @param {Content} mine @param {View} current
 */
export function askWhich(mine, current) {
  const theirs = { record: current.record, decisions: current.decisions };
  const found = differences(mine, theirs);
  const chosen = found.map(() => false);
  const rows = found.map((each, index) => makeRow(each, index, chosen));
  const head = make("tr", {}, ["field", "your_version", "their_version"].map((key) => make("th", { scope: "col" }, say(key))));
  const table = make("table", { class: "versions" }, make("thead", {}, head), make("tbody", {}, rows));
  const isSigned = current.draft.status === "signed";
  const note = isSigned ? say("stale_signed") : say("stale_note", { name: current.draft.opened_by || say("another_reader") });
  const buttons = isSigned
    ? [{ words: say("take_theirs"), value: { content: theirs }, isPrimary: true }]
    : [
        { words: say("keep_chosen"), value: () => ({ content: compose(theirs, found, chosen) }), isPrimary: true },
        { words: say("keep_mine"), value: () => ({ content: compose(theirs, found, found.map(() => true)) }) },
        { words: say("take_theirs"), value: { content: theirs } },
      ];
  return ask(say("stale_title"), [make("p", {}, note), make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("stale_title") }, table)], buttons, { className: "wide stale" });
}

/** @param {Difference} of @param {number} index @param {boolean[]} chosen */
function makeRow({ label, mine, theirs }, index, chosen) {
  const name = freshId("version");
  /** @param {unknown} value @param {boolean} isMine */
  const cell = (value, isMine) => {
    const input = make("input", { type: "radio", name, id: freshId("pick"), checked: isMine === chosen[index], on: { change: () => { chosen[index] = isMine; } } });
    return make("td", {}, make("label", {}, input, " ", make("span", {}, tell(value))));
  };
  return make("tr", {}, make("th", { scope: "row" }, label), cell(mine, true), cell(theirs, false));
}
