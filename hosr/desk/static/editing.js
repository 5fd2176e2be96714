/**
 * What becomes of lines: drawn, moved, put onto an edge, taken over from a model, put back, removed.
 *
 * @module
 */

import { byId, show } from "./dom.js";
import { findEdge } from "./edges.js";
import { marksOf } from "./marking.js";
import { acceptance, drawnLength, formerLength, isModelled, isUntouched, lengthAt, movedLength, originOf, spaceLength, withLength, withoutLength } from "./record.js";
import { moveInSpace } from "./slices.js";
import { Drawing } from "./tools.js";
import { say } from "./words.js";

/** @import { Bench } from "./bench.js" */
/** @import { Space } from "./slices.js" */
/** @import { Tool } from "./tools.js" */
/** @import { Mark } from "./marking.js" */
/** @import { ShownMark } from "./marks.js" */
/** @import { Point } from "./record.js" */

/** The edits of the lines of a bench, with the edge that is offered to the end moved last. */
export class Editing {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {{ mark: ShownMark, end: number, to: Point } | null} */
    this.edge = null;
  }

  get session() {
    return this.bench.session;
  }

  get whole() {
    return { ...this.session.content, original: this.session.view.original };
  }

  /**
   * A tool taken in hand, or put away where it is in hand already.
   * @param {Tool} tool
   */
  toggleTool(tool) {
    if (this.bench.viewer.drawing?.tool === tool) this.bench.escape();
    else this.beginDrawing(tool);
  }

  /**
   * A tool in hand, for the hip that the form shows; `path` where it is one line in particular.
   * @param {Tool} tool
   */
  beginDrawing(tool, path = "") {
    const { form, viewer } = this.bench;
    if (!this.session.mayEdit || !viewer.canvas.raster) return;
    this.offerEdge(null);
    const drawing = new Drawing(tool, form.chosen);
    drawing.path = path;
    viewer.setDrawing(drawing);
    viewer.view.focus({ preventScroll: true });
    this.bench.showTools();
  }

  /**
   * What was drawn becomes a length: on its image, or in the patient where it leads over slices.
   * @param {Drawing} drawing @param {number} ratio
   */
  finishDrawing(drawing, ratio) {
    const { form, viewer } = this.bench;
    const points = drawing.ends(ratio);
    const space = drawing.isOnOne || drawing.isCalibration ? null : viewer.slices.span(drawing.points, drawing.places);
    viewer.setDrawing(null);
    if (!points || (!drawing.isOnOne && !space)) {
      this.bench.showTools();
      show(byId("hint"), say(points ? "hint_two_images" : "hint_no_circle"));
      return;
    }
    const { record } = this.session;
    const hip = record.hips[drawing.hip];
    const length = space ? spaceLength(space) : drawnLength(points, drawing.places[0]);
    const { isCalibration } = drawing;
    const path = drawing.path || (isCalibration ? "calibration" : drawing.tool === "island" ? `islands.${hip.islands?.length ?? 0}` : "gap");
    const known = isCalibration && hip.calibration?.true_mm ? { true_mm: hip.calibration.true_mm } : {};
    this.session.change({ record: withLength(record, drawing.hip, path, { ...length, ...known }) });
    viewer.marks.focus(`${hip.side}.${path}`, 1);
    if (isCalibration && !known.true_mm) form.fields.true_mm.controls[0].focus();
  }

  /**
   * The ends of a line, wherever they are now; one `gesture` is one step of undo.
   * @param {ShownMark} mark @param {Point[]} points @param {string} gesture
   */
  move(mark, points, gesture) {
    const { record, view } = this.session;
    const index = mark.index ?? 0;
    const space = moveInSpace(mark, points);
    const length = lengthAt(record.hips[index], mark.path) ?? {};
    const moved = movedLength(length, space ? spaceLength(space) : { points }, isModelled(view.original));
    this.session.change({ record: withLength(record, index, mark.path, moved) }, gesture);
    if (!gesture) this.session.steps.rest();
  }

  /**
   * An end of a line put down on another slice than it lay on; null where no line leads there.
   * @param {Mark} mark @param {number} end @param {Space | null} space
   */
  lift({ index = 0, path, key }, end, space) {
    const { viewer } = this.bench;
    if (!space) {
      show(byId("hint"), say("hint_two_images"));
      return;
    }
    const { record, view } = this.session;
    const length = lengthAt(record.hips[index], path) ?? {};
    viewer.marks.ends.carry(null);
    this.session.change({ record: withLength(record, index, path, movedLength(length, spaceLength(space), isModelled(view.original))) });
    this.session.steps.rest();
    viewer.marks.focus(key, end);
  }

  /**
   * The end of a gesture; an edge near the end that was moved is offered.
   * @param {Mark | null} mark @param {number | null} end
   */
  rest(mark, end) {
    this.session?.steps.rest();
    if (mark && end !== null && mark.kind !== "calibration") this.offerEdge(mark.key, end);
  }

  /**
   * The steepest edge beside an end, as a ghost; a person takes it or leaves it.
   * @param {string | null} key
   */
  offerEdge(key, end = 0) {
    const { viewer } = this.bench;
    const mark = key ? viewer.marks.drawn.get(key)?.mark : undefined;
    const { raster } = viewer.canvas;
    const to = mark && !mark.isAcross && raster ? findEdge(raster, mark.points[end], mark.points[1 - end]) : null;
    this.edge = mark && to ? { mark, end, to } : null;
    viewer.showGhost(mark && to ? { from: mark.points[end], to, take: () => this.takeEdge() } : null);
    this.bench.showTools();
  }

  takeEdge() {
    if (!this.edge) return;
    const { mark, end, to } = this.edge;
    this.move(mark, mark.points.map((point, each) => (each === end ? to : point)), "");
    this.bench.viewer.marks.focus(mark.key, end);
  }

  /**
   * Whether the ends of a line of the hip in the form lie on two slices.
   * @param {string} path
   */
  isAcross(path) {
    const side = this.session.record.hips[this.bench.form.chosen].side;
    const mark = marksOf(this.session, this.bench.only).find((each) => each.key === `${side}.${path}`);
    const { viewer } = this.bench;
    return Boolean(mark && viewer.slices && viewer.locate(mark, 0) !== viewer.locate(mark, 1));
  }

  /** The other end of the line over slices that is seen, on its own slice. */
  goOtherEnd() {
    const { form, viewer } = this.bench;
    const seen = [...viewer.marks.drawn.values()].map((shape) => shape.mark).filter((each) => each.isAcross && each.look !== "original");
    const mark = seen.find((each) => each.index === form.chosen) ?? seen[0];
    if (!mark) return;
    if (mark.index !== undefined && mark.index !== form.chosen) form.choose(mark.index);
    this.bench.find(mark.path, mark.isShown[0] ? 1 : 0);
  }

  /** @param {Mark} mark */
  remove(mark) {
    if (!this.session.mayEdit) return;
    this.session.change({ record: withoutLength(this.session.record, mark.index ?? 0, mark.path) });
    this.bench.viewer.view.focus({ preventScroll: true });
  }

  /**
   * A line of a model, taken over as it is; kept by where it stood when the draft was begun.
   * @param {number} index @param {string} path
   */
  accept(index, path) {
    this.acceptThese([{ index, path }]);
  }

  /**
   * Every line of a model at one hip.
   * @param {number} index
   */
  acceptAll(index) {
    this.acceptThese(this.bench.marks.filter((each) => each.look === "model" && each.index === index));
  }

  /** @param {{ index?: number, path: string }[]} marks */
  acceptThese(marks) {
    const { record, decisions } = this.session;
    const fresh = marks.filter(({ index = 0, path }) => isUntouched(this.whole, index, path));
    const taken = fresh.map(({ index = 0, path }) => {
      const hip = record.hips[index];
      return acceptance(hip.side, originOf(this.session.view.original, hip.side, path, lengthAt(hip, path)));
    });
    if (taken.length) this.session.change({ decisions: [...decisions, ...taken] });
  }

  /** @param {number} index @param {string} path */
  mayRestore(index, path) {
    return Boolean(this.session.mayEdit && formerLength(this.whole, index, path));
  }

  /**
   * A line as the draft was begun with, again.
   * @param {number} index @param {string} path
   */
  restore(index, path) {
    const former = formerLength(this.whole, index, path);
    if (former) this.session.change({ record: withLength(this.session.record, index, path, former) });
  }
}
