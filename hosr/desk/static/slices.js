/**
 * Slices of one volume, and lines in the patient among them: which slices one passes, and where on each.
 *
 * Points of the patient are x, y, z in mm to the left, back and head (PS3.3 section C.7.6.2.1.1). Graphic
 * data count from the corner of the first pixel, the position of a slice is that of its centre.
 *
 * @module
 */

/** @import { SlicePlane } from "./api.js" */
/** @import { Mark } from "./marking.js" */
/** @import { ShownMark } from "./marks.js" */
/** @import { Place } from "./pixels.js" */
/** @import { Point } from "./record.js" */

/**
 * @typedef {{ ends: number[][], uid: string }} Space two points of the patient, and their frame of reference
 * @typedef {{ places: Place[], planes: SlicePlane[], gap: number, uid: string }} Stack parallel slices of one series
 */

const SAME_DIRECTION = 1e-3; // directions that differ by less are the same, written with other digits
const IN_PLANE_MM = 0.1;

/** @param {number[]} one @param {number[]} other */
const dot = (one, other) => one.reduce((sum, value, axis) => sum + value * other[axis], 0);

/** @param {SlicePlane} of */
function normalOf({ orientation: [a, b, c, x, y, z] }) {
  const normal = [b * z - c * y, c * x - a * z, a * y - b * x];
  const length = Math.hypot(...normal);
  return normal.map((value) => value / length);
}

/**
 * A place on a slice, or so many mm above it, in the patient.
 * @param {Point} point @param {SlicePlane} plane
 */
export function toPatient([column, row], plane, height = 0) {
  const { position, orientation, spacing } = plane;
  const [along, down] = [(column - 0.5) * spacing[1], (row - 0.5) * spacing[0]];
  const normal = normalOf(plane);
  return position.map((at, axis) => at + along * orientation[axis] + down * orientation[axis + 3] + height * normal[axis]);
}

/**
 * A point of the patient seen from a slice: the place right below it, and how far above it lies.
 * @param {number[]} point @param {SlicePlane} plane
 */
export function seenFrom(point, plane) {
  const offset = point.map((at, axis) => at - plane.position[axis]);
  const along = dot(offset, plane.orientation.slice(0, 3));
  const down = dot(offset, plane.orientation.slice(3));
  return { point: [along / plane.spacing[1] + 0.5, down / plane.spacing[0] + 0.5], height: dot(offset, normalOf(plane)) };
}

/** @param {Place} place */
const planeOf = ({ image, frame }) => image.geometry?.frames[frame - 1] ?? null;

/** @param {Stack} stack @param {number[]} point */
function nearest(stack, point) {
  const heights = stack.planes.map((plane) => Math.abs(seenFrom(point, plane).height));
  return heights.indexOf(Math.min(...heights));
}

/**
 * How far neighbouring slices lie apart, most of them; of a single one the width of its pixels.
 * @param {SlicePlane[]} planes
 */
function gapOf(planes) {
  const heights = planes.map((plane) => seenFrom(plane.position, planes[0]).height).sort((a, b) => a - b);
  const steps = heights.slice(1).map((height, index) => height - heights[index]).filter((step) => step > SAME_DIRECTION).sort((a, b) => a - b);
  if (!steps.length) return Math.max(...planes[0].spacing);
  const middle = steps.length >> 1;
  return steps.length % 2 ? steps[middle] : (steps[middle - 1] + steps[middle]) / 2;
}

/** @param {SlicePlane} one @param {SlicePlane} other */
function areParallel(one, other) {
  return one.orientation.every((value, index) => Math.abs(value - other.orientation[index]) < SAME_DIRECTION);
}

/** @param {Place[]} places @returns {Stack[]} */
function stacksOf(places) {
  /** @type {Stack[]} */
  const stacks = [];
  for (const place of places) {
    const plane = planeOf(place);
    const uid = place.image.geometry?.frame_of_reference ?? "";
    if (!plane || !uid) continue;
    const own = stacks.find((stack) => stack.uid === uid && stack.places[0].image.series === place.image.series && areParallel(stack.planes[0], plane));
    if (own) {
      own.places.push(place);
      own.planes.push(plane);
    } else stacks.push({ places: [place], planes: [plane], gap: 0, uid });
  }
  for (const stack of stacks) stack.gap = gapOf(stack.planes);
  return stacks;
}

/**
 * The part of a line that lies within half a slice of a plane, by shares of its way; null where none does.
 * @param {number[]} heights of its ends @param {number} half
 */
function within([first, last], half) {
  if (Math.abs(last - first) < IN_PLANE_MM) return Math.min(Math.abs(first), Math.abs(last)) <= half + IN_PLANE_MM ? [0, 1] : null;
  const shares = [-half, half].map((height) => (height - first) / (last - first)).sort((a, b) => a - b);
  const slack = IN_PLANE_MM / Math.abs(last - first);
  if (shares[1] < -slack || shares[0] > 1 + slack) return null;
  return shares.map((share) => Math.min(Math.max(share, 0), 1));
}

