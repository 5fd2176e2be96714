/**
 * One image on the screen: drawn from its 16-bit values, windowed, zoomed and moved.
 *
 * A view is kept in CSS pixels: `scale` of a column, and where the corner (0, 0) of the image lies.
 * Coordinates of the image are those of DICOM graphic data: floats, (0, 0) its top left corner.
 *
 * @module
 */

import { greysOf } from "./greys.js";
import { tracePolygon } from "./pixels.js";
import { paint, resample, takeNearest } from "./resampling.js";

/** @import { Window } from "./api.js" */
/** @import { Raster } from "./pixels.js" */
/** @import { Point } from "./record.js" */
/** @import { Placed } from "./resampling.js" */

/**
 * @typedef {{ found: Uint32Array, width: number, height: number }} Sampled
 */

const REST_MS = 120; // without a movement until the image is drawn as true as can be
const LARGE = 2.5e6; // pixels of a canvas from which half of them are drawn while it moves
const LEAST_SCALE = 0.02;
const GREATEST_SCALE = 64;
const WINDOW_STEPS = 400; // CSS pixels of a drag that double or shift a window by its width

/** An image in its place, `changed` is called whenever its view or window is another. */
export class Canvas {
  /** @param {HTMLCanvasElement} element @param {(what: "view" | "fitted" | "resized" | "window" | "followed") => void} changed */
  constructor(element, changed) {
    this.element = element;
    this.context = /** @type {CanvasRenderingContext2D} */ (element.getContext("2d", { alpha: false }));
    this.spare = new OffscreenCanvas(1, 1);
    this.changed = changed;
    /** @type {Raster | null} */
    this.raster = null;
    this.density = 1;
    this.width = 0;
    this.height = 0;
    this.view = { scale: 1, left: 0, top: 0 };
    /** @type {Window | null} */
    this.window = null;
    this.isTurned = false;
    this.isFitted = true;
    this.isMoved = false;
    this.isRough = false;
    this.moves = false;
    this.isPlanned = false;
    /** @type {Sampled | null} */
    this.sampled = null;
    /** @type {Sampled & { of: Uint32Array } | null} */
    this.half = null;
    new ResizeObserver(() => this.resize()).observe(element);
    this.resize();
  }

  /** The height of a pixel of the image to its width. */
  get ratio() {
    const [height, width] = this.raster?.display.aspect ?? [1, 1];
    return height / width;
  }

  /** The window in force, as [center, width], the VOI LUT's own range where that is still used. */
  get shownWindow() {
    if (this.window) return this.window;
    if (this.raster?.window) return this.raster.window;
    const voi = this.raster?.display.voi;
    if (!voi) return null;
    return { center: voi.first + voi.table.length / 2, width: Math.max(voi.table.length, 1), function: "LINEAR_EXACT" };
  }

  get isInverse() {
    return Boolean(this.raster?.display.inverse) !== this.isTurned;
  }

  /**
   * Another frame: the view stays where it is of the same size, and the window if `keeps`.
   * @param {Raster} raster @param {boolean} keeps
   */
  put(raster, keeps) {
    const isAlike = this.raster && this.raster.rows === raster.rows && this.raster.columns === raster.columns;
    this.raster = raster;
    if (!keeps) {
      this.window = null;
      this.isTurned = false;
    }
    if (!isAlike || !keeps || this.isFitted) this.fit();
    else this.redraw();
  }

  clear() {
    this.raster = null;
    this.sampled = null;
    this.context.fillRect(0, 0, this.element.width, this.element.height);
  }

  resize() {
    const box = this.element.getBoundingClientRect();
    this.density = window.devicePixelRatio || 1;
    this.width = box.width;
    this.height = box.height;
    const [across, down] = [Math.round(box.width * this.density), Math.round(box.height * this.density)];
    if (across !== this.element.width || down !== this.element.height) {
      this.element.width = across;
      this.element.height = down;
    }
    if (!this.raster || !across || !down) return;
    if (this.isFitted) this.fit();
    else {
      this.redraw();
      this.changed("resized");
    }
  }

  /** The scale at which the whole image is just seen. */
  get fittingScale() {
    if (!this.raster) return 1;
    return Math.min(this.width / this.raster.columns, this.height / (this.raster.rows * this.ratio));
  }

