/**
 * The words of the page in its language, as the server put them into the shell, and its numbers.
 *
 * @module
 */

const words = JSON.parse(document.body.dataset.words ?? "{}");
// English days as the report writes them, the day before the month.
export const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;

/**
 * The words of a key, their {places} filled in.
 * @param {string} key @param {Record<string, unknown>} [values]
 */
export function say(key, values = {}) {
  const text = words[key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ whole, /** @type {string} */ name) => (name in values ? String(values[name]) : whole));
}

/**
 * Parts of which each says what the one after it is of or about, as "a: b"; empty ones are left out.
 * @param {...(string | undefined)} parts @returns {string}
 */
export function labelled(...parts) {
  const told = parts.map((part) => part ?? "").filter(Boolean);
  return told.length ? told.reduce((name, text) => say("labelled", { name, text })) : "";
}

/**
 * Whether there are words of a key: those of a server that is newer may be missing.
 * @param {string} key @param {string} otherwise
 */
export function sayOr(key, otherwise) {
  return key in words ? words[key] : otherwise;
}

/**
 * A number as the language writes it, with so many decimals.
 * @param {number} value
 */
export function number(value, decimals = 1) {
  return new Intl.NumberFormat(language, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    useGrouping: false,
  }).format(value);
}

/**
 * A day or a moment in ISO 8601 as the language writes it; other text as it is.
 * @param {string} iso
 */
export function day(iso, withTime = false) {
  const at = new Date(iso.length === 10 ? `${iso}T00:00:00` : iso);
  if (!iso || Number.isNaN(at.getTime())) return iso;
  /** @type {Intl.DateTimeFormatOptions} */
  const form = { day: "2-digit", month: "short", year: "numeric" };
  return new Intl.DateTimeFormat(language, withTime ? { ...form, hour: "2-digit", minute: "2-digit" } : form).format(at);
}

/**
 * A length in the server's words as its millimetres and what stands beside them.
 * @param {string} sentence
 */
export function partsOf(sentence) {
  const place = sentence.indexOf("±");
  return place < 0 ? { value: sentence, rest: "" } : { value: sentence.slice(0, place).trim(), rest: sentence.slice(place).replace("± ", "±\u00a0") };
}
