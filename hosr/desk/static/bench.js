/**
 * One draft at work: image, form and report of a session, and what keys and buttons do to them.
 *
 * @module
 */

import { Locked, Refused, Unreachable } from "./api.js";
import { askWhich } from "./conflict.js";
import { askReason, askToSign, showKeys, tellFailure } from "./dialogs.js";
import { byId, mark as put, show } from "./dom.js";
import { Editing } from "./editing.js";
import { Form } from "./form.js";
import { actOf, pressArrow } from "./keys.js";
import { marksOf, originalMarks, priorMarks } from "./marking.js";
import { drawnLength, withLength } from "./record.js";
import { ReportPanel } from "./report.js";
import { Drawing } from "./tools.js";
import { Viewer } from "./viewer.js";
import { say } from "./words.js";

/** The workbench; `desk` knows the reader, the next drafts and the lock. */
export class Bench {
  constructor(desk) {
    this.desk = desk;
    this.session = null;
    this.showsOriginal = false;
    this.editing = new Editing(this);
    const own = this.viewerEvents();
    this.viewer = new Viewer("now", say("image"), own);
    this.beside = new Viewer("prior", say("prior"), { ...own, viewed: () => this.viewer.canvas.raster && this.viewer.canvas.follow(this.beside.canvas.relative) });
    this.beside.pane.hidden = true;
    byId("stage").append(this.viewer.pane, this.beside.pane);
    this.form = new Form(byId("form"), this.formActs());
    this.report = new ReportPanel(
      { grades: byId("grades"), text: byId("text"), signing: byId("signing"), output: byId("spoken") },
      this.reportActs(),
    );
    for (const each of byId("tools").querySelectorAll("button")) {
      each.addEventListener("click", () => this.act(each.dataset.act));
    }
  }

  viewerEvents() {
    return {
      moved: (mark, points, gesture) => this.editing.move(mark, points, gesture),
      rested: (mark, end) => this.editing.rest(mark, end),
      accepted: (mark) => this.editing.accept(mark.index, mark.path),
      removed: (mark) => this.editing.remove(mark),
      chosen: (mark) => mark.index !== undefined && mark.index !== this.form.chosen && this.form.choose(mark.index),
      drawn: (drawing, place, ratio) => this.finishDrawing(drawing, place, ratio),
      carrying: () => this.session && this.showTools(),
      viewed: (viewer) => this.beside.canvas.raster && !this.beside.pane.hidden && this.beside.canvas.follow(viewer.canvas.relative),
      placed: () => this.editing.offerEdge(null),
      failed: (error, viewer) => this.failImage(error, viewer),
      key: (event) => this.press(event),
    };
  }

  formActs() {
    return {
      chosen: () => this.showReport(),
      draw: (tool, path) => this.beginDrawing(tool, path),
      find: (path) => this.find(path),
      accept: (index, path) => this.editing.accept(index, path),
      restore: (index, path) => this.editing.restore(index, path),
      mayRestore: (index, path) => this.editing.mayRestore(index, path),
      fix: (fix) => this.session.change({ record: fix.record ?? this.session.record, decisions: fix.decisions ?? this.session.decisions }),
    };
  }

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

  /** Another draft, with its images; the line of the first hip that has one is shown. */
  open(session, images, frames) {
    this.session = session;
    this.images = images.images;
    this.priors = images.priors ?? [];
    this.showsOriginal = false;
    this.viewer.setDrawing(null);
    this.viewer.allMarks = [];
    this.form.open(session);
    this.report.side = session.record.hips[0].side;
    this.report.open(session);
    const first = this.marks.find((each) => each.places[0].image);
    this.viewer.setImages(this.images, frames, first?.places[0] ?? null);
    this.beside.setImages(this.priors[0]?.images ?? [], frames, this.priors[0]?.marks[0] ?? null);
    this.beside.title = this.priors[0]?.title;
    this.beside.setMarks(this.priors.length ? priorMarks(this.priors[0]) : []);
    put(byId("tools").querySelector('[data-act="togglePrior"]'), "disabled", this.priors.length ? null : "");
    this.showPrior(false);
    this.update("changed");
  }

  get only() {
    return this.images.length === 1 ? this.images[0].uid : undefined;
  }

  get marks() {
    const own = marksOf(this.session, this.only);
    return this.showsOriginal ? [...originalMarks(this.session, this.only), ...own] : own;
  }

  /** What a session tells: its content, its report or its state is another now. */
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

