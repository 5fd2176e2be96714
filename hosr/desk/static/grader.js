/**
 * The report of what is on the screen, asked for anew as that changes.
 *
 * One request is on its way at most, and the latest content wins.
 *
 * @module
 */

import { Locked, Unreachable, send } from "./api.js";

/** @import { Content, Report } from "./api.js" */
/** @import { Session } from "./session.js" */

const RETRY_MS = 1500; // until a report is asked for again that did not come
const LATE_MS = 400; // from a change until lengths are no longer shown beside a line that left them

/** Asks for the reports of one session. */
export class Grader {
  /** @type {Report | null} */ report = null;
  /** @type {Content | null} what the report is of */ graded = null;

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.isAsking = false;
    /** Whether what is on the screen has left the report for too long. */
    this.isLate = false;
    /** @type {number | undefined} */
    this.lateTimer = undefined;
  }

  /**
   * A report that is there, and what it is of.
   * @param {Report} report @param {Content} content
   */
  take(report, content) {
    this.report = report;
    this.graded = content;
    this.isLate = false;
    clearTimeout(this.lateTimer);
    this.lateTimer = undefined;
    if (this.session.content !== content) this.expect();
  }

  /** What is on the screen is another now: the next report is not to come too late. */
  expect() {
    this.lateTimer ??= setTimeout(() => this.fallLate(), LATE_MS);
  }

  /** No length is shown until the next report. */
  fallLate() {
    this.lateTimer = undefined;
    this.isLate = !this.session.isGraded;
    if (this.isLate) this.session.told("graded");
  }

  /** The report of the content as it is now, unless one is being asked for already. */
  async ask() {
    const { session } = this;
    if (this.isAsking || session.isClosed) return;
    this.isAsking = true;
    const asked = session.content;
    try {
      const answer = await send("POST", `${session.path}/grade`, asked);
      if (session.isClosed) return;
      session.takeReport(answer.report, asked);
      session.told("graded");
    } catch (error) {
      if (error instanceof Locked) session.told("locked");
      else if (error instanceof Unreachable) this.askLater();
      else session.told("graded"); // refused: it stays without a grade, and so without a signature
      return;
    } finally {
      this.isAsking = false;
    }
    if (session.content !== asked) this.ask();
  }

  askLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.session.isGraded || this.ask(), RETRY_MS);
    this.session.told("graded");
  }

  close() {
    clearTimeout(this.timer);
    clearTimeout(this.lateTimer);
  }
}
