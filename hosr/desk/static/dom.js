/**
 * Elements from names and words: text is always text, and no markup is ever parsed (Trusted Types).
 *
 * @module
 */

/**
 * @typedef {string | number | boolean | null | undefined} Attribute
 * @typedef {{ [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => unknown }} Listeners
 * @typedef {{ [name: string]: any, on?: Listeners }} Attributes
 * @typedef {Node | string | null | undefined | false} Leaf
 * @typedef {Leaf | (Leaf | Leaf[])[]} Child
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Attributes, listeners (`on`) and children set on an element; null and false leave one out.
 * @template {Element} T @param {T} element @param {Attributes} attributes @param {Child[]} children @returns {T}
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  const leaves = /** @type {Leaf[]} */ (children.flat(2));
  element.append(...leaves.filter((leaf) => leaf !== null && leaf !== undefined && leaf !== false));
  return element;
}

/**
 * An element of the page.
 * @template {keyof HTMLElementTagNameMap} K @param {K} name @param {Attributes} [attributes] @param {...Child} children @returns {HTMLElementTagNameMap[K]}
 */
export function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/**
 * An element of a drawing.
 * @template {keyof SVGElementTagNameMap} K @param {K} name @param {Attributes} [attributes] @param {...Child} children @returns {SVGElementTagNameMap[K]}
 */
export function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/**
 * The element of this id, which the shell holds.
 * @param {string} id @returns {HTMLElement}
 */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * What an element holds, replaced; nothing is touched where the words are the same.
 * @param {Element} element @param {string} text
 */
export function show(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * An attribute set, or taken away by null and false; untouched where it is the same.
 * @param {Element} element @param {string} name @param {Attribute} value
 */
export function mark(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/**
 * A button with its words, what it does, and the key that does the same.
 * @param {string} words @param {() => unknown} act @param {Attributes} [attributes]
 */
export function button(words, act, attributes = {}) {
  return make("button", { type: "button", on: { click: act }, ...attributes }, words);
}

let made = 0;

/**
 * An id that no other element of the page has.
 * @param {string} stem
 */
export function freshId(stem) {
  made += 1;
  return `${stem}-${made}`;
}
