/**
 * A record as the desk edits it: pure functions from one record to the next, keys as in the schema.
 *
 * Coordinates are kept as they were drawn; nothing is rounded here. A null is a key left out.
 *
 * @module
 */

/** @import { Content } from "./api.js" */
/** @import { Place } from "./pixels.js" */
/** @import { Space } from "./slices.js" */

/**
 * @typedef {"right" | "left"} Side
 * @typedef {number[]} Point column and row, floats from the top left corner of the image
 * @typedef {{ image: string | undefined, frame: number | undefined }} FramePlace an image of several frames, and one of them
 * @typedef {object} Length a length of the record: drawn by two points, in space, or stated
 * @property {Point[]} [points] columns and rows
 * @property {number[][]} [points_mm] x, y, z to the left, back and head
 * @property {string | string[]} [image]
 * @property {number | number[]} [frame]
 * @property {string} [frame_of_reference_uid]
 * @property {number} [mm]
 * @property {string} [category]
 * @property {string} [plane]
 * @property {number} [uncertainty_mm]
 * @property {number} [true_mm] of a calibration
 * @typedef {{ polygon: Point[], image?: string, frame?: number }} Region an outline on one image
 * @typedef {{ length?: Length, region?: Region, site?: string[] }} Island
 * @typedef {object} Hip
 * @property {Side} side
 * @property {boolean} [evaluable]
 * @property {string} [not_evaluable_reason]
 * @property {string} [presence]
 * @property {{ pelvis?: boolean, femur?: boolean }} [spurs]
 * @property {string} [bridging]
 * @property {string} [bridging_basis]
 * @property {Length} [gap]
 * @property {Length} [gap_lateral]
 * @property {Island[]} [islands]
 * @property {Length} [calibration]
 * @property {string} [comment]
 * @property {string} [image] its key image, where no point names one
 * @property {number} [frame]
 * @property {string} [stage]
 * @property {string[]} [features]
 * @property {string[]} [site]
 * @property {boolean} [hardware_nearby]
 * @property {{ sizes_mm?: number[], contrast?: string }} [mass]
 * @typedef {{ procedure?: string, date?: string, side?: Side }} IndexEvent
 * @typedef {Record<string, any> & { index_event?: IndexEvent, index_events?: IndexEvent[] }} Context
 * @typedef {{ image?: string, side?: string, view?: string, orientation?: string[], reason?: string }} Override
 * @typedef {object} DraftRecord a record of schema version 1.0 or 1.1
 * @property {string} schema_version
 * @property {string} [view]
 * @property {{ type?: string, name?: string }} [observer]
 * @property {string} [conclusion]
 * @property {string} [incomplete]
 * @property {Override[]} [overrides] of headers that are wrong
 * @property {Context} [context]
 * @property {Hip[]} hips
 * @typedef {"gap" | "gap_lateral" | "calibration"} LineKey
 * @typedef {Record<string, unknown>} Changes keys of an object; null and undefined leave one out
 * @typedef {{ record: DraftRecord, decisions: string[], original: DraftRecord | null }} Whole
 */

/**
 * The record with hip number `index` changed; keys given as undefined or null are left out.
 * @param {DraftRecord} record @param {number} index @param {Changes} changes @returns {DraftRecord}
 */
export function withHip(record, index, changes) {
  const hips = record.hips.map((hip, each) => (each === index ? cleaned({ ...hip, ...changes }) : hip));
  return withVersion({ ...record, hips });
}

/**
 * The record with some of its own keys changed.
 * @param {DraftRecord} record @param {Changes} changes @returns {DraftRecord}
 */
export function withKeys(record, changes) {
  return withVersion(cleaned({ ...record, ...changes }));
}

/** @template {object} T @param {T} object @returns {T} */
function cleaned(object) {
  return /** @type {T} */ (Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null)));
}

// Keys that a record of version 1.0 does not know.
const NEWER = ["bridging_basis", "site", "hardware_nearby", "mass"];

/** @param {Hip} hip */
function isNewerHip(hip) {
  return (hip.islands ?? []).some((island) => island.site) || NEWER.some((key) => key in hip) || drawnPaths(hip).some((path) => lineAt(hip, path).points_mm);
}

/** @param {DraftRecord} record @returns {DraftRecord} */
function withVersion(record) {
  const isNewer = record.conclusion || record.incomplete || record.overrides || record.context?.index_events || record.hips.some(isNewerHip);
  return isNewer && record.schema_version === "1.0" ? { ...record, schema_version: "1.1" } : record;
}

