/**
 * Elements from names and words: text is always text, and no markup is ever parsed (Trusted Types).
 *
 * @module
 */

const SVG = "http://www.w3.org/2000/svg";

/** Attributes, listeners (`on`) and children set on an element; null and false leave one out. */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An element of the page. */
export function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** An element of a drawing. */
export function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** The element of this id, which the shell holds. */
export function byId(id) {
  return document.getElementById(id);
}

/** What an element holds, replaced; nothing is touched where the words are the same. */
export function show(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** An attribute set, or taken away by null and false; untouched where it is the same. */
export function mark(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** A button with its words, what it does, and the key that does the same. */
export function button(words, act, attributes = {}) {
  return make("button", { type: "button", on: { click: act }, ...attributes }, words);
}

let made = 0;

/** An id that no other element of the page has. */
export function freshId(stem) {
  made += 1;
  return `${stem}-${made}`;
}
