/**
 * The server's answers as values, and its refusals as errors that say what to do next.
 *
 * @module
 */

/** @import { DraftRecord, Hip, Point, Side } from "./record.js" */

/**
 * @typedef {{ record: DraftRecord, decisions: string[] }} Content what of a draft a person edits
 * @typedef {object} View a draft with its report, as a reader sees it
 * @property {DraftFacts} draft
 * @property {DraftRecord} record
 * @property {DraftRecord | null} original
 * @property {string[]} decisions
 * @property {Report} report
 * @property {boolean} blind
 * @property {boolean} may_edit
 * @property {boolean} may_amend
 * @property {Wrote[]} [words] what others wrote that stands in the record
 * @property {Record<string, string>} [patient]
 * @property {Record<string, string>} [study]
 * @typedef {{ side: Side | null, key: string, text: string, by: string, may_take: boolean }} Wrote what another one wrote
 * @typedef {object} DraftFacts how a draft stands
 * @property {string} id
 * @property {string} etag
 * @property {string} status
 * @property {string} hold_reason
 * @property {string} changed_at
 * @property {string[]} made_from
 * @property {{ refused?: AccountEntry[], assumed?: AccountEntry[] }} [account] what was told when it was made of a result
 * @property {number[]} versions
 * @property {string} changed_by who made of it what it is now, as far as that was a person
 * @property {{ step: string, words: string } | null} [ended] what became elsewhere of what was signed
 * @property {string} [newer] that there is a newer draft of the study, in words; empty where there is none
 * @property {string} sent
 * @typedef {{ place: string, words: string }} AccountEntry
 * @typedef {{ key: string, display: string, may_sign: boolean }} Reader
 * @typedef {object} Report
 * @property {FaultFacts[]} faults
 * @property {boolean} may_sign
 * @property {string[]} why_not
 * @property {string | null} document
 * @property {{ document: string, words: string } | null} [amends] the signed report that it is the amendment of, once it is signed
 * @property {Compared | null} [compared] by side; null where no report can be made
 * @property {HipReport[]} hips
 * @property {string} status_line
 * @property {Section[]} sections
 * @property {{ path: string, problem: string }[]} notes
 * @typedef {Partial<Record<Side, { document: string, signed_at: string } | null>>} Compared what each hip is compared with
 * @typedef {{ key: string, title: string, paragraphs: string[] }} Section
 * @typedef {{ label: string, record?: DraftRecord, decisions?: string[] }} Fix what a button sets right
 * @typedef {{ path: string, place?: string, problem: string, remedy: string, fix?: Fix | null, fixes?: Fix[] }} FaultFacts
 * @typedef {{ key: string, sentence: string, fixes: Fix[] }} Flag
 * @typedef {object} HipReport
 * @property {Side} side
 * @property {GradedScale[]} scales
 * @property {Flag[]} flags
 * @property {Measure | null} gap
 * @property {Measure | null} gap_lateral
 * @property {(Measure | null)[]} islands
 * @property {{ true_mm: number } | null} calibration
 * @property {GapScale | null} gap_scale_svg
 * @typedef {object} Measure a length as the report measured it
 * @property {number | null} mm
 * @property {number} uncertainty_mm
 * @property {string} sentence
 * @typedef {object} GradedScale
 * @property {string} key
 * @property {string} title
 * @property {string | null} grade
 * @property {string} label
 * @property {string} rule
 * @property {string} note
 * @property {string | null} derived
 * @property {string[]} possible
 * @property {string | null} source_grade
 * @property {boolean} is_conflict
 * @property {boolean} is_open
 * @property {string | null} decision
 * @property {GradeChoice[]} choices
 * @property {{ by: string, grade: string } | null} [former] of another one before
 * @property {{ by: string, grade: string } | null} [chosen]
 * @typedef {{ decision: string, grade: string, label?: string }} GradeChoice
 * @typedef {Record<string, any> & { shown: boolean }} GapScale what the drawing of the 1 cm scale is made of
 * @typedef {object} ImageFacts an image as `GET .../images` tells it
 * @property {string} uid
 * @property {number} frames
 * @property {number} rows
 * @property {number} columns
 * @property {string} modality
 * @property {string} series
 * @property {string[]} orientation
 * @property {string} laterality
 * @property {Display} display
 * @property {{ frame_of_reference: string, frames: SlicePlane[] } | null} [geometry] of CT and MR alone
 * @property {{ mm_per_pixel: number[] | null, plane: string }} spacing
 * @property {string} [problem] why it cannot be shown
 * @typedef {object} SlicePlane where a slice lies in the patient
 * @property {number[]} position of the centre of its first pixel, mm
 * @property {number[]} orientation direction of its rows, then of its columns
 * @property {number[]} spacing mm between rows, and between columns
 * @typedef {{ center: number, width: number, function?: string }} Window
 * @typedef {{ table: number[], first: number, bits: number }} LookupTable
 * @typedef {{ slope: number, intercept: number }} Rescale
 * @typedef {object} Display from stored values to greys
 * @property {boolean} signed
 * @property {Rescale | LookupTable | null} modality
 * @property {Window | null} window
 * @property {LookupTable | null} voi
 * @property {boolean} inverse
 * @property {number[] | null} padding
 * @property {number[]} aspect height and width of a pixel
 * @property {{ shapes: string[], parts: Record<string, number[]>, grey: number } | null} shutter
 * @typedef {{ side: Side, marked: Hip, texts: Record<string, string> }} PriorHip what was marked, and what was measured by path
 * @typedef {{ title: string, words: string[], images: ImageFacts[], hips: PriorHip[] }} Prior an earlier study
 * @typedef {{ images: ImageFacts[], problem?: string }} Images
 * @typedef {object} Listed a row of the worklist
 * @property {string} id
 * @property {string} status
 * @property {number} urgency
 * @property {string[]} reasons
 * @property {string} patient_name
 * @property {string} patient_id
 * @property {string} study_day
 * @property {string} view
 * @property {{ side: Side, brooker: string, della_valle: string }[]} hips
 * @property {string} opened_by who has it in hand
 * @property {string} made_by
 * @property {string} [ended] the step by which what was signed was withdrawn or replaced elsewhere
 * @property {boolean} is_algorithm
 * @property {string} sent
 */

