/**
 * The draft in hand: its record as it is edited, undone, graded live and saved.
 *
 * One request for saving is on its way at most; the latest record wins.
 * Nothing counts as saved before the server said so, and what it did not get is kept and sent again.
 *
 * @module
 */

import { Locked, Stale, Unreachable, send } from "./api.js";
import { Comparison } from "./comparison.js";
import { Grader } from "./grader.js";
import { isKept } from "./record.js";
import { Undo } from "./undo.js";

/** @import { Content, Report, View } from "./api.js" */
/** @import { DraftRecord } from "./record.js" */

const QUIET_MS = 300; // from the last change to saving it
const LONGEST_WAIT_MS = 8000;

/** @param {unknown} first @param {unknown} second */
const same = (first, second) => JSON.stringify(first) === JSON.stringify(second);

/**
 * What of a view a person edits.
 * @param {View} view @returns {Content}
 */
const contentOf = (view) => ({ record: view.record, decisions: view.decisions });

/** One draft that is open; `told` is called with what happened whenever something did. */
export class Session {
  /** @type {View} */ view;
  /** @type {string} */ etag;
  /** @type {Content} */ content;
  /** @type {Content} */ saved;
  /** @type {string} */ state;
  /** @type {Content[]} what was sent since, and never answered */ cut;

  /** @param {View} view @param {(what: string) => void} told */
  constructor(view, told) {
    this.told = told;
    this.steps = new Undo();
    this.grader = new Grader(this);
    /** @type {any} */
    this.failure = null;
    this.isClosed = false;
    this.isAmending = false;
    this.doing = ""; // the step that is being taken
    this.wait = 0;
    this.comparison = new Comparison(view);
    this.adopt(view);
  }

  /**
   * What the server says the draft is now; the steps of undo are kept.
   * @param {View} view
   */
  adopt(view) {
    this.cut = [];
    this.view = view;
    this.etag = view.draft.etag;
    this.content = contentOf(view);
    this.saved = this.content;
    this.takeReport(view.report, this.content);
    this.state = "saved";
  }

  get id() {
    return this.view.draft.id;
  }

  get path() {
    return `/drafts/${encodeURIComponent(this.id)}`;
  }

  get record() {
    return this.content.record;
  }

  get decisions() {
    return this.content.decisions;
  }

  /** Whether it may be edited here and now. */
  get mayEdit() {
    return !this.doing && (this.isAmending || Boolean(this.view.may_edit));
  }

  /** Whether what is on the screen is what the server holds. */
  get isSaved() {
    return same(this.content, this.saved);
  }

  /** The last report that came. */
  get report() {
    return this.grader.report;
  }

  /** Whether the report on the screen is of the record on the screen. */
  get isGraded() {
    return same(this.content, this.grader.graded);
  }

  /** Whether lengths are no longer shown, for the lines have left them. */
  get isLate() {
    return this.grader.isLate;
  }

  /**
   * Another record or other decisions; changes of one `gesture` are undone together.
   * @param {Partial<Content>} content
   */
  change(content, gesture = "") {
    if (!this.mayEdit || this.isClosed) return;
    const next = { ...this.content, ...content };
    if (same(next, this.content)) return;
    this.steps.keep(this.content, gesture);
    this.put(next);
  }

  undo() {
    this.go(this.mayEdit && this.steps.back(this.content));
  }

  redo() {
    this.go(this.mayEdit && this.steps.forth(this.content));
  }

  /** @param {Content | undefined | false} content */
  go(content) {
    if (content) this.put(content);
  }

  /** @param {Content} content */
  put(content) {
    this.content = content;
    this.grader.expect();
    this.told("changed");
    this.grader.ask();
    if (this.state === "stale") this.told("stale"); // what was put off has to be chosen before it is saved
    this.plan(QUIET_MS);
  }

  /** @param {Report} report @param {Content} content */
  takeReport(report, content) {
    this.comparison.take(report);
    this.grader.take(report, content);
  }

