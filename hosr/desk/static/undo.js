/**
 * What was on the screen before: steps back, and forth again.
 *
 * @module
 */

/** @import { Content } from "./api.js" */

const MOST_STEPS = 200;

/** The steps of one session; changes of one gesture are one step. */
export class Undo {
  constructor() {
    /** @type {Content[]} */
    this.past = [];
    /** @type {Content[]} */
    this.future = [];
    this.gesture = "";
  }

  /**
   * What is about to be changed.
   * @param {Content} content
   */
  keep(content, gesture = "") {
    if (!gesture || gesture !== this.gesture) {
      this.past.push(content);
      if (this.past.length > MOST_STEPS) this.past.shift();
    }
    this.gesture = gesture;
    this.future = [];
  }

  /** The end of a gesture: the next change is a step of its own. */
  rest() {
    this.gesture = "";
  }

  /**
   * What comes in place of this: the step before; undefined where there is none.
   * @param {Content} content
   */
  back(content) {
    return this.step(content, this.past, this.future);
  }

  /**
   * The step that was gone back on; undefined where there is none.
   * @param {Content} content
   */
  forth(content) {
    return this.step(content, this.future, this.past);
  }

  /** @param {Content} content @param {Content[]} from @param {Content[]} to */
  step(content, from, to) {
    const next = from.pop();
    if (next === undefined) return undefined;
    to.push(content);
    this.gesture = "";
    return next;
  }
}