/** The session ended: what is on the page has to go. */
export class Locked extends Error {}

/** The server does not answer; what was sent may or may not have arrived. */
export class Unreachable extends Error {}

/** Somebody else changed the draft first; `current` is what it is now. */
export class Stale extends Error {
  /** @param {View} current */
  constructor(current) {
    super("stale");
    this.current = current;
  }
}

/** The server says no, and why. */
export class Refused extends Error {
  /** @param {number} status @param {any} told */
  constructor(status, told) {
    super(told.problem || told.message || `HTTP ${status}`);
    this.status = status;
    this.code = told.code || "";
    this.remedy = told.remedy || "";
    this.faults = told.faults || [];
  }
}

let reader = "";

/**
 * Whose page this is, from now on: where another reader begins in the same browser, it is refused.
 * @param {string} key
 */
export function beReader(key) {
  reader = key;
}

/** @param {string} path @param {RequestInit} options */
async function ask(path, options, isBackground = false) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", ...Object(options.headers) };
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

/** @param {Response} answer */
async function read(answer) {
  try {
    return answer.status === 204 ? null : await answer.json();
  } catch (cause) {
    throw new Unreachable("half an answer", { cause });
  }
}

/**
 * What lies at a path, as JSON; asked for by a person, or by the page itself in the background.
 * @param {string} path
 */
export async function get(path, { isBackground = false } = {}) {
  return read(await ask(path, {}, isBackground));
}

/**
 * Stored values of a frame as bytes.
 * @param {string} path
 */
export async function getBytes(path) {
  const answer = await ask(path, {});
  try {
    return await answer.arrayBuffer();
  } catch (cause) {
    throw new Unreachable("half an answer", { cause });
  }
}

/**
 * A change sent as JSON, for the very version of the draft that `etag` names.
 * @param {string} method @param {string} path @param {unknown} body
 */
export async function send(method, path, body, etag = "") {
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json" };
  if (etag) headers["If-Match"] = etag;
  return read(await ask(path, { method, headers, body: JSON.stringify(body) }));
}