  fit() {
    if (!this.raster || !this.width) return;
    const scale = this.fittingScale;
    const left = (this.width - this.raster.columns * scale) / 2;
    const top = (this.height - this.raster.rows * this.ratio * scale) / 2;
    this.isFitted = true;
    this.look({ scale, left, top }, true);
  }

  /**
   * Another view; drawn quickly now, and truly at rest.
   * @param {Placed} view
   */
  look(view, isFit = false) {
    this.isFitted = isFit;
    this.view = view;
    this.redraw(!isFit);
    this.changed(isFit ? "fitted" : "view");
  }

  /**
   * Zoomed by a factor about a place of the screen, which stays where it is or moves so far.
   * @param {number} factor @param {number} [x] @param {number} [y] @param {Point} [far]
   */
  zoom(factor, x = this.width / 2, y = this.height / 2, [right, down] = [0, 0]) {
    const scale = Math.min(Math.max(this.view.scale * factor, LEAST_SCALE), GREATEST_SCALE);
    const change = scale / this.view.scale;
    this.look({ scale, left: x + right - (x - this.view.left) * change, top: y + down - (y - this.view.top) * change });
  }

  /** @param {number} x @param {number} y */
  move(x, y) {
    this.look({ ...this.view, left: this.view.left + x, top: this.view.top + y });
  }

  /**
   * The window drawn by a pointer that went so far from where it began.
   * @param {Window} begun @param {number} x @param {number} y
   */
  drag(begun, x, y) {
    const width = begun.width * 2 ** (x / WINDOW_STEPS);
    const center = begun.center + (y / WINDOW_STEPS) * begun.width;
    const least = begun.function === "LINEAR" ? 1 : 1e-3;
    this.setWindow({ center, width: Math.max(width, least), function: begun.function ?? "LINEAR" });
  }

  /** @param {Window | null} window */
  setWindow(window) {
    this.window = window;
    this.repaint(true);
    this.changed("window");
  }

  turn() {
    this.isTurned = !this.isTurned;
    this.repaint(false);
    this.changed("window");
  }

  reset() {
    this.window = null;
    this.isTurned = false;
    this.fit();
    this.changed("window");
  }

  /**
   * A place of the screen in coordinates of the image, not rounded.
   * @param {number} x @param {number} y
   */
  toImage(x, y) {
    return [(x - this.view.left) / this.view.scale, (y - this.view.top) / (this.view.scale * this.ratio)];
  }

  /**
   * A place of the image in CSS pixels from the corner of the canvas.
   * @param {Point} of
   */
  toScreen([column, row]) {
    return [this.view.left + column * this.view.scale, this.view.top + row * this.view.scale * this.ratio];
  }

  /** What lies in the middle of the screen, in coordinates of the image. */
  get middle() {
    return this.toImage(this.width / 2, this.height / 2);
  }

  /**
   * A place of the image brought to the middle of the screen at a scale, as another view has it.
   * @param {Point} point @param {number} wanted
   */
  lookAt([column, row], wanted) {
    const scale = Math.min(Math.max(wanted, LEAST_SCALE), GREATEST_SCALE);
    this.isFitted = false;
    this.view = { scale, left: this.width / 2 - column * scale, top: this.height / 2 - row * scale * this.ratio };
    this.redraw(true);
    this.changed("followed");
  }

  /** Drawn in the next picture of the screen: quickly while it `moves`, and truly once it rests. */
  redraw(moves = false) {
    this.plan(moves, true);
  }

  /** @param {boolean} moves */
  repaint(moves) {
    this.plan(moves, false);
  }

  /** @param {boolean} moves @param {boolean} isMoved */
  plan(moves, isMoved) {
    this.isMoved = this.isMoved || isMoved;
    this.moves = moves;
    clearTimeout(this.resting);
    if (moves) this.resting = setTimeout(() => this.plan(false, this.isRough), REST_MS);
    if (this.isPlanned) return;
    this.isPlanned = true;
    requestAnimationFrame(() => {
      this.isPlanned = false;
      this.drawNow();
    });
  }

