/**
 * The server's answers as values, and its refusals as errors that say what to do next.
 *
 * @module
 */

/** The session ended: what is on the page has to go. */
export class Locked extends Error {}

/** The server does not answer; what was sent may or may not have arrived. */
export class Unreachable extends Error {}

/** Somebody else changed the draft first; `current` is what it is now. */
export class Stale extends Error {
  constructor(current) {
    super("stale");
    this.current = current;
  }
}

/** The server says no, and why. */
export class Refused extends Error {
  constructor(status, told) {
    super(told.problem || told.message || `HTTP ${status}`);
    this.status = status;
    this.code = told.code || "";
    this.remedy = told.remedy || "";
    this.faults = told.faults || [];
  }
}

let reader = "";

/** Whose page this is, from now on: where another reader begins in the same browser, it is refused. */
export function beReader(key) {
  reader = key;
}

async function ask(path, options, isBackground = false) {
  const headers = { Accept: "application/json", ...options.headers };
  if (reader) headers["Hosr-Reader"] = reader;
  if (isBackground) headers["Hosr-Background"] = "1"; // does not count as somebody being there
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", redirect: "error", ...options, headers });
  } catch (cause) {
    throw new Unreachable("no answer", { cause });
  }
  if (answer.ok) return answer;
  if (answer.status === 401) throw new Locked("locked");
  const body = await answer.json().catch(() => ({}));
  const told = { ...body, ...body.error };
  if (told.code === "reader") throw new Locked("another reader");
  if (answer.status === 412 && told.current) throw new Stale(told.current);
  if (answer.status === 502 || answer.status === 503 || answer.status === 504) throw new Unreachable("no answer");
  throw new Refused(answer.status, told);
}

async function read(answer) {
  try {
    return answer.status === 204 ? null : await answer.json();
  } catch (cause) {
    throw new Unreachable("half an answer", { cause });
  }
}

/** What lies at a path, as JSON; asked for by a person, or by the page itself in the background. */
export async function get(path, { isBackground = false } = {}) {
  return read(await ask(path, {}, isBackground));
}

/** Stored values of a frame as bytes. */
export async function getBytes(path) {
  const answer = await ask(path, {});
  try {
    return await answer.arrayBuffer();
  } catch (cause) {
    throw new Unreachable("half an answer", { cause });
  }
}

/** A change sent as JSON, for the very version of the draft that `etag` names. */
export async function send(method, path, body, etag = "") {
  const headers = { "Content-Type": "application/json" };
  if (etag) headers["If-Match"] = etag;
  return read(await ask(path, { method, headers, body: JSON.stringify(body) }));
}
