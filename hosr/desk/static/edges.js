/**
 * The steepest edge near the end of a line, along it: an offer, which a person takes or leaves.
 *
 * @module
 */

/** @import { Raster } from "./pixels.js" */
/** @import { Point } from "./record.js" */

const REACH = 8; // columns to either side of an end in which an edge is looked for
const STEP = 0.25;
const BREADTH = [-1.5, -0.75, 0, 0.75, 1.5]; // columns across the line that are averaged
const LEAST_SHARE = 0.02; // of the range of the frame that an edge has to climb in a column
const LEAST_RISE = 3; // times as steep as it is half way along: what noise does not reach
const LEAST_MOVE = 0.5; // columns from which an offer is worth making

/** @param {(number | undefined)[]} values @returns {values is number[]} */
function areKnown(values) {
  return !values.includes(undefined);
}

/**
 * The brightness between four pixels; undefined outside.
 * @param {Raster} raster @param {number} column @param {number} row @returns {number | undefined}
 */
function brightness(raster, column, row) {
  const [x, y] = [column - 0.5, row - 0.5];
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const corners = [raster.at(left, top), raster.at(left + 1, top), raster.at(left, top + 1), raster.at(left + 1, top + 1)];
  if (!areKnown(corners)) return undefined;
  const [u, v] = [x - left, y - top];
  return (corners[0] * (1 - u) + corners[1] * u) * (1 - v) + (corners[2] * (1 - u) + corners[3] * u) * v;
}

/**
 * The mean brightness across the line, at each step along it about `end`.
 * @param {Raster} raster @param {Point} end @param {Point} direction @returns {number[]}
 */
function profile(raster, end, direction) {
  const [dx, dy] = direction;
  const found = [];
  for (let along = -REACH; along <= REACH; along += STEP) {
    const across = BREADTH.map((far) =>
      brightness(raster, end[0] + along * dx - far * dy, end[1] + along * dy + far * dx),
    );
    found.push(areKnown(across) ? across.reduce((sum, value) => sum + value, 0) / across.length : NaN);
  }
  return found;
}

/**
 * Where the steepest edge crosses the line near its end `end`; null where there is none, or where
 * the end lies on it already. `other` is the far end; both in coordinates of the image.
 *
 * @param {Raster} raster @param {Point} end @param {Point} other @returns {Point | null}
 */
export function findEdge(raster, end, other) {
  const length = Math.hypot(end[0] - other[0], end[1] - other[1]);
  if (length < 2) return null;
  const direction = [(end[0] - other[0]) / length, (end[1] - other[1]) / length];
  const values = profile(raster, end, direction);
  const slopes = values.map((_, index) => Math.abs(values[index + 2] - values[index - 2]) / (4 * STEP));
  let best = -1;
  for (let index = 2; index < slopes.length - 2; index += 1) {
    if (slopes[index] > (slopes[best] ?? 0)) best = index;
  }
  const usual = slopes.filter((slope) => !Number.isNaN(slope)).sort((a, b) => a - b)[slopes.length >> 1] ?? 0;
  const least = Math.max(LEAST_RISE * usual, LEAST_SHARE * (raster.high - raster.low));
  if (best < 0 || slopes[best] < least) return null;
  const along = -REACH + STEP * (best + vertex(slopes[best - 1], slopes[best], slopes[best + 1]));
  if (Math.abs(along) < LEAST_MOVE || length + along < 1) return null;
  return [end[0] + along * direction[0], end[1] + along * direction[1]];
}

/**
 * Where a parabola through three neighbours has its top, from the middle one.
 * @param {number} before @param {number} middle @param {number} after
 */
function vertex(before, middle, after) {
  const bend = before - 2 * middle + after;
  return bend ? Math.min(Math.max((before - after) / (2 * bend), -1), 1) : 0;
}
