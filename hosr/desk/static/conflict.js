/**
 * Two people changed one draft: both versions, field by field, and a choice for each field.
 *
 * @module
 */

import { withContext } from "./context.js";
import { ask } from "./dialogs.js";
import { freshId, make } from "./dom.js";
import { exact } from "./numbers.js";
import { nameOf } from "./vocabulary.js";
import { labelled, number, say, sayOr } from "./words.js";

/** @import { Content, View } from "./api.js" */
/** @import { Changes, Point, Side } from "./record.js" */

/**
 * @typedef {{ label: string, mine: unknown, theirs: unknown, put: (content: Content) => void }} Difference
 */

/** @type {Side[]} */
const SIDES = ["right", "left"];
// What the server sets by itself is no matter of choice, nor what is told field by field.
const NOT_ASKED = ["observer", "graded_at", "schema_version", "hips", "context"];
// What was found with the lines of a hip goes with its space.
const OF_LINES = ["boundary", "candidates", "outlines"];
// An event is kept alone, or as one of each hip.
const EVENTS = ["index_event", "index_events"];
/** @type {Record<string, string>} keys of a record whose words have another name */
const WORDS = { presence: "ossification", hardware_nearby: "hardware", index_event: "event", index_events: "event", procedure: "event", date: "event_date", true_mm: "true_size", frame: "slice", sizes_mm: "mass", "<10mm": "below_1_cm", ">=10mm": "at_least_1_cm" };
// Names of persons, the same in every language.
/** @type {Record<string, string>} */
const SCALES = { brooker: "Brooker", della_valle: "Della\u00a0Valle", simplified_biplanar: "Simplified\u00a0biplanar" };
const SEMICOLON = exact(0.5).includes(",") ? "; " : ", "; // between numbers that hold commas
// Told without their names.
const PLAIN = ["length", "category", "sizes_mm", "procedure", "date", "side"];

/** @param {unknown} first @param {unknown} second */
const same = (first, second) => JSON.stringify(first ?? null) === JSON.stringify(second ?? null);

/** @param {Record<string, any>} own @param {Record<string, any>} other @param {string[]} without @returns {string[]} */
const differing = (own, other, without) =>
  [...new Set([...Object.keys(own), ...Object.keys(other)])].filter((key) => !without.includes(key) && !same(own[key], other[key]));

/**
 * Every field in which two contents differ: {label, mine, theirs, put(content)}
 * @param {Content} mine @param {Content} theirs @returns {Difference[]}
 */
export function differences(mine, theirs) {
  /** @type {[any, any]} */
  const [own, other] = [mine.record, theirs.record];
  /** @type {Difference[]} */
  const found = differing(own, other, NOT_ASKED).map((key) => ({ label: name(key), mine: own[key], theirs: other[key], put: (content) => setKey(content.record, key, own[key]) }));
  found.push(...contextDifferences(own.context ?? {}, other.context ?? {}));
  for (const side of SIDES) found.push(...hipDifferences(side, mine, theirs));
  if (!same(mine.decisions, theirs.decisions)) {
    found.push({ label: say("decisions"), mine: mine.decisions.map(tellDecision), theirs: theirs.decisions.map(tellDecision), put: (content) => { content.decisions = mine.decisions; } });
  }
  return found;
}

/** @param {Record<string, any>} own @param {Record<string, any>} other @returns {Difference[]} */
function contextDifferences(own, other) {
  const keys = differing(own, other, EVENTS);
  const events = EVENTS.filter((key) => !same(own[key], other[key]));
  const groups = [...(events.length ? [EVENTS] : []), ...keys.map((key) => [key])];
  return groups.map((group) => {
    /** @type {Changes} */
    const changes = Object.fromEntries(group.map((key) => [key, own[key] ?? null]));
    const [here, there] = [own, other].map((context) => group.map((key) => context[key]).find((value) => value !== undefined));
    return { label: name(group[0]), mine: here, theirs: there, put: (content) => { content.record = withContext(content.record, changes); } };
  });
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
  return differing(own, other, OF_LINES).map((key) => ({
    label: labelled(hip, name(key)),
    mine: own[key],
    theirs: other[key],
    put: (content) => {
      const held = content.record.hips.find((each) => each.side === side);
      for (const each of key === "gap" ? [key, ...OF_LINES] : [key]) setKey(held, each, own[each]);
    },
  }));
}

/** @param {any} object @param {string} key @param {unknown} value */
function setKey(object, key, value) {
  if (value === undefined) delete object[key];
  else object[key] = value;
}

/** @param {string} key */
const name = (key) => sayOr(WORDS[key] ?? key, key.replaceAll("_", " "));

/**
 * A grade that was chosen, or a line of a model that was taken over.
 * @param {string} decision
 */
function tellDecision(decision) {
  const [, side = "", what = decision, value = ""] = /^(\w+):([^=]+)=(.*)$/.exec(decision) ?? [];
  const [key, index] = what.split(".");
  const line = key === "island" ? say("island_number", { number: Number(index) + 1 }) : name(key);
  const scale = SCALES[key] ?? key;
  return labelled(sayOr(`${side}_hip`, side), value === "accepted" ? labelled(line, say("accepted")) : `${scale} ${value}`);
}

/**
 * A value as a person reads it: a line by its ends, words by their names.
 * @param {any} value @returns {string}
 */
export function tell(value) {
  if (value === undefined || value === null) return say("not_stated");
  if (value === true || value === false) return say(value ? "yes" : "no");
  if (typeof value === "number") return exact(value);
  if (typeof value === "string") return nameOf(value) || sayOr(WORDS[value] ?? value, value);
  if (Array.isArray(value)) return value.length ? value.map(tell).join("; ") : say("none");
  const { points, points_mm: ends, true_mm: known, ...rest } = value;
  const line = (points ?? ends)?.map((/** @type {Point} */ at) => `(${at.map((each) => number(each)).join(SEMICOLON)})`).join(" – ");
  return [line, known ? `${exact(known)}\u00a0mm` : "", tellEach(rest)].filter(Boolean).join(", ");
}

/**
 * Every part of a value: two lines with the same ends may lie on two images.
 * @param {Record<string, unknown>} value @returns {string}
 */
function tellEach(value) {
  const words = (/** @type {[string, unknown]} */ [key, each]) => {
    if (key === "mm") return `${exact(each)}\u00a0mm`;
    if (key === "uncertainty_mm") return `±\u00a0${exact(each)}\u00a0mm`;
    return PLAIN.includes(key) ? tell(each) : labelled(name(key), tell(each));
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
 * The content that a person chose out of both; null where they put it off. `before` is what both began with:
 * a field that the other one left as it was is mine until another is chosen.
 * @param {Content} mine @param {View} current @param {Content} before
 */
export function askWhich(mine, current, before) {
  const theirs = { record: current.record, decisions: current.decisions };
  const found = differences(mine, theirs);
  const changed = new Set(differences(before, theirs).map(({ label }) => label));
  const chosen = found.map(({ label }) => changed.size > 0 && !changed.has(label)); // none: what both began with is not known
  const rows = found.map((each, index) => makeRow(each, index, chosen));
  const head = make("tr", {}, ["field", "your_version", "their_version"].map((key) => make("th", { scope: "col" }, say(key))));
  const table = make("table", { class: "versions" }, make("thead", {}, head), make("tbody", {}, rows));
  const isSigned = current.draft.status === "signed";
  const note = isSigned ? say("stale_signed") : say("stale_note", { name: current.draft.changed_by || say("another_reader") });
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
