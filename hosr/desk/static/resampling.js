/**
 * The values of an image under the pixels of a screen: nearest, between four, or the mean of an area.
 *
 * What is returned are places in the table of greys, value less `raster.low`, and `OUTSIDE` beside
 * the image. A view is {scale, left, top}: screen pixels per column, and where the corner (0, 0) of
 * the image lies; `ratio` is the height of a pixel of the image to its width.
 *
 * @module
 */

/** @import { Raster } from "./pixels.js" */

/**
 * @typedef {{ scale: number, left: number, top: number }} Placed where an image lies on a screen
 * @typedef {{ from: Float64Array, to: Float64Array }} Range
 */

/** The place of what is no part of the image; black. */
export const OUTSIDE = 0xffffffff;

const NEAREST_FROM = 4; // screen pixels per column from which single pixels are meant to be seen

/**
 * The values under a screen of this size, at rest: as true as the scale allows.
 * @param {Raster} raster @param {Placed} view @param {number} width @param {number} height @param {number} ratio
 */
export function resample(raster, view, width, height, ratio) {
  if (view.scale >= NEAREST_FROM || raster.display.padding) return takeNearest(raster, view, width, height, ratio);
  if (view.scale < 1) return averageAreas(raster, view, width, height, ratio);
  return interpolate(raster, view, width, height, ratio);
}

/**
 * For each screen pixel along an axis the pixel of the image under its middle, -1 outside.
 * @param {number} count @param {number} start @param {number} scale @param {number} limit
 */
function nearestPlaces(count, start, scale, limit) {
  const places = new Int32Array(count);
  for (let index = 0; index < count; index += 1) {
    const place = Math.floor((index + 0.5 - start) / scale);
    places[index] = place >= 0 && place < limit ? place : -1;
  }
  return places;
}

/**
 * The nearest value of each screen pixel; the quick way while something moves.
 * @param {Raster} raster @param {Placed} view @param {number} width @param {number} height @param {number} ratio
 */
export function takeNearest(raster, view, width, height, ratio) {
  const { data, low, columns, rows } = raster;
  const found = new Uint32Array(width * height).fill(OUTSIDE);
  const across = nearestPlaces(width, view.left, view.scale, columns);
  const down = nearestPlaces(height, view.top, view.scale * ratio, rows);
  for (let y = 0; y < height; y += 1) {
    if (down[y] < 0) continue;
    const row = down[y] * columns;
    const start = y * width;
    for (let x = 0; x < width; x += 1) {
      if (across[x] >= 0) found[start + x] = data[row + across[x]] - low;
    }
  }
  return found;
}

/**
 * The two pixels beside each screen pixel along an axis, and the share of the second.
 * @param {number} count @param {number} start @param {number} scale @param {number} limit
 */
function neighbours(count, start, scale, limit) {
  const first = new Int32Array(count).fill(-1);
  const share = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const place = (index + 0.5 - start) / scale;
    if (place < 0 || place >= limit) continue;
    const middle = Math.min(Math.max(place - 0.5, 0), limit - 1);
    first[index] = Math.min(Math.floor(middle), Math.max(limit - 2, 0));
    share[index] = middle - first[index];
  }
  return { first, share };
}

/** @param {Raster} raster @param {Placed} view @param {number} width @param {number} height @param {number} ratio */
function interpolate(raster, view, width, height, ratio) {
  const { data, low, columns, rows } = raster;
  const found = new Uint32Array(width * height).fill(OUTSIDE);
  const across = neighbours(width, view.left, view.scale, columns);
  const down = neighbours(height, view.top, view.scale * ratio, rows);
  const right = columns > 1 ? 1 : 0;
  for (let y = 0; y < height; y += 1) {
    if (down.first[y] < 0) continue;
    const upper = down.first[y] * columns;
    const lower = upper + (rows > 1 ? columns : 0);
    const v = down.share[y];
    for (let x = 0; x < width; x += 1) {
      const column = across.first[x];
      if (column < 0) continue;
      const u = across.share[x];
      const above = data[upper + column] * (1 - u) + data[upper + column + right] * u;
      const below = data[lower + column] * (1 - u) + data[lower + column + right] * u;
      found[y * width + x] = Math.round(above * (1 - v) + below * v) - low;
    }
  }
  return found;
}

/**
 * For each screen pixel along an axis the range of image pixels under it, clipped to the image.
 * @param {number} count @param {number} start @param {number} scale @param {number} limit
 */
function ranges(count, start, scale, limit) {
  const from = new Float64Array(count);
  const to = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    from[index] = Math.min(Math.max((index - start) / scale, 0), limit);
    to[index] = Math.min(Math.max((index + 1 - start) / scale, 0), limit);
  }
  return { from, to };
}

/**
 * The mean of the pixels under each screen pixel, each by the share that lies under it.
 * @param {Raster} raster @param {Placed} view @param {number} width @param {number} height @param {number} ratio
 */
function averageAreas(raster, view, width, height, ratio) {
  const found = new Uint32Array(width * height).fill(OUTSIDE);
  const across = ranges(width, view.left, view.scale, raster.columns);
  const down = ranges(height, view.top, view.scale * ratio, raster.rows);
  const sums = new Float64Array(width);
  for (let y = 0; y < height; y += 1) {
    const tall = down.to[y] - down.from[y];
    if (tall <= 0) continue;
    sums.fill(0);
    const last = Math.ceil(down.to[y]);
    for (let row = Math.floor(down.from[y]); row < last; row += 1) {
      const share = Math.min(row + 1, down.to[y]) - Math.max(row, down.from[y]);
      addRow(raster, row, across, share, sums);
    }
    for (let x = 0; x < width; x += 1) {
      const wide = across.to[x] - across.from[x];
      if (wide > 0) found[y * width + x] = Math.round(sums[x] / (wide * tall)) - raster.low;
    }
  }
  return found;
}

/** @param {Raster} of @param {number} row @param {Range} of @param {number} share @param {Float64Array} sums */
function addRow({ data, columns }, row, { from, to }, share, sums) {
  const start = row * columns;
  for (let x = 0; x < sums.length; x += 1) {
    const begin = from[x];
    const end = to[x];
    if (end <= begin) continue;
    const first = Math.floor(begin);
    const last = Math.ceil(end) - 1;
    let sum = data[start + first] * (Math.min(first + 1, end) - begin);
    for (let column = first + 1; column < last; column += 1) sum += data[start + column];
    if (last > first) sum += data[start + last] * (end - last);
    sums[x] += sum * share;
  }
}

/**
 * The greys of values painted as opaque pixels into `pixels` (RGBA in 32 bits, little endian).
 * @param {Uint32Array} found @param {Uint8Array} greys @param {Uint32Array} pixels
 */
export function paint(found, greys, pixels) {
  const colours = new Uint32Array(greys.length);
  for (let index = 0; index < greys.length; index += 1) colours[index] = 0xff000000 | (greys[index] * 0x010101);
  for (let index = 0; index < found.length; index += 1) {
    const place = found[index];
    pixels[index] = place === OUTSIDE ? 0xff000000 : colours[place];
  }
}
