/**
 * What a record says of the patient before the images: event, causes, symptoms, indication.
 *
 * Pure functions from one record to the next. An event is of one hip, or of the patient as a whole.
 *
 * @module
 */

import { withKeys } from "./record.js";

/** @import { Changes, DraftRecord, IndexEvent, Side } from "./record.js" */

/**
 * @typedef {{ event: IndexEvent, path: string }} PlacedEvent
 */

/**
 * The record with some keys of its context changed; a null is a key left out.
 * @param {DraftRecord} record @param {Changes} changes @returns {DraftRecord}
 */
export function withContext(record, changes) {
  const entries = Object.entries({ ...record.context, ...changes });
  const context = Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
  return withKeys(record, { context: Object.keys(context).length ? context : null });
}

/** @param {IndexEvent} event @param {Side} side */
const isOf = (event, side) => !event.side || event.side === side;

/**
 * The events of a record, each with its path in it.
 * @param {DraftRecord} record @returns {PlacedEvent[]}
 */
function eventsOf(record) {
  const { index_event: one, index_events: both } = record.context ?? {};
  if (one) return [{ event: one, path: "$.context.index_event" }];
  return (both ?? []).map((event, index) => ({ event, path: `$.context.index_events[${index}]` }));
}

/**
 * The event of the hip of this side with its path; where it has none, the path that it would have.
 * @param {DraftRecord} record @param {Side} side @returns {{ event: IndexEvent | null, path: string }}
 */
export function eventOf(record, side) {
  return eventsOf(record).find(({ event }) => isOf(event, side)) ?? { event: null, path: "$.context.index_event" };
}

/**
 * The record with another event of this hip; null takes it away.
 *
 * One that was of the patient as a whole stays so. With one of each hip both are listed, right first.
 *
 * @param {DraftRecord} record @param {Side} side @param {IndexEvent | null} event @returns {DraftRecord}
 */
export function withEvent(record, side, event) {
  const former = eventOf(record, side).event;
  const others = eventsOf(record).map((each) => each.event).filter((each) => each !== former);
  /** @type {IndexEvent | null} */
  const own = event && { ...event, side: former ? former.side : side };
  if (own && !own.side) delete own.side;
  const events = [...others, ...(own ? [own] : [])];
  events.sort((first, second) => (first.side === second.side ? 0 : first.side === "right" ? -1 : 1));
  return withContext(record, { index_event: events.length === 1 ? events[0] : null, index_events: events.length > 1 ? events : null });
}
