/**
 * What is drawn over an image: lines with two ends that a person drags, clicks to a new place, or
 * moves by keys, and lines that are only shown.
 *
 * The look of a mark is "own", "model" until a person took it over, "original" or "prior". Ends are floats in
 * coordinates of the image (DICOM graphic data), exactly where they were put.
 *
 * @module
 */

import { draw, mark as put, show } from "./dom.js";
import { number, say } from "./words.js";

/** @import { SlicePlane } from "./api.js" */
/** @import { Canvas } from "./canvas.js" */
/** @import { Mark } from "./marking.js" */
/** @import { Point } from "./record.js" */
/** @import { Space } from "./slices.js" */

/**
 * @typedef {object} Shown a mark as one image shows it, its points where they are seen there
 * @property {boolean[]} isShown whether the image is that of each end
 * @property {boolean} isAcross whether its ends lie on two of them
 * @property {number[]} [numbers] of the slices of its ends
 * @property {Point[]} [part] of a line over several slices what lies within this one
 * @property {{ space: Space, heights: number[], plane: SlicePlane }} [seen]
 * @typedef {Mark & Shown} ShownMark
 * @typedef {object} MarkEvents
 * @property {(mark: ShownMark, points: Point[], gesture: string) => void} moved
 * @property {(mark: Mark | null, end: number | null) => void} rested
 * @property {(mark: Mark) => void} accepted
 * @property {(mark: Mark) => void} removed
 * @property {(mark: Mark) => void} chosen
 * @property {(isCarrying: boolean) => void} carrying
 * @typedef {object} Shape
 * @property {ShownMark} mark
 * @property {SVGGElement} group
 * @property {SVGCircleElement} circle
 * @property {SVGLineElement} halo
 * @property {SVGLineElement} line
 * @property {SVGLineElement} part
 * @property {SVGLineElement} grip
 * @property {SVGTextElement} label
 * @property {{ group: SVGGElement }[]} handles
 * @typedef {{ key: string, ends: number[], start: Point, at: Point[], hasMoved: boolean, gesture: string }} Held
 */

const HANDLE = 12; // CSS pixels, radius of what answers to a pointer: a target of 24 (WCAG 2.5.8)
const RING = 5;
const LABEL = 16; // CSS pixels, the height of a line of words
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

/** @param {SVGLineElement} line @param {Point} from @param {Point} to */
function lay(line, from, to) {
  for (const [name, value] of Object.entries({ x1: from[0], y1: from[1], x2: to[0], y2: to[1] })) put(line, name, value);
}

/**
 * From which slice to which a line leads.
 * @param {number[]} numbers
 */
export function tellSlices(numbers) {
  return say("slices_from_to", { number: Math.min(...numbers), count: Math.max(...numbers) });
}

/**
 * The drawing over one canvas. `events` are `moved(mark, points, gesture)`, `rested(mark, end)`,
 * `accepted(mark)`, `removed(mark)`, and `chosen(mark)` where one gets the focus.
 */
export class Marks {
  /** @param {SVGSVGElement} element @param {Canvas} canvas @param {MarkEvents} events */
  constructor(element, canvas, events) {
    this.element = element;
    this.canvas = canvas;
    this.events = events;
    /** @type {Map<string, Shape>} */
    this.drawn = new Map();
    /** @type {{ key: string, end: number } | null} */
    this.carried = null;
    /** @type {{ left: number, right: number, y: number }[]} the places of words */
    this.labelled = [];
    this.limits = [0, 0];
    /** Puts back what a pointer drags, and lets it go. @type {() => void} */
    this.letGo = () => undefined;
  }

  /**
   * The marks on the frame that is shown; `limits` are its columns and rows.
   * @param {ShownMark[]} marks @param {number[]} limits
   */
  set(marks, limits) {
    this.limits = limits;
    const wanted = new Set(marks.map((each) => each.key));
    for (const [key, shape] of this.drawn) {
      if (wanted.has(key)) continue;
      shape.group.remove();
      this.drawn.delete(key);
    }
    for (const each of marks) this.update(each);
    this.place();
  }

  /** @param {ShownMark} mark */
  update(mark) {
    let shape = this.drawn.get(mark.key);
    if (!shape) {
      shape = this.makeShape(mark);
      this.drawn.set(mark.key, shape);
      this.element.append(shape.group);
    }
    shape.mark = mark;
    put(shape.group, "class", `mark ${mark.look} ${mark.kind}${mark.isAcross ? " across" : ""}`);
    put(shape.group, "data-vague", mark.isVague ? "" : null);
    put(shape.group, "data-key", mark.key);
    const mayMove = mark.mayMove;
    put(shape.grip, "class", mayMove ? "grip" : "grip idle");
    for (const end of [0, 1]) this.describeHandle(shape, end, mayMove && mark.isShown[end]);
  }

