/**
 * The worklist: drafts by urgency, each with the reason in words, its grades and where it stands.
 *
 * @module
 */

import { make, mark as put, show } from "./dom.js";
import { say, sayOr } from "./words.js";

/** @import { Listed } from "./api.js" */

/** @type {Record<string, string[]>} */
const GROUPS = { open: ["waiting", "opened"], held: ["held"], signed: ["signed"], all: ["waiting", "opened", "held", "signed"] };
// Rows made at once: those that a screen shows, and a few more; the rest follow as they are reached.
const FIRST_ROWS = 60;

/** The link of a row. @param {HTMLElement | undefined} row */
const rowOf = (row) => /** @type {HTMLElement | null | undefined} */ (row?.firstElementChild);

/** The list; `open(id)` is called for the draft that is chosen. */
export class Worklist {
  /** @type {HTMLInputElement} */ search;
  /** @type {HTMLSelectElement} */ filter;
  /** @type {HTMLElement} */ rowsElement;
  /** @type {HTMLElement} */ count;
  /** @type {HTMLButtonElement} */ more;
  /** @type {number} */ shownRows = FIRST_ROWS;

  /** @param {HTMLElement} element @param {(id: string) => void} open */
  constructor(element, open) {
    this.open = open;
    /** @type {Listed[]} */
    this.drafts = [];
    this.current = "";
    this.reader = "";
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    this.group = "open";
    this.build(element);
  }

  /** @param {HTMLElement} element */
  build(element) {
    this.search = make("input", { type: "search", id: "search", placeholder: say("find_patient"), "aria-label": say("find_patient"), autocomplete: "off", on: { input: () => this.list() } });
    this.filter = make("select", { "aria-label": say("status"), on: { change: () => { this.group = this.filter.value; this.list(); } } }, Object.keys(GROUPS).map((key) => make("option", { value: key }, say(`group_${key}`))));
    this.rowsElement = make("ol", { class: "rows", "aria-label": say("worklist") });
    this.count = make("p", { class: "count", role: "status" });
    this.more = make("button", { type: "button", class: "more", hidden: true, on: { click: () => this.list(this.wanted.length) } });
    element.append(make("div", { class: "filters" }, this.search, this.filter), this.count, this.rowsElement, this.more);
  }

  /** @param {Listed[]} drafts @param {string} reader who needs not be told what they have in hand */
  set(drafts, reader) {
    this.drafts = drafts;
    this.reader = reader;
    this.list(this.shownRows);
  }

  /** What is listed now: of the group that is chosen and with the words that are searched. */
  get wanted() {
    const words = this.search.value.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    return this.drafts.filter((draft) => {
      if (!GROUPS[this.group].includes(draft.status) && draft.id !== this.current) return false;
      const text = `${draft.patient_name} ${draft.patient_id}`.toLocaleLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  list(most = FIRST_ROWS) {
    const { wanted } = this;
    this.shownRows = most;
    const shown = wanted.slice(0, most);
    const focused = this.rowsElement.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.draft : "";
    this.rows = new Map(shown.map((draft) => [draft.id, this.makeRow(draft)]));
    this.rowsElement.replaceChildren(...this.rows.values());
    if (focused) rowOf(this.rows.get(focused))?.focus({ preventScroll: true });
    show(this.count, shown.length ? say("drafts_count", { count: wanted.length }) : say("no_drafts"));
    this.more.hidden = wanted.length <= shown.length;
    show(this.more, say("more_rows", { count: wanted.length - shown.length }));
  }

  /** @param {Listed} draft */
  makeRow(draft) {
    const reasons = draft.reasons.map((key) => sayOr(`reason_${key}`, key));
    const grades = draft.hips.map((hip) => `${say(`short_${hip.side}`)} ${hip.brooker || "–"} / ${hip.della_valle || "–"}`);
    const by = draft.status === "opened" && draft.opened_by !== this.reader ? draft.opened_by : "";
    const status = draft.ended ? sayOr(`ended_${draft.ended}`, draft.ended) : sayOr(`status_${draft.status}`, draft.status);
    const facts = [draft.study_day, draft.view ? sayOr(`view_${draft.view}`, draft.view) : ""].filter(Boolean);
    return make(
      "li",
      {},
      make(
        "a",
        { href: `#${encodeURIComponent(draft.id)}`, class: "row", "data-draft": draft.id, "data-status": draft.status, "data-urgency": draft.urgency >= 5 ? 3 : draft.urgency ? 2 : 0, "aria-current": draft.id === this.current ? "true" : null },
        make("span", { class: "who" }, make("bdi", { class: "name" }, draft.patient_name || say("no_name")), make("bdi", { class: "id" }, draft.patient_id)),
        make("span", { class: "what" }, facts.join(" · ")),
        make("span", { class: "graded" }, grades.map((each) => make("span", {}, each)), draft.is_algorithm ? make("span", { class: "model", title: draft.made_by }, say("by_model")) : null),
        reasons.length ? make("span", { class: "why" }, reasons.join(", ")) : null,
        make("span", { class: "chip" }, [status, by, draft.sent && sayOr(`sent_${draft.sent}`, draft.sent)].filter(Boolean).join(" · ")),
      ),
    );
  }

  /**
   * Which draft is open now.
   * @param {string} id
   */
  setCurrent(id) {
    this.current = id;
    for (const [each, row] of this.rows) put(rowOf(row) ?? row, "aria-current", each === id ? "true" : null);
    rowOf(this.rows.get(id))?.scrollIntoView({ block: "nearest" });
  }

  /**
   * The draft so many rows further on; "" at the end.
   * @param {number} far
   */
  beside(far) {
    const ids = this.wanted.map((draft) => draft.id);
    const index = ids.indexOf(this.current);
    return ids[index < 0 ? 0 : index + far] ?? "";
  }
}
