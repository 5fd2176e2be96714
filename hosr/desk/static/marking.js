/**
 * The marks of a draft: where the record has lines, in whose look, and what is written beside them.
 *
 * @module
 */

import { exact } from "./numbers.js";
import { acceptance, drawnPaths, hipOf, isModelled, isUntouched, lengthAt, lineAt, originOf, placesOf } from "./record.js";
import { partsOf, say, sayOr } from "./words.js";

/** @import { HipReport, Measure, Prior } from "./api.js" */
/** @import { DraftRecord, FramePlace, Hip, Island, Length, Point, Side, Whole } from "./record.js" */
/** @import { Session } from "./session.js" */
/** @import { Space } from "./slices.js" */

/**
 * @typedef {"own" | "model" | "original" | "prior"} Look
 * @typedef {object} Mark
 * @property {string} key
 * @property {number} [index] of the hip; of a line of this record alone
 * @property {string} path
 * @property {Side} side
 * @property {string} kind
 * @property {string} title
 * @property {number} [size] of a calibration its true size, mm
 * @property {Point[]} points on the images of its places: two ends, of an outline its corners
 * @property {Space | null} space of a line in the patient, which has no points before a slice shows it
 * @property {FramePlace[]} places
 * @property {Look} look
 * @property {boolean} [isVague]
 * @property {string} text
 * @property {string} value
 * @property {boolean} mayMove
 */

/** A mark that is an outline: its points are the corners. */
export const REGION = "region";

/**
 * What a line is called: that of which hip.
 * @param {Side} side @param {string} path
 */
function titleOf(side, path) {
  const [key, index] = path.split(".");
  const what = key === "islands" ? say("island_number", { number: Number(index) + 1 }) : say(key);
  return say("mark_of", { hip: say(`${side}_hip`), what });
}

/**
 * What the report measured of a line; null where it has not yet, or cannot.
 * @param {HipReport | null} graded @param {string} path @returns {Measure | null}
 */
function measuredAt(graded, path) {
  const [key, index] = path.split(".");
  return (key === "islands" ? graded?.islands?.[Number(index)] : graded?.[/** @type {"gap" | "gap_lateral"} */ (key)]) ?? null;
}

/**
 * The words beside a line: the side, what it is, and its millimetres.
 * @param {Side} side @param {string} path @param {Length} length @param {Measure | null} measured @param {boolean} isLate
 */
function textOf(side, path, length, measured, isLate) {
  const [key] = path.split(".");
  const parts = [say(`short_${side}`), say(`short_${key}`)];
  if (key === "calibration") {
    const known = length.true_mm;
    // What was typed may be no number, which is a fault of its field.
    return typeof known === "number" ? [...parts, `${exact(known)}\u00a0mm`].join(" ") : parts.join(" ");
  }
  if (isLate) parts.push("…");
  else if (measured?.mm !== undefined && measured?.mm !== null) parts.push(partsOf(measured.sentence).value);
  return parts.join(" ");
}

/**
 * Where a line lies: on an image or two, or in the patient.
 * @param {Length} length @param {string | undefined} only
 */
function geometryOf(length, only) {
  const { points = [], points_mm: ends, frame_of_reference_uid: uid = "" } = length;
  return { points, places: placesOf(length, only), space: ends ? { ends, uid } : null };
}

/**
 * Every line of the record, as the viewer draws it; `only` is the single image of a study.
 * @param {Session} session @param {string | undefined} only @returns {Mark[]}
 */