/** @param {Point[]} points @param {number} share */
const between = ([from, to], share) => from.map((value, axis) => value + share * (to[axis] - value));

/** The frames of a study, and the stacks that they make. */
export class Slices {
  /** @param {Place[]} places */
  constructor(places) {
    this.places = places;
    this.stacks = stacksOf(places);
    /** @type {Map<Place, Stack>} */
    this.stackOf = new Map(this.stacks.flatMap((stack) => stack.places.map((place) => [place, stack])));
  }

  /**
   * Where a frame stands among the places; undefined where it is not there.
   * @param {{ image: string | undefined, frame: number | undefined }} of
   */
  find({ image, frame }) {
    return this.places.find((place) => place.uid === image && (frame ?? 1) === place.frame);
  }

  /**
   * A line from one place on a slice to one on another, in the patient; null where they are not of one volume.
   * @param {Point[]} points @param {(Place | undefined)[]} places @returns {Space | null}
   */
  span(points, places) {
    const [first, last] = places.map((place) => (place ? this.stackOf.get(place) : undefined));
    if (!first || !last || first.uid !== last.uid) return null;
    const planes = places.map((place) => (place ? planeOf(place) : null));
    const ends = points.map((point, end) => toPatient(point, /** @type {SlicePlane} */ (planes[end])));
    return { ends, uid: first.uid };
  }

  /**
   * Where a mark lies in the patient: as its record says, or by its two slices; null where on one image.
   * @param {Mark} mark @returns {Space | null}
   */
  spaceOf(mark) {
    if (mark.space) return mark.space;
    const places = mark.places.map((each) => this.find(each));
    return places[0] === places[1] ? null : this.span(mark.points, places);
  }

  /**
   * A mark in the patient with one end put onto another slice; null where that is not of its volume.
   * @param {Mark} mark @param {number} end @param {Point} point @param {Place} place @returns {Space | null}
   */
  put(mark, end, point, place) {
    const space = this.spaceOf(mark) ?? this.span(mark.points, mark.places.map((each) => this.find(each)));
    const plane = planeOf(place);
    if (!space || !plane || this.stackOf.get(place)?.uid !== space.uid) return null;
    return { ...space, ends: space.ends.map((each, index) => (index === end ? toPatient(point, plane) : each)) };
  }

  /**
   * The slice on which an end of a mark lies, by its number among the places; -1 where none is known.
   * @param {Mark} mark @param {number} end @param {Place | null} seen the place that is shown: its stack goes first
   */
  locate(mark, end, seen) {
    const space = this.spaceOf(mark);
    const place = space ? this.locateIn(space, end, seen) : this.find(mark.places[end]);
    return place ? this.places.indexOf(place) : -1;
  }

  /** @param {Space} space @param {number} end @param {Place | null} seen */
  locateIn({ ends, uid }, end, seen) {
    const shown = seen ? this.stackOf.get(seen) : undefined;
    const own = this.stacks.filter((stack) => stack.uid === uid).sort((a, b) => b.places.length - a.places.length);
    const stack = shown?.uid === uid ? shown : own[0];
    return stack?.places[nearest(stack, ends[end])];
  }

  /**
   * A mark as it is seen on one frame; null where nothing of it is.
   *
   * Of a line in the patient its projection is drawn on every slice that it passes; an end is shown
   * on its own slice alone, which is the nearest.
   *
   * @param {Mark} mark @param {Place} place @returns {ShownMark | null}
   */
  show(mark, place) {
    const space = this.spaceOf(mark);
    if (!space) {
      const isShown = mark.places.map(({ image, frame }) => image === place.uid && (frame ?? 1) === place.frame);
      return isShown.includes(true) ? { ...mark, isShown, isAcross: mark.places[0].image !== mark.places[1].image } : null;
    }
    const stack = this.stackOf.get(place);
    const plane = planeOf(place);
    if (!stack || !plane || stack.uid !== space.uid) return null;
    const seen = space.ends.map((end) => seenFrom(end, plane));
    const heights = seen.map((each) => each.height);
    const shares = within(heights, stack.gap / 2);
    const own = space.ends.map((end) => nearest(stack, end));
    const isShown = own.map((index) => stack.places[index] === place);
    if (!shares && !isShown.includes(true)) return null;
    const points = seen.map((each) => each.point);
    const numbers = own.map((index) => this.places.indexOf(stack.places[index]) + 1);
    const isAcross = own[0] !== own[1];
    return { ...mark, points, isShown, isAcross, numbers, part: isAcross ? (shares ?? [0, 0]).map((share) => between(points, share)) : undefined, seen: { space, heights, plane } };
  }
}

/**
 * A line in the patient whose ends were moved over a slice: each keeps its height above it, and one that
 * was not moved stays exactly where it is.
 *
 * @param {ShownMark} mark @param {Point[]} points @returns {Space | null} null for a line on one image
 */
export function moveInSpace({ points: before, seen }, points) {
  if (!seen) return null;
  const ends = seen.space.ends.map((end, index) => (points[index] === before[index] ? end : toPatient(points[index], seen.plane, seen.heights[index])));
  return { ...seen.space, ends };
}
