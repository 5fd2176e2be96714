/**
 * Numbers as a person types and reads them in the language of the page. What could be two numbers is none.
 *
 * @module
 */

import { language, say } from "./words.js";

/** @typedef {{ value: number | string, why: string }} Reading what was typed: a number, or the text and why it is none */

const MARK = new Intl.NumberFormat(language).format(1.5).charAt(1); // before the decimals
const OTHER_MARK = MARK === "," ? "." : ",";
const NUMBER = /^[-+]?(\d+[.,]?\d*|[.,]\d+)$/;
// What may be a thousand and more, or something and thousandths: 1.234 where the comma is before decimals.
const THOUSANDS = new RegExp(`^[-+]?[1-9]\\d{0,2}\\${OTHER_MARK}\\d{3}$`);

/**
 * A number as it is, with the mark of the language before its decimals; what is none as it was typed.
 * @param {unknown} value
 */
export function exact(value) {
  return typeof value === "number" ? String(value).replace(".", MARK) : String(value ?? "");
}

/**
 * Millimetres as a person types them, with or without the unit; either mark may stand before decimals.
 *
 * What is no number goes into the record as it was typed, where it is a fault: else what was there before
 * would be signed beside it.
 *
 * @param {string} text @returns {Reading}
 */
export function readMillimetres(text) {
  const told = text.trim().replace(/\s*mm$/i, "");
  if (!NUMBER.test(told)) return { value: text, why: say("number_none", { example: exact(12.4) }) };
  if (THOUSANDS.test(told)) return { value: text, why: say("number_unclear", { mark: MARK }) };
  return { value: Number(told.replace(",", ".")), why: "" };
}

/**
 * Sizes as a person types them, "34 x 28,5": only a sign between two numbers makes them two.
 *
 * @param {string} text @returns {{ values: (number | string)[], why: string }}
 */
export function readSizes(text) {
  const parts = text.split(/[x×*;]/i).map((part) => part.trim()).filter(Boolean);
  const [first = ""] = parts;
  if (parts.length === 1 && /\d[,\s]+\d/.test(first)) return { values: [first], why: say("sizes_unclear", { two: `${exact(34)} × ${exact(28.5)}` }) };
  const readings = parts.map(readMillimetres);
  return { values: readings.map((each) => each.value), why: readings.find((each) => each.why)?.why ?? "" };
}