  /** How far what was signed is on its way, as the worklist has it. */
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
    const states = { drawGap: viewer.drawing?.tool === "gap", drawIsland: viewer.drawing?.tool === "island", drawCircle: viewer.drawing?.tool === "circle", drawLine: viewer.drawing?.tool === "line", toggleOriginal: this.showsOriginal, togglePrior: !this.beside.pane.hidden, invert: viewer.canvas.isTurned };
    const blocked = { undo: !session.past.length || !session.mayEdit, redo: !session.future.length || !session.mayEdit, takeEdge: !this.editing.edge };
    for (const each of byId("tools").querySelectorAll("button")) {
      const { act } = each.dataset;
      if (act in states) put(each, "aria-pressed", states[act] ? "true" : "false");
      if (act in blocked) put(each, "disabled", blocked[act] ? "" : null);
      if (act.startsWith("draw")) put(each, "disabled", session.mayEdit ? null : "");
    }
    show(byId("hint"), this.hint());
  }

  hint() {
    const { drawing } = this.viewer;
    if (drawing) return say(`hint_${drawing.tool}`, { hip: say(`${this.session.record.hips[drawing.hip].side}_hip`) });
    if (this.viewer.marks.carried) return say("hint_carried");
    return this.editing.edge ? say("hint_edge") : "";
  }

  press(event) {
    if (event.target.closest("select, input, button")) return;
    if (event.currentTarget !== this.viewer.view && event.currentTarget !== this.beside.view) return;
    const act = event.target === event.currentTarget && pressArrow(event, this.viewer) ? "done" : actOf(event);
    if (!act) return;
    event.preventDefault();
    if (act !== "done") this.act(act);
  }

  /** What a key or a button of the toolbar stands for. */
  act(name) {
    const { viewer, session } = this;
    const { canvas } = viewer;
    const window = (width, center) => {
      const begun = canvas.shownWindow;
      if (begun) canvas.drag(begun, width, center);
    };
    const acts = {
      next: () => this.desk.go(1),
      previous: () => this.desk.go(-1),
      otherHip: () => this.form.choose(1 - this.form.chosen),
      drawGap: () => this.toggleTool("gap"),
      drawIsland: () => this.toggleTool("island"),
      drawCircle: () => this.toggleTool("circle"),
      drawLine: () => this.toggleTool("line"),
      goBridging: () => this.form.fields.bridging.controls.find((each) => each.checked)?.focus(),
      goMark: () => this.goMark(),
      acceptAll: () => this.editing.acceptAll(this.form.chosen),
      takeEdge: () => this.editing.takeEdge(),
      toggleOriginal: () => this.toggleOriginal(),
      togglePrior: () => this.showPrior(this.beside.pane.hidden),
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
      sliceBack: () => viewer.step(-1),
      sliceOn: () => viewer.step(1),
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
    this.viewer.marks.carry(null);
  }

  toggleTool(tool) {
    if (this.viewer.drawing?.tool === tool) this.escape();
    else this.beginDrawing(tool);
  }

  /** A tool in hand, for the hip that the form shows; `path` where it is one line in particular. */
  beginDrawing(tool, path = "") {
    if (!this.session.mayEdit || !this.viewer.canvas.raster) return;
    this.editing.offerEdge(null);
    const drawing = new Drawing(tool, this.form.chosen);
    drawing.path = path;
    this.viewer.setDrawing(drawing);
    this.viewer.view.focus({ preventScroll: true });
    this.showTools();
  }

  finishDrawing(drawing, place, ratio) {
    const points = drawing.ends(ratio);
    this.viewer.setDrawing(null);
    if (!points) {
      this.showTools();
      show(byId("hint"), say("hint_no_circle"));
      return;
    }
    const { record } = this.session;
    const hip = record.hips[drawing.hip];
    const length = drawnLength(points, place);
    const isCalibration = drawing.tool === "circle" || drawing.tool === "line";
    const path = drawing.path || (isCalibration ? "calibration" : drawing.tool === "island" ? `islands.${hip.islands?.length ?? 0}` : "gap");
    const known = isCalibration && hip.calibration?.true_mm ? { true_mm: hip.calibration.true_mm } : {};
    this.session.change({ record: withLength(record, drawing.hip, path, { ...length, ...known }) });
    this.viewer.marks.focus(`${hip.side}.${path}`, 1);
    if (isCalibration && !known.true_mm) this.form.fields.true_mm.input.focus();
  }

  /** The frame on which a line lies, and its first end. */
  find(path) {
    const side = this.session.record.hips[this.form.chosen].side;
    const mark = marksOf(this.session, this.only).find((each) => each.key === `${side}.${path}`);
    const index = mark ? this.viewer.find(mark.places[0]) : -1;
    if (index < 0) return;
    const focus = () => this.viewer.marks.focus(mark.key);
    if (index === this.viewer.index) focus();
    else this.viewer.goTo(index).then(focus);
  }

  goMark() {
    const shown = this.marks.filter((each) => each.index === this.form.chosen && each.look !== "original");
    if (shown.length) this.find(shown[0].path);
  }

  toggleOriginal() {
    this.showsOriginal = !this.showsOriginal;
    this.viewer.setMarks(this.marks);
  }

  showPrior(isShown) {
    const shows = isShown && this.priors.length > 0;
    this.beside.pane.hidden = !shows;
    byId("stage").classList.toggle("two", shows);
    this.showTools();
  }

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
    const document_ = session.report.document;
    try {
      if (session.isAmending) await this.signAmendment(document_);
      else if (await askToSign(session, this.desk.reader)) await this.step("sign", { document: document_ ?? "" });
    } finally {
      this.isAsking = false;
    }
  }

  async signAmendment(document_) {
    const reason = await askReason(say("amend"), say("amend_note"), say("sign_amendment"));
    if (reason) await this.step("amend", { ...this.session.content, reason, document: document_ ?? "" });
  }

  async hold() {
    const reason = await askReason(say("hold"), say("hold_note"), say("hold"));
    if (reason && (await this.session.save())) await this.step("hold", { reason });
  }

  /** A step of the draft; what the server refuses is told in its words. */
  async step(name, body) {
    try {
      await this.session.act(name, body);
      this.desk.refresh();
      byId("stage").querySelector(".view")?.focus({ preventScroll: true });
    } catch (error) {
      if (error instanceof Refused) await tellFailure(error);
      else if (error instanceof Unreachable) this.desk.tell(say("state_unreachable"));
    }
  }

  /** Somebody else changed the draft: both versions, and what a person keeps of each. */
  async settle(current) {
    if (this.isSettling) return;
    this.isSettling = true;
    const { session } = this;
    const answer = await askWhich(session.content, current);
    this.isSettling = false;
    if (answer && session === this.session) session.settle(current, answer.content);
  }

  failImage(error, viewer) {
    if (error instanceof Locked) this.desk.lock();
    else viewer.tell(error instanceof Refused ? [error.message, error.remedy].filter(Boolean).join(" ") : say("image_unreachable"));
  }
}
