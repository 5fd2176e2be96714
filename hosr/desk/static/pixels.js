/**
 * Stored values of frames, fetched once and kept while there is room; neighbours come beforehand.
 *
 * @module
 */

import { getBytes } from "./api.js";
import { rescale, spanningWindow } from "./greys.js";

/** @import { Display, ImageFacts } from "./api.js" */
/** @import { Point } from "./record.js" */

/**
 * @typedef {{ image: ImageFacts, uid: string, frame: number, frames: number }} Place one frame of a study
 */

const ROOM_BYTES = 384 * 1024 * 1024;
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** One frame: its stored values by row, what they range over, and each value behind the rescale. */
export class Raster {
  /** @param {ImageFacts} image @param {ArrayBuffer} bytes */
  constructor(image, bytes) {
    const { rows, columns, display } = image;
    if (bytes.byteLength !== 2 * rows * columns) throw new RangeError("a frame of another size");
    const ordered = isLittleEndian ? bytes : swapped(bytes);
    this.rows = rows;
    this.columns = columns;
    this.display = display;
    /** @type {Int16Array | Uint16Array} */
    this.data = display.signed ? new Int16Array(ordered) : new Uint16Array(ordered);
    const [low, high] = ends(this.data);
    this.low = low;
    this.high = high;
    this.values = rescale(display.modality, this.low, this.high);
    // Pixels covered by a shutter are not asked for a window.
    this.window = display.window ?? (display.voi ? null : this.findWindow());
  }

  get byteLength() {
    return this.data.byteLength;
  }

  /**
   * The stored value of a pixel; undefined outside.
   * @param {number} column @param {number} row
   */
  at(column, row) {
    const isInside = column >= 0 && row >= 0 && column < this.columns && row < this.rows;
    return isInside ? this.data[row * this.columns + column] : undefined;
  }

  findWindow() {
    const counts = new Uint32Array(this.high - this.low + 1);
    const seen = seenThrough(this.display, this.rows, this.columns);
    for (let index = 0; index < this.data.length; index += 1) {
      if (!seen || seen[index]) counts[this.data[index] - this.low] += 1;
    }
    const [low, high] = this.display.padding ?? [Infinity, -Infinity];
    return spanningWindow(counts, this.values, (index) => {
      const stored = this.low + index;
      return !(stored >= low && stored <= high);
    });
  }
}

/** @param {ArrayBuffer} bytes */
function swapped(bytes) {
  const view = new DataView(bytes);
  const values = new Uint16Array(bytes.byteLength / 2);
  for (let index = 0; index < values.length; index += 1) values[index] = view.getUint16(2 * index, true);
  return values.buffer;
}

/** @param {Int16Array | Uint16Array} data @returns {number[]} */
function ends(data) {
  let low = data[0];
  let high = data[0];
  for (let index = 1; index < data.length; index += 1) {
    if (data[index] < low) low = data[index];
    else if (data[index] > high) high = data[index];
  }
  return [low, high];
}

/**
 * Which pixels the shutter leaves (PS3.3 section C.7.6.11); null where there is none.
 * @param {Display} of @param {number} rows @param {number} columns
 */
function seenThrough({ shutter, aspect }, rows, columns) {
  if (!shutter) return null;
  const seen = new Uint8Array(rows * columns);
  const shape = new Path2D();
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(1, 1).getContext("2d"));
  const ratio = aspect[0] / aspect[1];
  const { parts, shapes } = shutter;
  if (shapes.includes("POLYGONAL")) tracePolygon(shape, parts.VerticesOfThePolygonalShutter);
  for (let row = 1; row <= rows; row += 1) {
    for (let column = 1; column <= columns; column += 1) {
      const isSeen =
        (!shapes.includes("RECTANGULAR") || inRectangle(parts, row, column)) &&
        (!shapes.includes("CIRCULAR") || inCircle(parts, row, column, ratio)) &&
        (!shapes.includes("POLYGONAL") || context.isPointInPath(shape, column, row));
      seen[(row - 1) * columns + column - 1] = isSeen ? 1 : 0;
    }
  }
  return seen;
}

/** @param {any} parts @param {number} row @param {number} column */
function inRectangle(parts, row, column) {
  return (
    column >= parts.ShutterLeftVerticalEdge[0] &&
    column <= parts.ShutterRightVerticalEdge[0] &&
    row >= parts.ShutterUpperHorizontalEdge[0] &&
    row <= parts.ShutterLowerHorizontalEdge[0]
  );
}

/** @param {any} parts @param {number} row @param {number} column @param {number} ratio */
function inCircle(parts, row, column, ratio) {
  const [middleRow, middleColumn] = parts.CenterOfCircularShutter;
  return Math.hypot((row - middleRow) * ratio, column - middleColumn) <= parts.RadiusOfCircularShutter[0];
}

/**
 * Row and column of each corner, from 1 on, as a path.
 * @param {Path2D} path @param {number[]} vertices @param {(column: number, row: number) => Point} [place]
 */
export function tracePolygon(path, vertices, place = (column, row) => [column, row]) {
  for (let index = 0; index < vertices.length; index += 2) {
    const [x, y] = place(vertices[index + 1], vertices[index]);
    if (index) path.lineTo(x, y);
    else path.moveTo(x, y);
  }
  path.closePath();
}

/** The frames of one draft and of its priors. */
export class Frames {
  /** @param {string} path */
  constructor(path) {
    this.path = path;
    /** @type {Map<string, { size: number, coming: Promise<Raster> }>} */
    this.kept = new Map();
    this.bytes = 0;
  }

  /**
   * The frame as it is shown; a second request for the same joins the first.
   * @param {ImageFacts} image @param {number} frame @returns {Promise<Raster>}
   */
  load(image, frame) {
    const key = `${image.uid}/${frame}`;
    const known = this.kept.get(key);
    if (known) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return known.coming;
    }
    const entry = { size: 2 * image.rows * image.columns, coming: this.fetch(image, frame) };
    this.kept.set(key, entry);
    this.bytes += entry.size;
    entry.coming.catch(() => this.drop(key));
    this.makeRoom(key);
    return entry.coming;
  }

  /** @param {ImageFacts} image @param {number} frame */
  async fetch(image, frame) {
    const bytes = await getBytes(`${this.path}/pixels/${encodeURIComponent(image.uid)}/${frame}`);
    return new Raster(image, bytes);
  }

  /**
   * A frame that will be wanted soon; where it fails, nobody is told yet.
   * @param {ImageFacts} image @param {number} frame
   */
  prefetch(image, frame) {
    this.load(image, frame).catch(() => undefined);
  }

  /** @param {string} key */
  drop(key) {
    const entry = this.kept.get(key);
    if (!entry) return;
    this.kept.delete(key);
    this.bytes -= entry.size;
  }

  /** @param {string} wanted */
  makeRoom(wanted) {
    for (const key of [...this.kept.keys()]) {
      if (this.bytes <= ROOM_BYTES) return;
      if (key !== wanted) this.drop(key);
    }
  }
}
