/**
 * Whether a draft is compared with another report than its reader has seen: one was signed meanwhile.
 *
 * @module
 */

/** @import { Compared, Report, View } from "./api.js" */

/** What the hips of a draft are compared with, as long as it is open. */
export class Comparison {
  /** @param {View} view */
  constructor({ draft, report }) {
    const signed = Object.values(report.compared ?? {}).map((each) => Date.parse(each?.signed_at ?? ""));
    /** Whether it is another than was seen, here or when the draft was changed last. */
    this.isNew = draft.status !== "signed" && signed.some((at) => at > Date.parse(draft.changed_at));
    /** @type {Compared} */
    this.seen = {};
    this.take(report);
  }

  /**
   * What it is compared with by a report that has come; a hip that was not there before is no news.
   * @param {Report | null} report
   */
  take(report) {
    const known = report?.compared ?? {};
    for (const [side, now] of Object.entries(known)) {
      const seen = this.seen[/** @type {keyof Compared} */ (side)];
      if (seen !== undefined && seen?.document !== now?.document) this.isNew = true;
    }
    this.seen = { ...this.seen, ...known };
  }
}
