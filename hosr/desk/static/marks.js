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
import { Ends } from "./ends.js";
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
 */

const HANDLE = 12; // CSS pixels, radius of what answers to a pointer: a target of 24 (WCAG 2.5.8)
const RING = 5;
const LABEL = 16; // CSS pixels, the height of a line of words

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

/** The drawing over one canvas; `events` are told what happens to its marks, and which gets the focus. */
export class Marks {
  /** @param {SVGSVGElement} element @param {Canvas} canvas @param {MarkEvents} events */
  constructor(element, canvas, events) {
    this.element = element;
    this.canvas = canvas;
    this.events = events;
    /** @type {Map<string, Shape>} */
    this.drawn = new Map();
    /** @type {{ left: number, right: number, y: number }[]} the places of words */
    this.labelled = [];
    this.limits = [0, 0];
    this.ends = new Ends(this);
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
    shape.grip.addEventListener("pointerdown", (event) => this.ends.grab(event, key, [0, 1]));
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
          pointerdown: (event) => this.ends.grab(event, key, [end]),
          keydown: (event) => this.ends.press(event, key, end),
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
