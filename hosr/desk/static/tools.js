/**
 * What is being drawn: the points placed so far, and what becomes of them.
 *
 *     gap, island     two points: the ends of a line
 *     line            two points of a ruler or across an object of known size
 *     circle          three points on the edge of an implant head: the ends of its level diameter
 *
 * @module
 */

/** @import { Place } from "./pixels.js" */
/** @import { Point } from "./record.js" */

/**
 * @typedef {"gap" | "island" | "line" | "circle"} Tool
 */

/** How many points each tool takes. */
export const POINTS = { gap: 2, island: 2, line: 2, circle: 3 };

const LEAST_AREA = 1e-6;

/**
 * The ends of the level diameter of the circle through three points; null where they lie in a line.
 *
 * `ratio` is the height of a pixel to its width: the circle is one in the patient, not in pixels.
 *
 * @param {Point[]} points @param {number} ratio @returns {Point[] | null}
 */
export function diameterOf(points, ratio) {
  const [[ax, ay], [bx, by], [cx, cy]] = points.map(([x, y]) => [x, y * ratio]);
  const twice = 2 * (ax * (by - cy) + bx * (cy - ay) + cx * (ay - by));
  if (Math.abs(twice) < LEAST_AREA) return null;
  const [a, b, c] = [ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy];
  const x = (a * (by - cy) + b * (cy - ay) + c * (ay - by)) / twice;
  const y = (a * (cx - bx) + b * (ax - cx) + c * (bx - ax)) / twice;
  const radius = Math.hypot(ax - x, ay - y);
  return [
    [x - radius, y / ratio],
    [x + radius, y / ratio],
  ];
}

/** One thing being drawn with a tool; null points are still to come. */
export class Drawing {
  /** @param {Tool} tool @param {number} hip */
  constructor(tool, hip) {
    this.tool = tool;
    this.hip = hip;
    /** @type {Point[]} */
    this.points = [];
    /** @type {Place[]} */
    this.places = [];
    this.path = "";
  }

  /**
   * A point more; true where it was the last. Two in one place are one.
   * @param {Point} point @param {Place} place
   */
  add(point, place) {
    const last = this.points[this.points.length - 1];
    const isSame = this.places[this.places.length - 1] === place;
    if (last && isSame && last[0] === point[0] && last[1] === point[1]) return false;
    this.points.push(point);
    this.places.push(place);
    return this.isComplete;
  }

  get isCalibration() {
    return this.tool === "circle" || this.tool === "line";
  }

  /** Whether all points lie on one image. */
  get isOnOne() {
    return this.places.every((place) => place === this.places[0]);
  }

  get isComplete() {
    return this.points.length === POINTS[this.tool];
  }

  /**
   * The two ends of what was drawn; null where three points make no circle.
   * @param {number} ratio
   */
  ends(ratio) {
    return this.tool === "circle" ? diameterOf(this.points, ratio) : this.points;
  }
}