/**
 * A hip added to the record, on which nothing is stated yet; the right one stands first.
 * @param {DraftRecord} record @param {Side} side @returns {DraftRecord}
 */
export function withSide(record, side) {
  const hips = [...record.hips, { side, evaluable: true }];
  hips.sort((first, second) => (first.side === second.side ? 0 : first.side === "right" ? -1 : 1));
  return { ...record, hips };
}

/**
 * The length or calibration at a path of a hip: gap, gap_lateral, islands.N, calibration.
 * @param {Hip | null | undefined} hip @param {string} path @returns {Length | undefined}
 */
export function lengthAt(hip, path) {
  const [key, index] = path.split(".");
  return key === "islands" ? hip?.islands?.[Number(index)]?.length : hip?.[/** @type {LineKey} */ (key)];
}

/**
 * The record with that length changed; an island that is new is added at the end.
 * @param {DraftRecord} record @param {number} index @param {string} path @param {Length} length
 */
export function withLength(record, index, path, length) {
  const [key, place] = path.split(".");
  if (key !== "islands") return withHip(record, index, { [key]: length });
  const islands = [...(record.hips[index].islands ?? [])];
  const island = islands[Number(place)] ?? {};
  islands[Number(place)] = cleaned({ ...island, length });
  return withHip(record, index, { islands });
}

/**
 * The record with one island of a hip changed; a null is a key left out.
 * @param {DraftRecord} record @param {number} index @param {number} number @param {Changes} changes
 */
export function withIsland(record, index, number, changes) {
  const islands = (record.hips[index].islands ?? []).map((island, each) => (each === number ? cleaned({ ...island, ...changes }) : island));
  return withHip(record, index, { islands });
}

/**
 * The record without the length at a path, and without the island that it was of.
 * @param {DraftRecord} record @param {number} index @param {string} path
 */
export function withoutLength(record, index, path) {
  const [key, place] = path.split(".");
  if (key !== "islands") return withHip(record, index, { [key]: null });
  const islands = (record.hips[index].islands ?? []).filter((_, each) => each !== Number(place));
  return withHip(record, index, { islands: islands.length ? islands : null });
}

/**
 * A length drawn from one point to another of an image; `frame` only of one that has several.
 * @param {Point[]} points @param {Place} place @returns {Length}
 */
export function drawnLength(points, place) {
  const length = { points, image: place.uid };
  return place.frames > 1 ? { ...length, frame: place.frame } : length;
}

/**
 * A length between two points of the patient.
 * @param {Space} space @returns {Length}
 */
export function spaceLength({ ends, uid }) {
  return { points_mm: ends, frame_of_reference_uid: uid };
}

/**
 * A length whose ends were moved, in place of what it was.
 *
 * What a model said of its own line, its uncertainty, does not hold of a person's.
 *
 * @param {Length} length @param {Length} drawn where it lies now @param {boolean} isModel @returns {Length}
 */
export function movedLength(length, drawn, isModel) {
  /** @type {Length & Changes} */
  const moved = { ...length, ...drawn };
  for (const key of ["mm", "category", ...(drawn.points_mm ? ["points", "image", "frame", "plane"] : [])]) delete moved[key];
  if (isModel) delete moved.uncertainty_mm;
  return moved;
}

/**
 * The ends that lie on images: [{image, frame}, {image, frame}]; frame 1 where none is named.
 * @param {Length} length @param {string | undefined} only @returns {FramePlace[]}
 */
export function placesOf(length, only) {
  /** @param {any} value @param {any} otherwise */
  const pair = (value, otherwise) => {
    const listed = Array.isArray(value) ? value : [value ?? otherwise];
    return [listed[0], listed[listed.length - 1]];
  };
  const images = pair(length.image, only);
  const frames = pair(length.frame, 1);
  return [0, 1].map((end) => ({ image: images[end], frame: frames[end] }));
}

/**
 * The image that a hip names as its own, where no line tells where it is seen; null where it names none.
 * @param {Hip} hip @param {string | undefined} only @returns {FramePlace | null}
 */
export function keyPlaceOf({ image = undefined, frame = undefined }, only) {
  return image || frame ? { image: image ?? only, frame } : null;
}

/**
 * The line at a path that has one.
 * @param {Hip} hip @param {string} path @returns {Length}
 */
export function lineAt(hip, path) {
  return /** @type {Length} */ (lengthAt(hip, path));
}

