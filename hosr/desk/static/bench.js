/**
 * One draft at work: image, form and report of a session, and what keys and buttons do to them.
 *
 * @module
 */

import { Locked, Refused, Unreachable } from "./api.js";
import { Beside } from "./beside.js";
import { askWhich } from "./conflict.js";
import { askReason, askToAmend, askToSign, leaveDialogs, showKeys, tellFailure } from "./dialogs.js";
import { byId, mark as put, show } from "./dom.js";
import { Editing } from "./editing.js";
import { Form } from "./form.js";
import { actOf, pressArrow } from "./keys.js";
import { marksOf, originalMarks } from "./marking.js";
import { keyPlaceOf } from "./record.js";
import { ReportPanel } from "./report.js";
import { Viewer } from "./viewer.js";
import { say } from "./words.js";

/** @import { GradeChoice, ImageFacts, Images, Listed, Prior, Reader, View } from "./api.js" */
/** @import { FormActs } from "./form.js" */
/** @import { Frames } from "./pixels.js" */
/** @import { ReportActs } from "./report.js" */
/** @import { Session } from "./session.js" */
/** @import { ViewerEvents } from "./viewer.js" */

/**
 * @typedef {object} DeskActs what the desk does for a bench
 * @property {Reader} reader
 * @property {(far: number) => void} go
 * @property {() => void} lock
 * @property {(words: string) => void} tell
 * @property {() => void} refresh
 */

/** @param {string} [which] @returns {NodeListOf<HTMLButtonElement>} */
const toolButtons = (which = "") => byId("tools").querySelectorAll(`button${which}`);

/** The workbench; `desk` knows the reader, the next drafts and the lock. */
export class Bench {
  /** @type {Session} the draft in hand; none before the first one is open, when nothing else can be done */
  session;

