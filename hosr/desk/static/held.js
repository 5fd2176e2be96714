/**
 * What a page holds out of sight while it is locked, until its reader is back.
 *
 * @module
 */

import { Stale } from "./api.js";

/** @import { Content } from "./api.js" */
/** @import { Session } from "./session.js" */

/** @typedef {{ id: string, etag: string, content: Content, cut: Content[], isAmending: boolean }} Held */

/**
 * What would be lost with the page; null where nothing would.
 * @param {Session} session @returns {Held | null}
 */
export function holdUnsaved(session) {
  if (!session.holdsUnsaved) return null;
  const { id, etag, content, cut, isAmending } = session;
  return { id, etag, content, cut, isAmending };
}

/**
 * What was held goes on where it was; over another version it is asked.
 * @param {Session} session @param {Held} held
 */
export function restoreHeld(session, { etag, content, cut, isAmending }) {
  if (isAmending) session.amend();
  const { view } = session;
  session.cut = cut;
  if (etag === session.etag || isAmending || session.findKept(view)) {
    if (JSON.stringify(content) !== JSON.stringify(session.content)) session.put(content);
    return;
  }
  session.content = content;
  session.enter("stale", new Stale(view));
  session.grader.ask();
  for (const what of ["changed", "stale"]) session.told(what);
}