  /** @param {number} milliseconds */
  plan(milliseconds) {
    if (this.isAmending) {
      this.enter("amending");
      return;
    }
    clearTimeout(this.timer);
    if (this.state !== "stale") this.enter(this.state === "unreachable" ? "unreachable" : "pending");
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  /** @param {string} state @param {any} [failure] */
  enter(state, failure = null) {
    this.state = state;
    this.failure = failure;
    this.told("state");
  }

  /** The record sent to the server; true where it holds it now. @returns {Promise<boolean>} */
  async save() {
    clearTimeout(this.timer);
    if (this.saving) {
      await this.saving;
      return this.isSaved || this.save();
    }
    if (this.isClosed || this.state === "stale" || this.isAmending) return false;
    if (this.isSaved) {
      this.enter("saved");
      return true;
    }
    this.saving = this.sendRecord();
    const done = await this.saving;
    this.saving = null;
    if (done && !this.isSaved) this.plan(QUIET_MS);
    return done && this.isSaved;
  }

  async sendRecord() {
    const sent = this.content;
    if (this.state !== "unreachable") this.enter("saving");
    try {
      const view = await send("PUT", this.path, sent, this.etag);
      this.takeSaved(view, sent);
      return true;
    } catch (error) {
      // What was saved without our hearing of it comes back as somebody's change, and is ours.
      const kept = error instanceof Stale && this.findKept(error.current);
      if (kept) {
        this.takeSaved(error.current, kept);
        return true;
      }
      this.takeFailure(error, sent);
      return false;
    }
  }

  /**
   * Which of what was never answered is what the server holds now, if any.
   * @param {View} current
   */
  findKept(current) {
    const before = [this.saved.record, this.view.original];
    return this.cut.find((each) => isKept(contentOf(current), each, before));
  }

  /** @param {View} view @param {Content} sent */
  takeSaved(view, sent) {
    this.view = view;
    this.comparison.take(view.report);
    this.etag = view.draft.etag;
    this.saved = sent;
    this.wait = 0;
    this.cut = [];
    // The server says by whom the findings are now; a record that went on meanwhile is told so later.
    if (this.content === sent) {
      this.content = contentOf(view);
      this.saved = this.content;
      this.grader.take(view.report, this.content);
      this.told("adopted");
    }
    this.enter(this.isSaved ? "saved" : "pending");
    this.told("graded");
  }

  /** @param {unknown} error @param {Content} sent */
  takeFailure(error, sent) {
    if (error instanceof Locked) this.told("locked");
    else if (error instanceof Stale) {
      this.enter("stale", error);
      this.told("stale");
    } else if (error instanceof Unreachable) {
      if (!this.cut.includes(sent)) this.cut.push(sent);
      this.wait = Math.min(LONGEST_WAIT_MS, 2 * (this.wait || 500));
      this.enter("unreachable", error);
      this.timer = setTimeout(() => this.save(), this.wait);
    } else this.enter("refused", error);
  }

  /**
   * After a conflict: the content chosen, to be saved over the version that was shown.
   * @param {View} current @param {Content} content
   */
  settle(current, content) {
    const mine = this.content;
    this.adopt(current);
    this.steps.keep(mine);
    if (!same(content, this.content)) this.put(content);
    else this.enter("saved");
    this.told("changed");
    this.told("graded");
  }

  /**
   * A step of the draft's life; the view after it. Refusals are thrown.
   * @param {string} name @param {object} body
   */
  async act(name, body) {
    this.doing = name;
    this.enter(`doing_${name}`);
    try {
      const view = await send("POST", `${this.path}/${name}`, body, this.etag);
      this.doing = "";
      this.isAmending = false;
      this.comparison = new Comparison(view);
      this.adopt(view);
      this.tellAll();
      return view;
    } catch (error) {
      this.doing = "";
      this.enter(this.isAmending ? "amending" : "saved");
      if (error instanceof Locked) this.told("locked");
      if (error instanceof Stale) this.takeStale(error);
      throw error;
    }
  }

  /**
   * Another version than was seen: somebody changed it, or it is compared anew and nothing else.
   * @param {Stale} error
   */
  takeStale(error) {
    const { current } = error;
    if (current.draft.etag !== this.etag) {
      this.enter("stale", error);
      this.told("stale");
      return;
    }
    if (this.isAmending) this.grader.ask();
    else this.adopt(current);
    this.tellAll();
  }

  tellAll() {
    for (const what of ["changed", "graded", "state"]) this.told(what);
  }

  /** Editing a signed draft: nothing is kept until the new version is signed, with its reason. */
  amend() {
    this.isAmending = true;
    this.enter("amending");
    this.told("changed");
  }

  /** Back to what was signed. */
  dropAmendment() {
    this.isAmending = false;
    this.steps = new Undo();
    this.adopt(this.view);
    this.tellAll();
  }

  /** Whether leaving it would lose something. */
  get holdsUnsaved() {
    return !this.isSaved && this.mayEdit;
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.grader.close();
  }
}
