/**
 * The keys of the desk, as one table: what they do, and what the help says of them.
 *
 * Single letters answer only while the image has the focus (WCAG 2.2, 2.1.4). Keys of marks are in
 * `marks.js`, and are named here for the help alone.
 *
 * @module
 */

import { stepOf } from "./ends.js";

/** @import { Viewer } from "./viewer.js" */

const PAN = 40; // CSS pixels

/** Key, what it is called in the words of the page, and the act of the desk; no act: done elsewhere. */
export const KEYS = [
  ["J", "key_next", "next"],
  ["K", "key_previous", "previous"],
  ["H", "key_other_hip", "otherHip"],
  ["G", "key_gap", "drawGap"],
  ["I", "key_island", "drawIsland"],
  ["C", "key_circle", "drawCircle"],
  ["L", "key_line", "drawLine"],
  ["B", "key_bridging", "goBridging"],
  ["M", "key_mark", "goMark"],
  ["X", "key_other_end", "goOtherEnd"],
  ["A", "key_accept", "acceptAll"],
  ["E", "key_edge", "takeEdge"],
  ["O", "key_original", "toggleOriginal"],
  ["P", "key_prior", "togglePrior"],
  ["N", "key_invert", "invert"],
  ["F", "key_fit", "fit"],
  ["R", "key_reset", "reset"],
  ["+", "key_zoom_in", "zoomIn"],
  ["-", "key_zoom_out", "zoomOut"],
  ["[", "key_narrow", "narrow"],
  ["]", "key_wide", "widen"],
  [",", "key_darker", "darker"],
  [".", "key_brighter", "brighter"],
  ["Z", "key_undo", "undo"],
  ["Shift Z", "key_redo", "redo"],
  ["PageUp", "key_slice_back", "sliceBack"],
  ["PageDown", "key_slice_on", "sliceOn"],
  ["Enter", "key_enter", "enter"],
  ["Escape", "key_escape", "escape"],
  ["?", "key_help", "help"],
];

/** What is only told: keys on the end of a line, and the pointer. */
export const TOLD = [
  ["← → ↑ ↓", "key_arrows"],
  ["Shift ← → ↑ ↓", "key_arrows_ten"],
  ["Alt ← → ↑ ↓", "key_arrows_tenth"],
  ["Shift ← → ↑ ↓", "key_pan"],
  ["Delete", "key_delete"],
  [null, "pointer_window"],
  [null, "pointer_zoom"],
  [null, "pointer_pan"],
  [null, "pointer_touch"],
  [null, "pointer_click"],
];

const ACTS = new Map(KEYS.map(([key, , act]) => [key, act]));

/**
 * The act of a key that was pressed over the image; "" where it has none.
 * @param {KeyboardEvent} event
 */
export function actOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return "";
  const letter = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const isLetter = /^[A-Z]$/.test(letter);
  if (letter === "=") return ACTS.get("+");
  return ACTS.get(isLetter && event.shiftKey ? `Shift ${letter}` : letter) ?? "";
}

/**
 * Arrows over the image: the cross of a drawing, slices of a stack, else the image itself.
 * @param {KeyboardEvent} event @param {Viewer} viewer
 */
export function pressArrow(event, viewer) {
  const step = stepOf(event);
  if (!step) return false;
  if (viewer.drawing) viewer.moveCursor(step);
  else if (viewer.isStack && step[1] && !event.shiftKey) viewer.step(Math.sign(step[1]));
  else viewer.canvas.move(-PAN * Math.sign(step[0]), -PAN * Math.sign(step[1]));
  return true;
}
