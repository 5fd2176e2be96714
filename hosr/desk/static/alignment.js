/**
 * The same place of two films side by side: by implant heads that both were calibrated by, else by scale alone.
 *
 * Only views are aligned; what was measured is not touched. A film is mapped onto another by a scale and a
 * shift: how it was turned is left to whoever looks at both. With two heads the scale is that of the distance
 * between their centres; with one that of its diameter, each against its true size.
 *
 * @module
 */

/** @import { Mark } from "./marking.js" */
/** @import { Point, Side } from "./record.js" */
/** @import { Viewer } from "./viewer.js" */

/**
 * @typedef {{ center: Point, diameter: number, size: number }} Head in columns of its film, and its true size in mm
 * @typedef {{ basis: "heads" | "scale" | "frame", scale: number, map: (point: Point) => Point }} Alignment `scale`: columns of the other film to one of the first
 */

// Where the distance of two heads and their diameters tell scales that differ by more, one was marked elsewhere.
const SAME_SCALE = 0.1;

/**
 * The heads on the film that a viewer shows, by side.
 * @param {Viewer} viewer @returns {Map<Side, Head>}
 */
function headsOf({ allMarks, place, canvas }) {
  const shown = allMarks.filter((mark) => isOn(mark, place?.uid));
  return new Map(shown.map((mark) => [mark.side, headOf(mark, canvas.ratio)]));
}

/** @param {Mark} mark @param {string | undefined} uid */
function isOn({ kind, look, points, places, size }, uid) {
  return kind === "calibration" && look !== "original" && points.length === 2 && places[0].image === uid && Boolean(size);
}

/** @param {Mark} mark @param {number} ratio @returns {Head} */
function headOf({ points, size }, ratio) {
  const [[ax, ay], [bx, by]] = points.map(([x, y]) => [x, y * ratio]);
  return { center: [(ax + bx) / 2, (ay + by) / 2], diameter: Math.hypot(ax - bx, ay - by), size: size ?? 0 };
}

/** Columns of a film to a millimetre, at the depth of a head. @param {Head} head */
const perMm = ({ diameter, size }) => diameter / size;

/** @param {Head} one @param {Head} other */
const apart = (one, other) => Math.hypot(one.center[0] - other.center[0], one.center[1] - other.center[1]);

/**
 * The pairs of heads on two films, and how the one is enlarged against the other; null where they disagree.
 * @param {Viewer} from @param {Viewer} to
 */
function matchHeads(from, to) {
  const [first, second] = [headsOf(from), headsOf(to)];
  const pairs = [...first].flatMap(([side, head]) => {
    const other = second.get(side);
    return other && head.diameter && other.diameter ? [[head, other]] : [];
  });
  if (!pairs.length) return null;
  const byDiameter = perMm(pairs[0][1]) / perMm(pairs[0][0]);
  if (pairs.length === 1) return { pairs, scale: byDiameter };
  const scale = apart(pairs[0][1], pairs[1][1]) / apart(pairs[0][0], pairs[1][0]);
  return Number.isFinite(scale) && Math.abs(scale / byDiameter - 1) < SAME_SCALE ? { pairs, scale } : { pairs: pairs.slice(0, 1), scale: byDiameter };
}

/** The millimetres of a column as the header tells them, where both films measure in the same plane. @param {Viewer} from @param {Viewer} to */
function scaleOf(from, to) {
  const [one, other] = [from.place?.image.spacing, to.place?.image.spacing];
  if (!one?.mm_per_pixel || !other?.mm_per_pixel || one.plane !== other.plane) return 0;
  return one.mm_per_pixel[1] / other.mm_per_pixel[1];
}

/**
 * How the film of one viewer lies on that of another.
 * @param {Viewer} from @param {Viewer} to @returns {Alignment}
 */
export function align(from, to) {
  const [ratio, otherRatio] = [from.canvas.ratio, to.canvas.ratio];
  const heads = matchHeads(from, to);
  if (heads) {
    const { pairs, scale } = heads;
    /** @param {number} film @param {number} axis */
    const middle = (film, axis) => pairs.reduce((sum, pair) => sum + pair[film].center[axis], 0) / pairs.length;
    return {
      basis: "heads",
      scale,
      map: ([x, y]) => [middle(1, 0) + scale * (x - middle(0, 0)), (middle(1, 1) + scale * (y * ratio - middle(0, 1))) / otherRatio],
    };
  }
  const [{ columns, rows }, other] = [from, to].map((each) => /** @type {import("./pixels.js").Raster} */ (each.canvas.raster));
  const scale = scaleOf(from, to);
  return {
    basis: scale ? "scale" : "frame",
    scale: scale || from.canvas.fittingScale / to.canvas.fittingScale,
    map: ([x, y]) => [(x / columns) * other.columns, (y / rows) * other.rows],
  };
}

/**
 * The view of one film taken over for another, as they are aligned; on what that rests.
 * @param {Viewer} from @param {Viewer} to
 */
export function follow(from, to) {
  if (!from.canvas.raster || !to.canvas.raster || !from.canvas.width || !to.canvas.width) return null;
  const { basis, scale, map } = align(from, to);
  to.canvas.lookAt(map(from.canvas.middle), from.canvas.view.scale / scale);
  return basis;
}
