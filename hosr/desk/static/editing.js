/**
 * What becomes of lines that are there: moved, put onto an edge, taken over from a model, put back,
 * removed.
 *
 * @module
 */

import { findEdge } from "./edges.js";
import { marksOf } from "./marking.js";
import { acceptance, formerLength, isModelled, isUntouched, lengthAt, movedLength, originOf, withLength, withoutLength } from "./record.js";

/** The edits of the lines of a bench, with the edge that is offered to the end moved last. */
export class Editing {
  constructor(bench) {
    this.bench = bench;
    this.edge = null;
  }

  get session() {
    return this.bench.session;
  }

  get whole() {
    return { ...this.session.content, original: this.session.view.original };
  }

  /** The ends of a line, wherever they are now; one `gesture` is one step of undo. */
  move(mark, points, gesture) {
    const { record, view } = this.session;
    const length = lengthAt(record.hips[mark.index], mark.path);
    const moved = movedLength(length, points, isModelled(view.original));
    this.session.change({ record: withLength(record, mark.index, mark.path, moved) }, gesture);
    if (!gesture) this.session.rest();
  }

  /** The end of a gesture; an edge near the end that was moved is offered. */
  rest(mark, end) {
    this.session?.rest();
    if (mark && end !== null && mark.kind !== "calibration") this.offerEdge(mark.key, end);
  }

  /** The steepest edge beside an end, as a ghost; a person takes it or leaves it. */
  offerEdge(key, end = 0) {
    const { viewer, only } = this.bench;
    const mark = key && marksOf(this.session, only).find((each) => each.key === key);
    const { raster } = viewer.canvas;
    const to = mark && raster ? findEdge(raster, mark.points[end], mark.points[1 - end]) : null;
    this.edge = to && { mark, end, to };
    viewer.showGhost(to && { from: mark.points[end], to, take: () => this.takeEdge() });
    this.bench.showTools();
  }

  takeEdge() {
    if (!this.edge) return;
    const { mark, end, to } = this.edge;
    this.move(mark, mark.points.map((point, each) => (each === end ? to : point)), "");
    this.bench.viewer.marks.focus(mark.key, end);
  }

  remove(mark) {
    if (!this.session.mayEdit) return;
    this.session.change({ record: withoutLength(this.session.record, mark.index, mark.path) });
    this.bench.viewer.view.focus({ preventScroll: true });
  }

  /** A line of a model, taken over as it is; kept by where it stood when the draft was begun. */
  accept(index, path) {
    this.acceptThese([{ index, path }]);
  }

  /** Every line of a model at one hip. */
  acceptAll(index) {
    this.acceptThese(this.bench.marks.filter((each) => each.look === "model" && each.index === index));
  }

  acceptThese(marks) {
    const { record, decisions } = this.session;
    const fresh = marks.filter(({ index, path }) => isUntouched(this.whole, index, path));
    const taken = fresh.map(({ index, path }) => {
      const hip = record.hips[index];
      return acceptance(hip.side, originOf(this.session.view.original, hip.side, path, lengthAt(hip, path)));
    });
    if (taken.length) this.session.change({ decisions: [...decisions, ...taken] });
  }

  mayRestore(index, path) {
    return Boolean(this.session.mayEdit && formerLength(this.whole, index, path));
  }

  /** A line as the draft was begun with, again. */
  restore(index, path) {
    const former = formerLength(this.whole, index, path);
    if (former) this.session.change({ record: withLength(this.session.record, index, path, former) });
  }
}