  drawNow() {
    const { raster, element } = this;
    if (!raster || !element.width || !element.height) return;
    if (this.isMoved || !this.sampled) this.sample();
    this.isMoved = false;
    const window = this.window ?? (raster.display.voi ? null : raster.window);
    const greys = greysOf(raster.display, raster.values, raster.low, window, this.isInverse);
    const { found, width, height } = this.moves ? this.halved() : /** @type {Sampled} */ (this.sampled);
    const picture = new ImageData(width, height);
    paint(found, greys, new Uint32Array(picture.data.buffer));
    this.put2d(picture, width, height);
    this.cover();
  }

  /** @param {ImageData} picture @param {number} width @param {number} height */
  put2d(picture, width, height) {
    const { element, context } = this;
    if (width === element.width) {
      context.putImageData(picture, 0, 0);
      return;
    }
    this.spare.width = width;
    this.spare.height = height;
    /** @type {OffscreenCanvasRenderingContext2D} */ (this.spare.getContext("2d")).putImageData(picture, 0, 0);
    context.imageSmoothingEnabled = true;
    context.drawImage(this.spare, 0, 0, element.width, element.height);
  }

  /** The values under the screen; rough while it moves, with half of the pixels where it is large. */
  sample() {
    const { element, moves, density, view } = this;
    const isLarge = element.width * element.height > LARGE;
    const step = moves && isLarge ? 2 : 1;
    const [width, height] = [Math.ceil(element.width / step), Math.ceil(element.height / step)];
    const each = density / step;
    const seen = { scale: view.scale * each, left: view.left * each, top: view.top * each };
    const take = moves ? takeNearest : resample;
    this.sampled = { found: take(/** @type {Raster} */ (this.raster), seen, width, height, this.ratio), width, height };
    this.isRough = this.moves;
  }

  /** What is painted while the window is dragged: every second pixel of a large canvas. */
  halved() {
    const { found, width, height } = /** @type {Sampled} */ (this.sampled);
    if (width * height <= LARGE) return { found, width, height };
    if (this.half?.of !== found) {
      const [across, down] = [width >> 1, height >> 1];
      const kept = new Uint32Array(across * down);
      for (let y = 0; y < down; y += 1) {
        for (let x = 0; x < across; x += 1) kept[y * across + x] = found[2 * y * width + 2 * x];
      }
      this.half = { of: found, found: kept, width: across, height: down };
    }
    return this.half;
  }

  /** What the shutter covers, in its own grey (PS3.3 section C.7.6.11). */
  cover() {
    const { shutter } = /** @type {Raster} */ (this.raster).display;
    if (!shutter) return;
    const { context, density } = this;
    /** @param {number} column @param {number} row @returns {Point} */
    const place = (column, row) => this.toScreen([column - 0.5, row - 0.5]).map((value) => value * density);
    for (const shape of shutter.shapes) {
      const path = new Path2D();
      path.rect(0, 0, this.element.width, this.element.height);
      this.trace(path, shape, shutter.parts, place);
      context.fillStyle = `rgb(${shutter.grey} ${shutter.grey} ${shutter.grey})`;
      context.fill(path, "evenodd");
    }
  }

  /** @param {Path2D} path @param {string} shape @param {any} parts @param {(column: number, row: number) => Point} place */
  trace(path, shape, parts, place) {
    if (shape === "RECTANGULAR") {
      const [x, y] = place(parts.ShutterLeftVerticalEdge[0] - 0.5, parts.ShutterUpperHorizontalEdge[0] - 0.5);
      const [right, bottom] = place(
        parts.ShutterRightVerticalEdge[0] + 0.5,
        parts.ShutterLowerHorizontalEdge[0] + 0.5,
      );
      path.rect(x, y, right - x, bottom - y);
    } else if (shape === "CIRCULAR") {
      const [row, column] = parts.CenterOfCircularShutter;
      const [x, y] = place(column, row);
      const radius = parts.RadiusOfCircularShutter[0] * this.view.scale * this.density;
      path.ellipse(x, y, radius, radius, 0, 0, 2 * Math.PI);
    } else if (shape === "POLYGONAL") tracePolygon(path, parts.VerticesOfThePolygonalShutter, place);
  }
}
