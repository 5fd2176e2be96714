/**
 * From stored values to the greys of a screen, by a table over all values that occur.
 *
 *     stored values -> Modality LUT or rescale -> VOI LUT or window -> polarity
 *
 * (PS3.4 Annex N.2; windows by PS3.3 section C.11.2.1.2). The pictures of a report are drawn by the
 * same rules on the server; both give the same greys.
 *
 * @module
 */

/** @import { Display, LookupTable, Rescale, Window } from "./api.js" */
/** @import { Point } from "./record.js" */

// The share of values taken for noise at either end, and that from which one value is a border.
const NOISE_PERCENT = 0.5;
const BORDER = 0.005;

/**
 * Entry of a lookup table; inputs beyond either end have that of the end (PS3.3 section C.11.1.1).
 * @param {number[]} table @param {number} first @param {number} value
 */
function entry(table, first, value) {
  const place = Math.round(value) - first;
  return table[Math.min(Math.max(place, 0), table.length - 1)];
}

/**
 * Each stored value from `low` to `high` behind the Modality LUT or rescale.
 * @param {Rescale | LookupTable | null} modality @param {number} low @param {number} high
 */
export function rescale(modality, low, high) {
  const values = new Float64Array(high - low + 1);
  for (let index = 0; index < values.length; index += 1) {
    const stored = low + index;
    if (!modality) values[index] = stored;
    else if ("table" in modality) values[index] = entry(modality.table, modality.first, stored);
    else values[index] = stored * modality.slope + modality.intercept;
  }
  return values;
}

/**
 * How bright a value is in a window, 0 to 1 before clipping.
 * @param {number} value @param {Window} of
 */
export function windowed(value, { center, width, function: name = "LINEAR" }) {
  if (name === "SIGMOID") return 1 / (1 + Math.exp(Math.min(Math.max((-4 * (value - center)) / width, -700), 700)));
  const isLinear = name === "LINEAR";
  const middle = isLinear ? center - 0.5 : center;
  const breadth = isLinear ? width - 1 : width;
  if (!breadth) return value > middle ? 1 : 0;
  return (value - middle) / breadth + 0.5;
}

/**
 * The grey, 0 to 255, of each stored value from `low` to `high`; padding is black.
 *
 * `window` goes before the VOI LUT of the image, which stands until a person sets a window.
 *
 * @param {Display} display @param {Float64Array} values @param {number} low @param {Window | null} window @param {boolean} isInverse
 */
export function greysOf(display, values, low, window, isInverse) {
  const { voi } = display;
  const greys = new Uint8Array(values.length);
  const [paddingLow, paddingHigh] = display.padding ?? [Infinity, -Infinity];
  for (let index = 0; index < greys.length; index += 1) {
    const stored = low + index;
    if (stored >= paddingLow && stored <= paddingHigh) continue;
    let brightness = 0.5;
    if (window) brightness = windowed(values[index], window);
    else if (voi) brightness = entry(voi.table, voi.first, values[index]) / (2 ** voi.bits - 1);
    brightness = Math.min(Math.max(brightness, 0), 1);
    greys[index] = Math.round((isInverse ? 1 - brightness : brightness) * 255);
  }
  return greys;
}

/**
 * The window from the darkest to the brightest tissue; null where all is the same.
 * @param {Uint32Array} counts @param {Float64Array} values @param {(index: number) => boolean} isImage @returns {Window | null}
 */
export function spanningWindow(counts, values, isImage) {
  let bins = [];
  let total = 0;
  for (let index = 0; index < counts.length; index += 1) {
    if (counts[index] && isImage(index)) {
      bins.push([values[index], counts[index]]);
      total += counts[index];
    }
  }
  if (!total) return null;
  bins.sort((first, second) => first[0] - second[0]);
  bins = merged(bins);
  const ends = [bins[0][0], bins[bins.length - 1][0]];
  const inner = withoutBorders(bins, total);
  const [low, high] =
    inner.length < 2 ? ends : [percentile(inner, NOISE_PERCENT), percentile(inner, 100 - NOISE_PERCENT)];
  if (!(high > low) || !Number.isFinite(high - low)) return null;
  return { center: (low + high) / 2, width: high - low, function: "LINEAR_EXACT" };
}

/**
 * Bins of the same value as one.
 * @param {Point[]} bins @returns {Point[]}
 */
function merged(bins) {
  /** @type {Point[]} */
  const found = [];
  for (const [value, count] of bins) {
    const last = found[found.length - 1];
    if (last && last[0] === value) last[1] += count;
    else found.push([value, count]);
  }
  return found;
}

/** @param {Point[]} bins @param {number} total */
function withoutBorders(bins, total) {
  /** @param {Point} bin */
  const isBorder = (bin) => bin[1] / total >= BORDER;
  let inner = bins;
  if (isBorder(bins[0])) inner = inner.slice(1);
  if (bins.length > 1 && isBorder(bins[bins.length - 1])) inner = inner.slice(0, -1);
  return inner;
}

/**
 * A percentile between the two ranks beside it, as numpy has it by default.
 * @param {Point[]} bins @param {number} percent
 */
function percentile(bins, percent) {
  const total = bins.reduce((sum, bin) => sum + bin[1], 0);
  const rank = ((total - 1) * percent) / 100;
  const below = Math.floor(rank);
  const first = ranked(bins, below);
  return first + (ranked(bins, Math.min(below + 1, total - 1)) - first) * (rank - below);
}

/** @param {Point[]} bins @param {number} rank */
function ranked(bins, rank) {
  let passed = 0;
  for (const [value, count] of bins) {
    passed += count;
    if (rank < passed) return value;
  }
  return bins[bins.length - 1][0];
}
