/**
 * A record as the desk edits it: pure functions from one record to the next, keys as in the schema.
 *
 * Coordinates are kept as they were drawn; nothing is rounded here. A null is a key left out.
 *
 * @module
 */

/** The record with hip number `index` changed; keys given as undefined or null are left out. */
export function withHip(record, index, changes) {
  const hips = record.hips.map((hip, each) => (each === index ? cleaned({ ...hip, ...changes }) : hip));
  return withVersion({ ...record, hips });
}

/** The record with some of its own keys changed. */
export function withKeys(record, changes) {
  return withVersion(cleaned({ ...record, ...changes }));
}

function cleaned(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null));
}

// Keys that a record of version 1.0 does not know.
const NEWER = ["bridging_basis", "site", "hardware_nearby", "mass"];

function withVersion(record) {
  const isNewer = record.conclusion || record.incomplete || record.context?.index_events || record.hips.some((hip) => NEWER.some((key) => key in hip));
  return isNewer && record.schema_version === "1.0" ? { ...record, schema_version: "1.1" } : record;
}

/** A hip added to the record, on which nothing is stated yet; the right one stands first. */
export function withSide(record, side) {
  const hips = [...record.hips, { side, evaluable: true }];
  hips.sort((first, second) => (first.side === second.side ? 0 : first.side === "right" ? -1 : 1));
  return { ...record, hips };
}

/** The length or calibration at a path of a hip: gap, gap_lateral, islands.N, calibration. */
export function lengthAt(hip, path) {
  const [key, index] = path.split(".");
  return key === "islands" ? hip?.islands?.[Number(index)]?.length : hip?.[key];
}

/** The record with that length changed; an island that is new is added at the end. */
export function withLength(record, index, path, length) {
  const [key, place] = path.split(".");
  if (key !== "islands") return withHip(record, index, { [key]: length });
  const islands = [...(record.hips[index].islands ?? [])];
  const island = islands[Number(place)] ?? {};
  islands[Number(place)] = cleaned({ ...island, length });
  return withHip(record, index, { islands });
}

/** The record without the length at a path, and without the island that it was of. */
export function withoutLength(record, index, path) {
  const [key, place] = path.split(".");
  if (key !== "islands") return withHip(record, index, { [key]: null });
  const islands = record.hips[index].islands.filter((_, each) => each !== Number(place));
  return withHip(record, index, { islands: islands.length ? islands : null });
}

/** A length drawn from one point to another of an image; `frame` only of one that has several. */
export function drawnLength(points, place) {
  const length = { points, image: place.uid };
  return place.frames > 1 ? { ...length, frame: place.frame } : length;
}

/**
 * A length whose ends were moved, in place of what it was.
 *
 * What a model said of its own line, its uncertainty, does not hold of a person's.
 */
export function movedLength(length, points, isModel) {
  const moved = { ...length, points };
  for (const key of ["mm", "category", "points_mm", "frame_of_reference_uid"]) delete moved[key];
  if (isModel) delete moved.uncertainty_mm;
  return moved;
}

/** The ends that lie on images: [{image, frame}, {image, frame}]; frame 1 where none is named. */
export function placesOf(length, only) {
  const pair = (value, otherwise) => {
    const listed = Array.isArray(value) ? value : [value ?? otherwise];
    return [listed[0], listed[listed.length - 1]];
  };
  const images = pair(length.image, only);
  const frames = pair(length.frame, 1);
  return [0, 1].map((end) => ({ image: images[end], frame: frames[end] }));
}

/** Every path of a hip at which a line is drawn. */
export function drawnPaths(hip) {
  const islands = (hip.islands ?? []).map((_, index) => `islands.${index}`);
  return ["gap", "gap_lateral", ...islands, "calibration"].filter((path) => lengthAt(hip, path)?.points);
}

/** Whether the source of the record is a program. */
export function isModelled(record) {
  return record?.observer?.type === "algorithm";
}

/** The name of a decision that a mark of a model is taken over as it is. */
export function acceptance(side, path) {
  return `${side}:${path.replace("islands", "island")}=accepted`;
}

const samePoints = (first, second) => JSON.stringify(first?.points) === JSON.stringify(second?.points);

/** The hip of a record on this side. */
export function hipOf(record, side) {
  return record?.hips?.find((hip) => hip.side === side);
}

/**
 * Where in the record that a draft was begun with the very same line stands; "" where it is none of
 * those. Islands are told by their points: one that was removed moves the others up.
 */
export function originOf(original, side, path, length) {
  const then = hipOf(original, side);
  if (!then || !length?.points) return "";
  const key = path.split(".")[0];
  return drawnPaths(then).find((each) => each.split(".")[0] === key && samePoints(lengthAt(then, each), length)) ?? "";
}

/** Whether the line at a path still is the model's own: nobody moved or accepted it. */
export function isUntouched({ record, decisions, original }, index, path) {
  if (!isModelled(original)) return false;
  const hip = record.hips[index];
  const origin = originOf(original, hip.side, path, lengthAt(hip, path));
  return origin !== "" && !decisions.includes(acceptance(hip.side, origin));
}

/** The line that stood at a path when the draft was begun, where it is another now; else null. */
export function formerLength({ record, original }, index, path) {
  const hip = record.hips[index];
  const then = hipOf(original, hip.side);
  if (path.startsWith("islands") && then?.islands?.length !== hip.islands?.length) return null;
  const former = lengthAt(then, path);
  return former?.points && !samePoints(former, lengthAt(hip, path)) ? former : null;
}
