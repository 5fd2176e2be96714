/**
 * What a record says in place of the header of an image, in words.
 *
 * @module
 */

import { labelled, say, sayOr } from "./words.js";

/** @import { Override } from "./record.js" */

/**
 * Of which image, what holds in place of its header, and why.
 * @param {Override} of
 */
export function tellOverride({ image, side, view, orientation, reason = "" }) {
  const said = [side && sayOr(side, side), view && sayOr(`view_${view}`, view), orientation?.join("\\")].filter(Boolean);
  return labelled(image ? `${say("image")} ${image}` : say("all_images"), said.join(", "), reason);
}
