/**
 * What a pointer and keys do with the ends of marks: dragged, taken up by a click and put down by the next,
 * moved by the arrows.
 *
 * @module
 */

import { mark as put } from "./dom.js";

/** @import { Marks } from "./marks.js" */
/** @import { Point } from "./record.js" */

/** @typedef {{ key: string, ends: number[], start: Point, at: Point[], hasMoved: boolean, gesture: string }} Held */

const CLICK = 3; // CSS pixels that a pointer may tremble in a click
/** @type {Record<string, Point>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The step of an arrow key in pixels of the image: 1, with Shift 10, with Alt 0.1.
 * @param {KeyboardEvent} event @returns {Point | null}
 */
export function stepOf(event) {
  const step = STEPS[event.key];
  if (!step || event.ctrlKey || event.metaKey) return null;
  const size = event.shiftKey ? 10 : event.altKey ? 0.1 : 1;
  return step.map((value) => value * size);
}

/** The ends of the marks of one canvas; what is done with them is told by the events of `marks`. */
export class Ends {
  /** @param {Marks} marks */
  constructor(marks) {
    this.marks = marks;
    /** @type {{ key: string, end: number } | null} */
    this.carried = null;
    /** Puts back what a pointer drags, and lets it go. @type {() => void} */
    this.letGo = () => undefined;
  }

  /**
   * A pointer takes one end, or the whole line, where it is: what it grabs does not jump to it.
   * @param {PointerEvent} event @param {string} key @param {number[]} ends
   */
  grab(event, key, ends) {
    const { mark, handles } = this.marks.shapeOf(key);
    if (event.button !== 0 || !mark.mayMove || (this.carried && this.carried.key === key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (ends.length === 1) handles[ends[0]].group.focus({ preventScroll: true });
    const start = [event.clientX, event.clientY];
    const at = mark.points.map((point) => this.marks.canvas.toScreen(point));
    const held = { key, ends, start, at, hasMoved: false, gesture: `drag ${key} ${event.timeStamp}` };
    const target = /** @type {SVGElement} */ (event.currentTarget);
    target.setPointerCapture(event.pointerId);
    /** @param {PointerEvent} moved */
    const follow = (moved) => this.follow(held, moved);
    /** @param {PointerEvent} moved */
    const release = (moved) => {
      leave();
      this.release(held, moved);
    };
    const leave = () => {
      this.letGo = () => undefined;
      target.removeEventListener("pointermove", follow);
      target.removeEventListener("pointerup", release);
      target.removeEventListener("pointercancel", release);
    };
    this.letGo = () => {
      leave();
      const shown = this.marks.drawn.get(key)?.mark;
      if (shown && held.hasMoved) this.marks.events.moved(shown, mark.points, held.gesture);
    };
    target.addEventListener("pointermove", follow);
    target.addEventListener("pointerup", release);
    target.addEventListener("pointercancel", release);
  }

  /** @param {Held} held @param {PointerEvent} event */
  follow(held, event) {
    const far = [event.clientX - held.start[0], event.clientY - held.start[1]];
    if (!held.hasMoved && Math.hypot(...far) < CLICK) return;
    held.hasMoved = true;
    const mark = this.marks.drawn.get(held.key)?.mark;
    if (!mark) return;
    const points = mark.points.map((point, end) => {
      if (!held.ends.includes(end)) return point;
      const [x, y] = held.at[end];
      return this.marks.canvas.toImage(x + far[0], y + far[1]);
    });
    this.marks.events.moved(mark, this.within(points, held.ends), held.gesture);
  }

  /** @param {Held} held @param {PointerEvent} event */
  release(held, event) {
    const mark = this.marks.drawn.get(held.key)?.mark;
    if (!mark) return;
    if (held.hasMoved) this.marks.events.rested(mark, held.ends.length === 1 ? held.ends[0] : null);
    else if (held.ends.length === 1 && event.type === "pointerup") this.carry(held.key, held.ends[0]);
  }

  /**
   * An end taken up by a click, to be put down by the next one (WCAG 2.5.7); null puts it back.
   * @param {string | null} key @param {number} [end]
   */
  carry(key, end = 0) {
    this.carried = key === null ? null : { key, end };
    for (const shape of this.marks.drawn.values()) {
      shape.handles.forEach(({ group }, each) =>
        put(group, "data-carried", this.carried && shape.mark.key === key && each === end ? "" : null),
      );
    }
    this.marks.events.carrying(this.carried !== null);
  }

  /** Nothing is held any more, by a pointer or by a click. */
  drop() {
    this.letGo();
    this.carry(null);
  }

  /**
   * A carried end put down at a place of the screen, on the image where it was taken up.
   * @param {Point} of
   */
  putDown([x, y]) {
    if (!this.carried) return;
    const { key, end } = this.carried;
    const { mark } = this.marks.shapeOf(key);
    const points = mark.points.map((point, each) => (each === end ? this.marks.canvas.toImage(x, y) : point));
    this.carry(null);
    this.marks.events.moved(mark, this.within(points, [end]), "");
    this.marks.events.rested(mark, end);
  }

  /**
   * The points kept on the image; a whole line that would leave it stops as it is.
   * @param {Point[]} points @param {number[]} ends
   */
  within(points, ends) {
    const least = ends.map((end) => points[end].map((value, axis) => Math.min(Math.max(value, 0), this.marks.limits[axis]) - value));
    const shift = [0, 1].map((axis) => least.map((each) => each[axis]).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0));
    return points.map((point, end) => (ends.includes(end) ? [point[0] + shift[0], point[1] + shift[1]] : point));
  }

  /** @param {KeyboardEvent} event @param {string} key @param {number} end */
  press(event, key, end) {
    const { mark } = this.marks.shapeOf(key);
    const step = stepOf(event);
    if (step) {
      const points = mark.points.map((point, each) => (each === end ? [point[0] + step[0], point[1] + step[1]] : point));
      this.marks.events.moved(mark, this.within(points, [end]), `keys ${key} ${end}`);
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.marks.events.rested(this.marks.drawn.get(key)?.mark ?? null, end), 600);
    } else if (event.key === "Delete" || event.key === "Backspace") this.marks.events.removed(mark);
    else if (event.key === "Enter" && mark.look === "model") this.marks.events.accepted(mark);
    else if (event.key === "Escape" && this.carried) this.carry(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
