/**
 * The marks of a draft: where the record has lines, in whose look, and what is written beside them.
 *
 * @module
 */

import { drawnPaths, isUntouched, lengthAt, originOf, placesOf } from "./record.js";
import { number, partsOf, say, sayOr } from "./words.js";

/** What a line is called: that of which hip. */
function titleOf(side, path) {
  const [key, index] = path.split(".");
  const what = key === "islands" ? say("island_number", { number: Number(index) + 1 }) : say(key);
  return say("mark_of", { hip: say(`${side}_hip`), what });
}

/** What the report measured of a line; null where it has not yet, or cannot. */
function measuredAt(graded, path) {
  const [key, index] = path.split(".");
  return (key === "islands" ? graded?.islands?.[Number(index)] : graded?.[key]) ?? null;
}

/** The words beside a line: the side, what it is, and its millimetres. */
function textOf(side, path, length, measured, isLate) {
  const [key] = path.split(".");
  const parts = [say(`short_${side}`), say(`short_${key}`)];
  if (key === "calibration") return [...parts, length.true_mm ? `${number(length.true_mm, 0)} mm` : ""].join(" ").trim();
  if (isLate) parts.push("…");
  else if (measured?.mm !== undefined && measured?.mm !== null) parts.push(partsOf(measured.sentence).value);
  return parts.join(" ");
}

/** Every line of the record, as the viewer draws it; `only` is the single image of a study. */
export function marksOf(session, only) {
  const { record, report, decisions, isLate, mayEdit } = session;
  const { original } = session.view;
  return record.hips.flatMap((hip, index) => {
    const graded = report?.hips.find((each) => each.side === hip.side);
    return drawnPaths(hip).map((path) => {
      const length = lengthAt(hip, path);
      const measured = measuredAt(graded, path);
      return {
        key: `${hip.side}.${path}`,
        index,
        path,
        side: hip.side,
        kind: path.split(".")[0],
        title: titleOf(hip.side, path),
        points: length.points,
        places: placesOf(length, only),
        look: isUntouched({ record, decisions, original }, index, path) ? "model" : "own",
        isVague: !isLate && Boolean(measured) && measured.mm !== null && measured.mm < measured.uncertainty_mm,
        text: textOf(hip.side, path, length, measured, isLate),
        value: isLate ? "" : measured?.sentence ?? "",
        mayMove: mayEdit,
      };
    });
  });
}

/** The lines as the draft was begun with, where they are another now. */
export function originalMarks(session, only) {
  const { record } = session;
  return (session.view.original?.hips ?? []).flatMap((hip) => {
    return drawnPaths(hip)
      .filter((path) => !originOf(record, hip.side, path, lengthAt(hip, path)))
      .map((path) => shownOnly(`original.${hip.side}.${path}`, "original", hip.side, path, lengthAt(hip, path), only, say("original_mark")));
  });
}

/** The lines of an earlier report, beside its own image. */
export function priorMarks(prior) {
  const lines = prior.marks.filter((mark) => mark.points.length === 2);
  return lines.map((mark, index) => {
    const kind = mark.kind === "island" ? "islands" : mark.kind;
    const text = [say(`short_${mark.side}`), sayOr(`short_${kind}`, ""), mark.text ?? ""].filter(Boolean).join(" ");
    return shownOnly(`prior.${index}`, "prior", mark.side, kind, mark, prior.images[0]?.uid, text);
  });
}

function shownOnly(key, look, side, path, length, only, text) {
  const kind = path.split(".")[0];
  return { key, side, kind, path, look, text, title: text, points: length.points, places: placesOf(length, only), value: "", mayMove: false };
}