export function marksOf(session, only) {
  const { record, report, decisions, isLate, mayEdit } = session;
  const { original } = session.view;
  return record.hips.flatMap((hip, index) => {
    const graded = report?.hips.find((each) => each.side === hip.side) ?? null;
    /** @type {Mark[]} */
    const lines = drawnPaths(hip).map((path) => {
      const length = lineAt(hip, path);
      const measured = measuredAt(graded, path);
      return {
        key: `${hip.side}.${path}`,
        index,
        path,
        side: hip.side,
        kind: path.split(".")[0],
        title: titleOf(hip.side, path),
        ...geometryOf(length, only),
        size: length.true_mm,
        look: isUntouched({ record, decisions, original }, index, path) ? "model" : "own",
        isVague: !isLate && measured !== null && measured.mm !== null && measured.mm < measured.uncertainty_mm,
        text: textOf(hip.side, path, length, measured, isLate),
        value: isLate ? "" : measured?.sentence ?? "",
        mayMove: mayEdit,
      };
    });
    const outlines = regionsOf(hip, hip.side, (island) => lookOf({ record, decisions, original }, hip.side, island), only);
    return [...lines, ...outlines];
  });
}

/**
 * The outlines of the islands of a hip, each in its look; they are shown, and not drawn by anybody here.
 * @param {Hip} hip @param {string} key @param {(island: Island) => Look | null} lookOfIsland null where one is not to be shown
 * @param {string | undefined} only @returns {Mark[]}
 */
function regionsOf(hip, key, lookOfIsland, only) {
  return (hip.islands ?? []).flatMap((island, index) => {
    const look = island.region ? lookOfIsland(island) : null;
    if (!island.region || !look) return [];
    const { polygon, ...place } = island.region;
    const path = `islands.${index}.${REGION}`;
    return [{ ...shownOnly(`${key}.${path}`, look, hip.side, path, { points: polygon, ...place }, only, ""), kind: REGION }];
  });
}

/**
 * Where among the islands that a draft was begun with the one with this outline stands; -1 where it is none.
 * @param {DraftRecord | null} original @param {Side} side @param {Island} island
 */
function findRegion(original, side, { region }) {
  return (hipOf(original, side)?.islands ?? []).findIndex((each) => each.region && JSON.stringify(each.region) === JSON.stringify(region));
}

/**
 * An outline is a model's as long as nobody took its island over.
 * @param {Whole} whole @param {Side} side @param {Island} island @returns {Look}
 */
function lookOf({ decisions, original }, side, island) {
  const origin = isModelled(original) ? findRegion(original, side, island) : -1;
  return origin >= 0 && !decisions.includes(acceptance(side, `islands.${origin}`)) ? "model" : "own";
}

/**
 * The lines as the draft was begun with, where they are another now.
 * @param {Session} session @param {string | undefined} only @returns {Mark[]}
 */
export function originalMarks(session, only) {
  const { record } = session;
  return (session.view.original?.hips ?? []).flatMap((hip) => {
    const key = `original.${hip.side}`;
    const lines = drawnPaths(hip)
      .filter((path) => !originOf(record, hip.side, path, lengthAt(hip, path)))
      .map((path) => shownOnly(`${key}.${path}`, "original", hip.side, path, lineAt(hip, path), only, say("original_mark")));
    return [...lines, ...regionsOf(hip, key, (island) => (findRegion(record, hip.side, island) < 0 ? "original" : null), only)];
  });
}

/**
 * What an earlier report marked, on its own images.
 * @param {Prior} prior @returns {Mark[]}
 */
export function priorMarks({ images, hips }) {
  const only = images.length === 1 ? images[0].uid : undefined;
  return hips.flatMap(({ side, marked, texts }) => {
    const key = `prior.${side}`;
    const lines = drawnPaths(marked).map((path) => {
      const text = [say(`short_${side}`), sayOr(`short_${path.split(".")[0]}`, ""), texts[path] ?? ""].filter(Boolean).join(" ");
      return shownOnly(`${key}.${path}`, "prior", side, path, lineAt(marked, path), only, text);
    });
    return [...lines, ...regionsOf(marked, key, () => "prior", only)];
  });
}

/** @param {string} key @param {Look} look @param {Side} side @param {string} path @param {Length} length @param {string | undefined} only @param {string} text @returns {Mark} */
function shownOnly(key, look, side, path, length, only, text) {
  const kind = path.split(".")[0];
  return { key, side, kind, path, look, text, title: text, ...geometryOf(length, only), size: length.true_mm, value: "", mayMove: false };
}
