/**
 * What the desk asks a person about before it goes on: signing, a reason, the keys.
 *
 * @module
 */

import { button, freshId, make } from "./dom.js";
import { KEYS, TOLD } from "./keys.js";
import { labelled, say } from "./words.js";

/** @import { FaultFacts, GradedScale, Reader, Wrote } from "./api.js" */
/** @import { Child } from "./dom.js" */
/** @import { Session } from "./session.js" */

/**
 * @typedef {{ words: string, value: unknown, isPrimary?: boolean, check?: () => boolean }} Answer
 */

/**
 * A dialog with a title and buttons; resolves to the value of the button, null where it is left.
 * @param {string} title @param {Child[]} content @param {Answer[]} buttons @returns {Promise<any>}
 */
export function ask(title, content, buttons, { className = "" } = {}) {
  const id = freshId("dialog");
  return new Promise((resolve) => {
    /** @param {unknown} value */
    const end = (value) => {
      resolve(value);
      dialog.close();
      dialog.remove();
    };
    const made = buttons.map(({ words, value, isPrimary, check }) =>
      button(words, () => (check && !check() ? undefined : end(typeof value === "function" ? value() : value)), { class: isPrimary ? "primary" : null, autofocus: isPrimary }),
    );
    const dialog = make(
      "dialog",
      { class: className, "aria-labelledby": id, on: { cancel: (event) => { event.preventDefault(); end(null); } } },
      make("h2", { id }, title),
      ...content,
      make("div", { class: "steps" }, made),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Every dialog left, as by Escape: what it asks about is in hand no more. */
export function leaveDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) dialog.dispatchEvent(new Event("cancel"));
}

/** Whether what is signed is another grade than the one that somebody else had given. @param {GradedScale} scale */
const isAgainst = (scale) => scale.former && scale.former.grade !== scale.grade;

/**
 * What others wrote of what was found, as it stands in the record and is signed with it.
 * @param {Session} of
 */
function standingWords({ view, record }) {
  /** @param {Wrote} of @returns {string} */
  const fieldOf = ({ side, key }) => /** @type {any} */ (side ? record.hips.find((hip) => hip.side === side) : record)?.[key] ?? "";
  return (view.words ?? []).filter((each) => fieldOf(each).includes(each.text));
}

/**
 * What is signed: whose report, the grades, and what of it others wrote.
 * @param {Session} session @param {Reader} reader @returns {HTMLElement[]}
 */
function tellSigned(session, reader) {
  const rows = (session.report?.hips ?? []).map((hip) => [
    make("dt", {}, say(`${hip.side}_hip`)),
    make("dd", {}, hip.scales.map((scale) => `${scale.title} ${scale.grade ?? scale.label ?? "–"}`).join(", ")),
    ...hip.scales.filter(isAgainst).map((scale) => make("dd", { class: "former" }, labelled(say("graded_by", { name: scale.former?.by }), `${scale.title} ${scale.former?.grade}`))),
  ]);
  const { patient = {}, study = {} } = session.view;
  return [
    make("p", { class: "subject" }, make("bdi", {}, patient.name ?? ""), " · ", make("bdi", {}, patient.id ?? ""), " · ", study.date ?? ""),
    make("dl", { class: "signed-grades" }, rows),
    make("p", {}, say("sign_statement", { name: reader.display })),
    ...standingWords(session).map(({ by, text }) => make("p", { class: "former" }, say("with_words_of", { name: by || say("unnamed") }), " ", make("q", {}, text))),
  ];
}

/**
 * Whether to sign, with the grades that are signed and the name under them.
 * @param {Session} session @param {Reader} reader
 */
export function askToSign(session, reader) {
  const buttons = [{ words: say("sign_as", { name: reader.display }), value: true, isPrimary: true }, { words: say("cancel"), value: null }];
  return ask(say("sign_title"), tellSigned(session, reader), buttons);
}

/**
 * Why a signed report is replaced, with what is signed in its place; null where it was left without a reason.
 * @param {Session} session @param {Reader} reader @param {string} note what is replaced
 */
export function askToAmend(session, reader, note = say("amend_note")) {
  return askReason(say("amend"), note, say("sign_amendment"), tellSigned(session, reader));
}

/**
 * A reason in words; null where it was left without one.
 * @param {string} title @param {string} explanation @param {string} words @param {HTMLElement[]} before @returns {Promise<string | null>}
 */
export function askReason(title, explanation, words, before = []) {
  const id = freshId("reason");
  const input = make("textarea", { id, rows: "3", autofocus: true, required: true });
  const told = make("p", { class: "fault", id: `${id}-fault`, hidden: true }, say("reason_missing"));
  const check = () => {
    const isThere = input.value.trim() !== "";
    told.hidden = isThere;
    if (!isThere) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", told.id);
      input.focus();
    }
    return isThere;
  };
  const content = [...before, make("p", {}, explanation), make("label", { for: id }, say("reason")), input, told];
  const buttons = [
    { words, value: () => input.value.trim(), isPrimary: true, check },
    { words: say("cancel"), value: null },
  ];
  const answer = ask(title, content, buttons);
  input.focus();
  return answer;
}

/**
 * Something went wrong, in the server's own words.
 * @param {any} error
 */
export function tellFailure(error) {
  const faults = (error.faults ?? []).map((/** @type {FaultFacts} */ fault) => make("li", {}, labelled(fault.place || fault.path, fault.problem, fault.remedy)));
  const isAll = error.code === "refused" && faults.length > 0; // else the faults are those of what is told above
  /** @type {HTMLElement[]} */
  const content = isAll ? [] : [error.message, error.remedy].filter(Boolean).map((words) => make("p", {}, words));
  if (faults.length) content.push(make("ul", {}, faults));
  return ask(say("refused_title"), content, [{ words: say("close"), value: null, isPrimary: true }]);
}

/** The table of keys. */
export function showKeys() {
  /** @param {(string | null)[]} of */
  const row = ([key, words]) =>
    make("tr", {}, make("th", { scope: "row" }, key === null ? say("pointer") : key.split(" ").flatMap((each) => [make("kbd", {}, each), " "])), make("td", {}, say(words ?? "")));
  /** @param {(string | null)[][]} rows */
  const table = (rows) => make("table", {}, make("tbody", {}, rows.map(row)));
  return ask(
    say("keys_title"),
    [make("p", {}, say("keys_note")), make("div", { class: "key-tables" }, table(KEYS.slice(0, 15)), table(KEYS.slice(15)), table(TOLD))],
    [{ words: say("close"), value: null, isPrimary: true }],
    { className: "wide" },
  );
}