/**
 * Every path of a hip at which a line is drawn.
 * @param {Hip} hip @returns {string[]}
 */
export function drawnPaths(hip) {
  const islands = (hip.islands ?? []).map((_, index) => `islands.${index}`);
  return ["gap", "gap_lateral", ...islands, "calibration"].filter((path) => isDrawn(lengthAt(hip, path)));
}

/**
 * Whether it has two ends, on images or in the patient.
 * @param {Length | null | undefined} length
 */
export function isDrawn(length) {
  return Boolean(length?.points ?? length?.points_mm);
}

/**
 * Whether the source of the record is a program.
 * @param {DraftRecord | null | undefined} record
 */
export function isModelled(record) {
  return record?.observer?.type === "algorithm";
}

/**
 * The name of a decision that a mark of a model is taken over as it is.
 * @param {Side} side @param {string} path
 */
export function acceptance(side, path) {
  return `${side}:${path.replace("islands", "island")}=accepted`;
}

/** @param {Length | undefined} first @param {Length | undefined} second */
const samePoints = (first, second) => JSON.stringify(first?.points ?? first?.points_mm) === JSON.stringify(second?.points ?? second?.points_mm);

/**
 * The hip of a record on this side.
 * @param {DraftRecord | null | undefined} record @param {Side} side @returns {Hip | undefined}
 */
export function hipOf(record, side) {
  return record?.hips?.find((hip) => hip.side === side);
}

/**
 * Where in the record that a draft was begun with the very same line stands; "" where it is none of
 * those. Islands are told by their points: one that was removed moves the others up.
 *
 * @param {DraftRecord | null} original @param {Side} side @param {string} path @param {Length | undefined} length @returns {string}
 */
export function originOf(original, side, path, length) {
  const then = hipOf(original, side);
  if (!then || !isDrawn(length)) return "";
  const key = path.split(".")[0];
  return drawnPaths(then).find((each) => each.split(".")[0] === key && samePoints(lengthAt(then, each), length)) ?? "";
}

/**
 * Whether the line at a path still is the model's own: nobody moved or accepted it.
 * @param {Whole} of @param {number} index @param {string} path
 */
export function isUntouched({ record, decisions, original }, index, path) {
  if (!isModelled(original)) return false;
  const hip = record.hips[index];
  const origin = originOf(original, hip.side, path, lengthAt(hip, path));
  return origin !== "" && !decisions.includes(acceptance(hip.side, origin));
}

/**
 * The line that stood at a path when the draft was begun, where it is another now; else null.
 * @param {Whole} of @param {number} index @param {string} path @returns {Length | null}
 */
export function formerLength({ record, original }, index, path) {
  const hip = record.hips[index];
  const then = hipOf(original, hip.side);
  if (path.startsWith("islands") && then?.islands?.length !== hip.islands?.length) return null;
  const former = lengthAt(then, path);
  return former && isDrawn(former) && !samePoints(former, lengthAt(hip, path)) ? former : null;
}

// What the server may leave out of a record that it keeps, or say by itself: whose findings it holds.
const ATTRIBUTED = ["observer", "graded_at", "schema_version", "conclusion", "comment", "grades", "probabilities", "cumulative", "boundary", "candidates", "outlines", "uncertainty_mm"];

/**
 * The words of a record, by where they stand.
 * @param {DraftRecord} record @returns {Record<string, string | null>}
 */
function wordsOf(record) {
  const comments = record.hips.map((hip) => [hip.side, hip.comment ?? null]);
  return Object.fromEntries([["conclusion", record.conclusion ?? null], ...comments]);
}

/**
 * Whether what is kept is what was sent, whoever says it: the same findings and words, but for words
 * that were there `before` and that the server left out, and decisions that no longer stand.
 *
 * @param {Content} kept @param {Content} sent @param {(DraftRecord | null)[]} before
 */
export function isKept(kept, sent, before) {
  /** @param {string} key @param {unknown} value */
  const drop = (key, value) => (ATTRIBUTED.includes(key) ? undefined : value);
  if (JSON.stringify(kept.record, drop) !== JSON.stringify(sent.record, drop)) return false;
  if (!kept.decisions.every((each) => sent.decisions.includes(each))) return false;
  const [held, said] = [kept.record, sent.record].map(wordsOf);
  const former = before.filter((each) => each !== null).map(wordsOf);
  return Object.keys(said).every((place) => held[place] === said[place] || (held[place] === null && former.some((each) => each[place] === said[place])));
}