  /** @param {ShownMark} mark @returns {Shape} */
  makeShape(mark) {
    const key = mark.key;
    /** @type {Shape} */
    const shape = {
      mark,
      group: draw("g"),
      circle: draw("circle", { class: "circle" }),
      halo: draw("line", { class: "halo" }),
      line: draw("line", { class: "line" }),
      part: draw("line", { class: "part" }),
      grip: draw("line", { class: "grip" }),
      label: draw("text", { class: "label" }),
      handles: [this.makeHandle(key, 0), this.makeHandle(key, 1)],
    };
    shape.grip.addEventListener("pointerdown", (event) => this.grab(event, key, [0, 1]));
    shape.label.setAttribute("aria-hidden", "true");
    shape.group.append(shape.circle, shape.halo, shape.line, shape.part, shape.grip, shape.label, ...shape.handles.map((each) => each.group));
    return shape;
  }

  /** @param {string} key @param {number} end */
  makeHandle(key, end) {
    const target = draw("circle", { class: "target", r: HANDLE });
    const halo = draw("circle", { class: "halo", r: RING });
    const ring = draw("circle", { class: "ring", r: RING });
    const group = draw(
      "g",
      {
        class: "handle",
        role: "slider",
        on: {
          pointerdown: (event) => this.grab(event, key, [end]),
          keydown: (event) => this.press(event, key, end),
          focus: () => {
            const shape = this.drawn.get(key);
            if (shape) this.events.chosen(shape.mark);
          },
          blur: () => this.events.rested(this.drawn.get(key)?.mark ?? null, null),
        },
      },
      target,
      halo,
      ring,
    );
    return { group };
  }

  /**
   * What a screen reader is told of an end: whose it is, where it lies, and the length.
   * @param {Shape} shape @param {number} end @param {boolean} isUsed
   */
  describeHandle(shape, end, isUsed) {
    const { mark, handles } = shape;
    const { group } = handles[end];
    put(group, "visibility", isUsed ? null : "hidden");
    put(group, "tabindex", isUsed ? "0" : null);
    put(group, "aria-hidden", isUsed ? null : "true");
    const [column, row] = mark.points[end];
    put(group, "aria-label", say(end ? "second_end" : "first_end", { mark: mark.title }));
    put(group, "aria-valuemin", "0");
    put(group, "aria-valuemax", this.limits[0]);
    put(group, "aria-valuenow", Math.round(column * 10) / 10);
    const slice = mark.isAcross && mark.numbers ? `${say("slice")} ${mark.numbers[end]}, ` : "";
    const where = slice + say("place", { column: number(column), row: number(row) });
    put(group, "aria-valuetext", mark.value ? `${where}, ${mark.value}` : where);
  }

  /** Everything put where the view of the canvas has it. */
  place() {
    this.labelled = [];
    for (const shape of this.drawn.values()) this.placeShape(shape);
  }

  /** @param {Shape} of */
  placeShape({ mark, circle, halo, line, part, grip, label, handles }) {
    const [from, to] = mark.points.map((point) => this.canvas.toScreen(point));
    for (const each of [halo, line, grip]) lay(each, from, to);
    put(part, "visibility", mark.part ? null : "hidden");
    if (mark.part) {
      const [begin, end] = mark.part.map((point) => this.canvas.toScreen(point));
      lay(part, begin, end);
    }
    const isRound = mark.kind === "calibration";
    put(circle, "visibility", isRound ? null : "hidden");
    if (isRound) {
      put(circle, "cx", (from[0] + to[0]) / 2);
      put(circle, "cy", (from[1] + to[1]) / 2);
      put(circle, "r", Math.hypot(from[0] - to[0], from[1] - to[1]) / 2);
    }
    show(label, mark.isAcross && mark.numbers ? `${mark.text} · ${tellSlices(mark.numbers)}` : mark.text);
    this.placeLabel(label, from, to);
    handles.forEach(({ group }, end) => put(group, "transform", `translate(${(end ? to : from).join(" ")})`));
  }

  /**
   * The words of a line beyond its outer end, never outside of the picture.
   * @param {SVGTextElement} label @param {Point} from @param {Point} to
   */
  placeLabel(label, from, to) {
    const right = from[0] > to[0] ? from : to;
    const width = 7 * (label.textContent ?? "").length;
    const isBeside = right[0] + 16 + width < this.canvas.width;
    const [x, y] = isBeside ? [right[0] + 16, right[1] + 5] : [Math.min(from[0], to[0]) - 16, Math.max(from[1], to[1]) + 5];
    const left = isBeside ? x : Math.max(x, width) - width;
    const place = { left, right: left + width, y: this.freeHeight(left, left + width, Math.min(Math.max(y, 16), this.canvas.height - 6)) };
    this.labelled.push(place);
    put(label, "text-anchor", isBeside ? "start" : "end");
    put(label, "x", isBeside ? Math.max(x, 4) : Math.max(x, width));
    put(label, "y", place.y);
  }