  /** @param {DeskActs} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {ImageFacts[]} */
    this.images = [];
    this.isSettling = false;
    this.isAsking = false;
    this.showsOriginal = false;
    this.editing = new Editing(this);
    const own = this.viewerEvents();
    this.viewer = new Viewer("now", say("image"), own);
    this.beside = new Beside(this.viewer, own);
    byId("stage").append(this.viewer.pane, this.beside.pane);
    this.form = new Form(byId("form"), this.formActs());
    this.report = new ReportPanel(
      { grades: byId("grades"), text: byId("text"), signing: byId("signing"), output: byId("spoken") },
      this.reportActs(),
    );
    for (const each of toolButtons()) {
      each.addEventListener("click", () => this.act(each.dataset.act ?? ""));
    }
  }

  /** @returns {ViewerEvents} */
  viewerEvents() {
    return {
      moved: (mark, points, gesture) => this.editing.move(mark, points, gesture),
      rested: (mark, end) => this.editing.rest(mark, end),
      accepted: (mark) => this.editing.acceptThese([mark]),
      removed: (mark) => this.editing.remove(mark),
      chosen: ({ index }) => index !== undefined && index !== this.form.chosen && this.form.choose(index),
      drawn: (drawing, ratio) => this.editing.finishDrawing(drawing, ratio),
      lifted: (mark, end, space) => this.editing.lift(mark, end, space),
      carrying: () => this.session && this.showTools(),
      viewed: (viewer) => this.beside.align(viewer),
      placed: () => this.editing.offerEdge(null),
      failed: (error, viewer) => this.failImage(error, viewer),
      key: (event) => this.press(event),
    };
  }

  /** @returns {FormActs} */
  formActs() {
    return {
      chosen: () => this.showReport(),
      draw: (tool, path) => this.editing.beginDrawing(tool, path),
      find: (path) => this.find(path),
      findOther: (path) => this.find(path, 1),
      isAcross: (path) => this.editing.isAcross(path),
      accept: (index, path) => this.editing.accept(index, path),
      restore: (index, path) => this.editing.restore(index, path),
      mayRestore: (index, path) => this.editing.mayRestore(index, path),
      fix: (fix) => this.session.change({ record: fix.record ?? this.session.record, decisions: fix.decisions ?? this.session.decisions }),
    };
  }

  /** @returns {ReportActs} */
  reportActs() {
    return {
      reader: () => this.desk.reader,
      fix: (fix) => this.session.change({ record: fix.record ?? this.session.record }),
      decide: (choice, choices) => this.decide(choice, choices),
      sign: () => this.sign(),
      showFault: () => this.form.focusFault(),
      hold: () => this.hold(),
      release: () => this.step("release", {}),
      amend: () => this.session.amend(),
      drop: () => this.session.dropAmendment(),
    };
  }

  /**
   * Another draft, with its images; the line of the first hip that has one is shown, as it comes.
   * @param {Session} session @param {Images} images @param {Frames} frames
   */
  open(session, images, frames) {
    // What is held or asked of the draft before is nothing of this one, whose lines have the same names.
    this.viewer.marks.ends.drop();
    leaveDialogs();
    this.session = session;
    this.images = images.images;
    this.showsOriginal = false;
    this.viewer.setDrawing(null);
    this.form.open(session);
    this.report.side = session.record.hips[0].side;
    this.report.open(session);
    this.beside.clear();
    const coming = this.viewer.setImages(this.images, frames, this.marks, session.record.hips.map((hip) => keyPlaceOf(hip, this.only)));
    this.update("changed");
    return coming;
  }

  /**
   * The earlier studies of the draft, which have come.
   * @param {Prior[]} priors @param {Frames} frames
   */
  takePriors(priors, frames) {
    this.beside.take(priors, frames);
    this.showTools();
  }

  /** Nothing of any draft is in hand any more. */
  close() {
    this.session = /** @type {any} */ (null);
  }

  get only() {
    return this.images.length === 1 ? this.images[0].uid : undefined;
  }

  get marks() {
    const own = marksOf(this.session, this.only);
    return this.showsOriginal ? [...originalMarks(this.session, this.only), ...own] : own;
  }

  /**
   * What a session tells: its content, its report or its state is another now.
   * @param {string} what
   */
  update(what) {
    if (what === "changed" || what === "graded" || what === "adopted") {
      this.viewer.setMarks(this.marks);
      this.form.update();
      this.showReport();
    }
    if (what === "changed") this.editing.offerEdge(null);
    if (what === "state") this.report.update();
    this.showTools();
  }

  /** How far what was signed is on its way, as the worklist has it. @param {Listed[]} drafts */
  hearSent(drafts) {
    const row = this.session && drafts.find((each) => each.id === this.session.id);
    if (!row) return;
    this.session.view.draft.sent = row.sent;
    this.report.updateSigning();
  }

  showReport() {
    if (this.session) this.report.update(this.session.record.hips[this.form.chosen].side);
  }

  showTools() {
    const { session, viewer } = this;
    /** @type {Record<string, boolean>} */
    const states = { drawGap: viewer.drawing?.tool === "gap", drawIsland: viewer.drawing?.tool === "island", drawCircle: viewer.drawing?.tool === "circle", drawLine: viewer.drawing?.tool === "line", toggleOriginal: this.showsOriginal, togglePrior: !this.beside.pane.hidden, invert: viewer.canvas.isTurned };
    /** @type {Record<string, boolean>} */
    const blocked = { togglePrior: !this.beside.isThere, undo: !session.steps.past.length || !session.mayEdit, redo: !session.steps.future.length || !session.mayEdit, takeEdge: !this.editing.edge };
    for (const each of toolButtons()) {
      const { act = "" } = each.dataset;
      if (act in states) put(each, "aria-pressed", states[act] ? "true" : "false");
      if (act in blocked) put(each, "disabled", blocked[act] ? "" : null);
      if (act.startsWith("draw")) put(each, "disabled", session.mayEdit ? null : "");
    }
    show(byId("hint"), this.hint());
  }

  hint() {
    const { drawing } = this.viewer;
    if (drawing) return say(`hint_${drawing.tool}`, { hip: say(`${this.session.record.hips[drawing.hip].side}_hip`) });
    if (this.viewer.marks.ends.carried) return say("hint_carried");
    return this.editing.edge ? say("hint_edge") : "";
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.target instanceof Element && event.target.closest("select, input, button")) return;
    const pane = [this.viewer, this.beside.viewer].find((each) => each.view === event.currentTarget);
    if (!pane) return;
    const act = event.target === event.currentTarget && pressArrow(event, pane) ? "done" : actOf(event);
    if (!act) return;
    event.preventDefault();
    if (act !== "done") this.act(act, pane);
  }

  /**
   * What a key or a button of the toolbar stands for; a key turns the slices of the film that it is pressed over.
   * @param {string} name
   */
  act(name, pane = this.viewer) {
    const { session } = this;
    const { canvas } = pane;
    /** @param {number} width @param {number} center */
    const window = (width, center) => {
      const begun = canvas.shownWindow;
      if (begun) canvas.drag(begun, width, center);
    };
    /** @type {Record<string, () => unknown>} */
    const acts = {
      next: () => this.desk.go(1),
      previous: () => this.desk.go(-1),
      otherHip: () => this.form.choose(1 - this.form.chosen),
      drawGap: () => this.editing.toggleTool("gap"),
      drawIsland: () => this.editing.toggleTool("island"),
      drawCircle: () => this.editing.toggleTool("circle"),
      drawLine: () => this.editing.toggleTool("line"),
      goBridging: () => this.form.fields.bridging.controls.find((each) => each.checked)?.focus(),
      goMark: () => this.goMark(),
      goOtherEnd: () => this.editing.goOtherEnd(),
      acceptAll: () => this.editing.acceptAll(this.form.chosen),
      takeEdge: () => this.editing.takeEdge(),
      toggleOriginal: () => this.toggleOriginal(),
      togglePrior: () => this.beside.toggle(),
      invert: () => canvas.turn(),
      fit: () => canvas.fit(),
      reset: () => canvas.reset(),
      zoomIn: () => canvas.zoom(1.25),
      zoomOut: () => canvas.zoom(0.8),
      narrow: () => window(-40, 0),
      widen: () => window(40, 0),
      darker: () => window(0, 20),
      brighter: () => window(0, -20),
      undo: () => session.undo(),
      redo: () => session.redo(),
      sliceBack: () => pane.step(-1),
      sliceOn: () => pane.step(1),
      enter: () => this.enter(),
      escape: () => this.escape(),
      help: () => showKeys(),
    };
    acts[name]?.();
    this.showTools();
  }

  enter() {
    if (!this.viewer.drawing) this.sign();
    else if (this.viewer.cursor) this.viewer.addPoint(this.viewer.cursor);
    else this.viewer.moveCursor([0, 0]);
  }

  escape() {
    this.editing.offerEdge(null);
    this.viewer.setDrawing(null);
    this.viewer.marks.ends.carry(null);
  }

  /**
   * The frame on which an end of a line lies, and that end.
   * @param {string} path @param {number} [end]
   */
  find(path, end = 0) {
    const side = this.session.record.hips[this.form.chosen].side;
    const mark = marksOf(this.session, this.only).find((each) => each.key === `${side}.${path}`);
    const index = mark ? this.viewer.locate(mark, end) : -1;
    if (!mark || index < 0) return;
    const focus = () => this.viewer.marks.focus(mark.key, end);
    if (index === this.viewer.index) focus();
    else this.viewer.goTo(index).then(focus);
  }

  goMark() {
    const shown = this.marks.filter((each) => each.index === this.form.chosen && each.look !== "original");
    const index = this.viewer.indexOf(keyPlaceOf(this.form.hip, this.only));
    if (shown.length) this.find(shown[0].path);
    else if (index >= 0) this.viewer.goTo(index);
  }

  toggleOriginal() {
    this.showsOriginal = !this.showsOriginal;
    this.viewer.setMarks(this.marks);
  }

  /** @param {GradeChoice} choice @param {GradeChoice[]} choices */
  decide(choice, choices) {
    const others = choices.map((each) => each.decision);
    const kept = this.session.decisions.filter((each) => !others.includes(each));
    const isChosen = this.session.decisions.includes(choice.decision);
    this.session.change({ decisions: isChosen ? kept : [...kept, choice.decision] });
  }

  async sign() {
    const { session } = this;
    if (!(await session.save()) && !session.isAmending) return;
    this.report.update();
    if (!this.report.maySign || this.isAsking) {
      this.form.focusFault();
      return;
    }
    this.isAsking = true;
    const document_ = session.report?.document ?? null;
    try {
      const amends = session.report?.amends;
      if (session.isAmending) await this.signAmendment(session, document_);
      else if (amends) await this.signOver(session, amends, document_ ?? "");
      else if (await askToSign(session, this.desk.reader)) await this.step("sign", { document: document_ ?? "" }, session);
    } finally {
      this.isAsking = false;
    }
  }

  /** @param {Session} session @param {string | null} document_ */
  async signAmendment(session, document_) {
    const reason = await askToAmend(session, this.desk.reader);
    if (reason) await this.step("amend", { ...session.content, reason, document: document_ ?? "" }, session);
  }

  /**
   * Sign a draft that was drawn over a signed report, as its amendment.
   * @param {Session} session @param {{ document: string, words: string }} amends @param {string} document_
   */
  async signOver(session, amends, document_) {
    const reason = await askToAmend(session, this.desk.reader, amends.words);
    if (reason) await this.step("sign", { document: document_, amends: amends.document, reason }, session);
  }

  async hold() {
    const { session } = this;
    const reason = await askReason(say("hold"), say("hold_note"), say("hold"));
    if (!reason) return;
    if (await session.save()) await this.step("hold", { reason }, session);
    else this.desk.tell(say("not_left"));
  }

  /**
   * A step of the draft that was asked about; what the server refuses is told in its words.
   * @param {string} name @param {object} body
   */
  async step(name, body, session = this.session) {
    try {
      await session.act(name, body);
      this.desk.refresh();
      this.viewer.view.focus({ preventScroll: true });
    } catch (error) {
      if (error instanceof Refused) await tellFailure(error);
      else if (error instanceof Unreachable) this.desk.tell(say("state_unreachable"));
    }
  }

  /**
   * Somebody else changed the draft: both versions, and what a person keeps of each.
   * @param {View} current
   */
  async settle(current) {
    if (this.isSettling) return;
    this.isSettling = true;
    const { session } = this;
    const answer = await askWhich(session.content, current, session.saved);
    this.isSettling = false;
    if (answer && session === this.session) session.settle(current, answer.content);
  }

  /** @param {unknown} error @param {Viewer} viewer */
  failImage(error, viewer) {
    if (error instanceof Locked) this.desk.lock();
    else viewer.tell(error instanceof Refused ? [error.message, error.remedy].filter(Boolean).join(" ") : say("image_unreachable"));
  }
}