  /**
   * The next height at which words are not written over others.
   * @param {number} left @param {number} right @param {number} y
   */
  freeHeight(left, right, y) {
    let free = y;
    for (let tries = 0; tries < 12; tries += 1) {
      const other = this.labelled.find((each) => each.left < right && each.right > left && Math.abs(each.y - free) < LABEL);
      if (!other) return free;
      free = other.y + LABEL;
    }
    return free;
  }

  /**
   * A pointer takes one end, or the whole line, where it is: what it grabs does not jump to it.
   * @param {PointerEvent} event @param {string} key @param {number[]} ends
   */
  grab(event, key, ends) {
    const { mark, handles } = this.shapeOf(key);
    if (event.button !== 0 || !mark.mayMove || (this.carried && this.carried.key === key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (ends.length === 1) handles[ends[0]].group.focus({ preventScroll: true });
    const start = [event.clientX, event.clientY];
    const at = mark.points.map((point) => this.canvas.toScreen(point));
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
      const shown = this.drawn.get(key)?.mark;
      if (shown && held.hasMoved) this.events.moved(shown, mark.points, held.gesture);
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
    const mark = this.drawn.get(held.key)?.mark;
    if (!mark) return;
    const points = mark.points.map((point, end) => {
      if (!held.ends.includes(end)) return point;
      const [x, y] = held.at[end];
      return this.canvas.toImage(x + far[0], y + far[1]);
    });
    this.events.moved(mark, this.within(points, held.ends), held.gesture);
  }

  /** @param {Held} held @param {PointerEvent} event */
  release(held, event) {
    const mark = this.drawn.get(held.key)?.mark;
    if (!mark) return;
    if (held.hasMoved) this.events.rested(mark, held.ends.length === 1 ? held.ends[0] : null);
    else if (held.ends.length === 1 && event.type === "pointerup") this.carry(held.key, held.ends[0]);
  }

  /**
   * An end taken up by a click, to be put down by the next one (WCAG 2.5.7); null puts it back.
   * @param {string | null} key @param {number} [end]
   */
  carry(key, end = 0) {
    this.carried = key === null ? null : { key, end };
    for (const shape of this.drawn.values()) {
      shape.handles.forEach(({ group }, each) =>
        put(group, "data-carried", this.carried && shape.mark.key === key && each === end ? "" : null),
      );
    }
    this.events.carrying(this.carried !== null);
  }

  /**
   * A carried end put down at a place of the screen, on the image where it was taken up.
   * @param {Point} of
   */
  putDown([x, y]) {
    if (!this.carried) return;
    const { key, end } = this.carried;
    const { mark } = this.shapeOf(key);
    const points = mark.points.map((point, each) => (each === end ? this.canvas.toImage(x, y) : point));
    this.carry(null);
    this.events.moved(mark, this.within(points, [end]), "");
    this.events.rested(mark, end);
  }

  /**
   * The points kept on the image; a whole line that would leave it stops as it is.
   * @param {Point[]} points @param {number[]} ends
   */
  within(points, ends) {
    const least = ends.map((end) => points[end].map((value, axis) => Math.min(Math.max(value, 0), this.limits[axis]) - value));
    const shift = [0, 1].map((axis) => least.map((each) => each[axis]).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0));
    return points.map((point, end) => (ends.includes(end) ? [point[0] + shift[0], point[1] + shift[1]] : point));
  }

  /** @param {KeyboardEvent} event @param {string} key @param {number} end */
  press(event, key, end) {
    const { mark } = this.shapeOf(key);
    const step = stepOf(event);
    if (step) {
      const points = mark.points.map((point, each) => (each === end ? [point[0] + step[0], point[1] + step[1]] : point));
      this.events.moved(mark, this.within(points, [end]), `keys ${key} ${end}`);
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.events.rested(this.drawn.get(key)?.mark ?? null, end), 600);
    } else if (event.key === "Delete" || event.key === "Backspace") this.events.removed(mark);
    else if (event.key === "Enter" && mark.look === "model") this.events.accepted(mark);
    else if (event.key === "Escape" && this.carried) this.carry(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string} key */
  shapeOf(key) {
    return /** @type {Shape} */ (this.drawn.get(key));
  }

  /**
   * The focus on an end of a mark, after it was drawn.
   * @param {string} key
   */
  focus(key, end = 0) {
    this.drawn.get(key)?.handles[end].group.focus({ preventScroll: true });
  }
}
