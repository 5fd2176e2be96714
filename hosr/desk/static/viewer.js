/**
 * A pane with an image or a stack of them: canvas, marks over it, slices, and words in its corners.
 *
 * @module
 */

import { Canvas } from "./canvas.js";
import { draw, make, mark as put, show } from "./dom.js";
import { REGION } from "./marking.js";
import { Marks } from "./marks.js";
import { Outlines } from "./outlines.js";
import { Pointer } from "./pointer.js";
import { Slices } from "./slices.js";
import { number, say } from "./words.js";

/** @import { ImageFacts } from "./api.js" */
/** @import { Mark } from "./marking.js" */
/** @import { MarkEvents } from "./marks.js" */
/** @import { Frames, Place } from "./pixels.js" */
/** @import { FramePlace, Point } from "./record.js" */
/** @import { Space } from "./slices.js" */
/** @import { Drawing } from "./tools.js" */

/**
 * @typedef {{ from: Point, to: Point, take: () => void }} Offer
 * @typedef {object} PaneEvents
 * @property {(drawing: Drawing, ratio: number) => void} drawn
 * @property {(mark: Mark, end: number, space: Space | null) => void} lifted an end put down on another slice; null where it cannot be
 * @property {(viewer: Viewer, isFitted: boolean) => void} viewed
 * @property {() => void} placed
 * @property {(error: unknown, viewer: Viewer) => void} failed
 * @property {(event: KeyboardEvent) => void} key
 * @typedef {MarkEvents & PaneEvents} ViewerEvents
 */

/** @type {Record<string, string>} */
const OPPOSITES = { L: "R", R: "L", A: "P", P: "A", H: "F", F: "H" };
const AHEAD = 3; // slices to either side that are fetched beforehand

/**
 * What an image is called: its modality, and the side where it shows one.
 * @param {ImageFacts} image
 */
function nameOf(image) {
  const side = ["R", "L"].includes(image.laterality) ? say(image.laterality === "R" ? "short_right" : "short_left") : "";
  return [image.modality, side].filter(Boolean).join(" ");
}

/** One pane; `events` are those of the marks, and `drawn(points)`, `viewed()`, `placed()`, `key(event)`. */
export class Viewer {
  /** @type {HTMLElement} */ view;
  /** @type {HTMLCanvasElement} */ screen;
  /** @type {SVGSVGElement} */ overlay;
  /** @type {SVGGElement} */ band;
  /** @type {SVGGElement} */ ghost;
  /** @type {Record<string, HTMLElement>} */ corners;
  /** @type {HTMLElement} */ note;
  /** @type {HTMLElement} */ pane;
  /** @type {HTMLElement} */ tray;
  /** @type {HTMLInputElement} */ slider;
  /** @type {HTMLSelectElement} */ series;
  /** @type {Frames} */ frames;
  /** @type {Slices} */ slices;

  /** @param {string} name @param {string} label @param {ViewerEvents} events */
  constructor(name, label, events) {
    this.name = name;
    this.events = events;
    /** @type {Place[]} */
    this.places = [];
    this.index = 0;
    /** @type {Mark[]} */
    this.allMarks = [];
    /** @type {Drawing | null} */
    this.drawing = null;
    /** @type {Point | null} */
    this.cursor = null;
    /** @type {Point | null} */
    this.hover = null;
    /** @type {Offer | null} */
    this.offer = null;
    /** @type {Place | null} */
    this.shown = null;
    /** @type {string | undefined} */
    this.title = undefined;
    this.build(label);
    this.canvas = new Canvas(this.screen, (what) => this.follow(what));
    this.outlines = new Outlines(this.overlay, this.canvas);
    this.marks = new Marks(this.overlay, this.canvas, { ...events, carrying: (is) => this.carry(is) });
    this.pointer = new Pointer(this);
  }

  /** @param {boolean} isCarrying */
  carry(isCarrying) {
    put(this.view, "data-carrying", isCarrying);
    this.events.carrying(isCarrying);
  }

  /** @param {string} label */
  build(label) {
    /** @param {string} place */
    const corner = (place) => make("span", { class: `corner ${place}` });
    this.screen = make("canvas", { class: "screen", "aria-hidden": "true" });
    this.overlay = draw("svg", { class: "overlay" });
    this.band = draw("g", { class: "band", "aria-hidden": "true" });
    this.ghost = draw("g", { class: "ghost" });
    this.overlay.append(this.band, this.ghost);
    this.corners = Object.fromEntries(["top", "left", "right", "bottom", "title", "info", "pixel"].map((each) => [each, corner(each)]));
    this.note = make("p", { class: "note", role: "status" });
    this.view = make(
      "div",
      { class: "view", tabindex: "0", role: "application", "aria-label": label, "aria-describedby": "keys-hint", on: { keydown: (event) => this.events.key(event) } },
      this.screen,
      this.overlay,
      Object.values(this.corners),
      this.note,
    );
    this.slider = make("input", { type: "range", class: "slices", min: "1", step: "1", "aria-label": say("slice"), on: { input: () => this.goTo(Number(this.slider.value) - 1) } });
    this.series = make("select", { class: "series", "aria-label": say("series"), on: { change: () => this.goTo(Number(this.series.value)) } });
    this.tray = make("div", { class: "tray", hidden: true }, this.series, this.slider);
    this.pane = make("section", { class: `pane ${this.name}`, "aria-label": label }, this.view, this.tray);
  }

  /**
   * The images of a study and the marks on them. Shown is where the first mark lies, or the image that is
   * `named` for a hip without one; else the middle slice.
   * @param {ImageFacts[]} images @param {Frames} frames @param {Mark[]} marks @param {(FramePlace | null)[]} [named] by hip
   */
  setImages(images, frames, marks, named = []) {
    this.frames = frames;
    this.places = images.flatMap((image) =>
      Array.from({ length: image.frames || 1 }, (_, each) => ({ image, uid: image.uid, frame: each + 1, frames: image.frames || 1 })),
    );
    this.slices = new Slices(this.places);
    this.allMarks = marks;
    this.canvas.clear();
    this.shown = null;
    this.listSeries(images);
    const ofHips = named.flatMap((place, hip) => [...marks.filter((each) => each.index === hip).map((each) => this.locate(each)), this.indexOf(place)]);
    const found = [...ofHips, ...marks.map((each) => this.locate(each))].find((index) => index >= 0) ?? -1;
    const isStack = this.places.length > 4;
    return this.goTo(found >= 0 ? found : isStack ? this.places.length >> 1 : 0, false);
  }

  /** @param {ImageFacts[]} images */
  listSeries(images) {
    const starts = images.map((image, index) => ({ image, index })).filter(({ image, index }) => !index || image.series !== images[index - 1].series);
    this.series.replaceChildren(
      ...starts.map(({ image }) => make("option", { value: this.places.findIndex((place) => place.uid === image.uid) }, nameOf(image) || say("series"))),
    );
    this.series.hidden = starts.length < 2;
    this.tray.hidden = this.places.length < 2;
    this.slider.max = String(Math.max(this.places.length, 1));
  }

  /**
   * Where an end of a mark stands among the places; -1 where it is on none.
   * @param {Mark} mark
   */
  locate(mark, end = 0) {
    return this.slices.locate(mark, end, this.place);
  }

  /**
   * Where an image stands among the places; -1 where it is none of them.
   * @param {FramePlace | null} named
   */
  indexOf(named) {
    const place = named ? this.slices.find(named) : undefined;
    return place ? this.places.indexOf(place) : -1;
  }

  get place() {
    return this.places[this.index] ?? null;
  }

  get isStack() {
    return this.places.length > 4;
  }

  /** @param {number} far */
  step(far) {
    this.goTo(Math.min(Math.max(this.index + far, 0), this.places.length - 1));
  }

  /**
   * Another frame of the stack; what comes late, after the next was asked for, is not shown.
   * @param {number} index
   */
  async goTo(index, keeps = true) {
    if (!this.places.length) {
      this.tell(say("no_images"));
      this.refresh();
      return;
    }
    this.index = index;
    const place = this.places[index];
    this.slider.value = String(index + 1);
    put(this.slider, "aria-valuetext", say("slice_of", { number: index + 1, count: this.places.length }));
    if (place.image.problem) {
      this.canvas.clear();
      this.shown = place;
      this.tell(place.image.problem);
      this.refresh();
      return;
    }
    if (!this.canvas.raster) this.tell(say("loading"));
    try {
      const raster = await this.frames.load(place.image, place.frame);
      if (this.place !== place) return;
      const isSeries = keeps && this.shown?.image.series === place.image.series;
      this.shown = place;
      this.canvas.put(raster, isSeries);
      this.tell("");
    } catch (error) {
      if (this.place === place) this.events.failed(error, this);
      return;
    }
    this.refresh();
    this.events.placed();
    for (let far = 1; far <= AHEAD; far += 1) {
      for (const each of [this.places[index + far], this.places[index - far]]) {
        if (each && !each.image.problem) this.frames.prefetch(each.image, each.frame);
      }
    }
  }

  /** @param {string} words */
  tell(words) {
    show(this.note, words);
    this.note.hidden = !words;
  }

  /**
   * Marks on whatever frame; those of the frame that is shown are drawn.
   * @param {Mark[]} marks
   */
  setMarks(marks) {
    this.allMarks = marks;
    this.refresh();
  }

  refresh() {
    const { place } = this;
    const isThere = place && (this.canvas.raster || place.image.problem);
    const shown = (isThere ? this.allMarks : []).map((each) => this.slices.show(each, place)).filter((each) => each !== null);
    this.outlines.set(shown.filter((each) => each.kind === REGION));
    this.marks.set(shown.filter((each) => each.kind !== REGION), place ? [place.image.columns, place.image.rows] : [0, 0]);
    this.caption();
    this.placeBand();
    this.showGhost(this.offer);
  }

  /** @param {string} what */
  follow(what) {
    this.outlines?.place();
    this.marks?.place();
    this.placeBand();
    this.showGhost(this.offer);
    this.caption();
    if (["view", "fitted", "resized"].includes(what) && this.canvas.raster) this.events.viewed(this, what !== "view");
  }

  caption() {
    const { canvas, place, corners } = this;
    if (!canvas) return;
    if (!place) {
      for (const each of Object.values(corners)) show(each, "");
      return;
    }
    const window = canvas.shownWindow;
    const parts = [say("zoom_is", { percent: number(100 * canvas.view.scale, 0) })];
    if (window) parts.unshift(say("window_is", { center: number(window.center, 0), width: number(window.width, 0) }));
    if (this.places.length > 1) parts.unshift(say(this.isStack ? "slice_of" : "image_of", { number: this.index + 1, count: this.places.length }));
    show(corners.info, canvas.raster ? parts.join(" · ") : "");
    show(corners.title, this.title ?? nameOf(place.image));
    const [right = "", bottom = ""] = place.image.orientation ?? [];
    /** @param {string} letters */
    const opposite = (letters) => [...letters].map((each) => OPPOSITES[each] ?? "").join("");
    const letters = { right, bottom, left: opposite(right), top: opposite(bottom) };
    for (const [edge, words] of Object.entries(letters)) show(corners[edge], words);
  }

  /**
   * What lies under the pointer, in the unit of the rescale.
   * @param {Point} of
   */
  point([x, y]) {
    const { raster } = this.canvas;
    const [column, row] = this.canvas.toImage(x, y);
    const stored = raster?.at(Math.floor(column), Math.floor(row));
    const words =
      !raster || stored === undefined ? "" : say("value_at", { column: number(column, 0), row: number(row, 0), value: number(raster.values[stored - raster.low], 0) });
    show(this.corners.pixel, words);
  }

  /**
   * What is being drawn, from now on or no more.
   * @param {Drawing | null} drawing
   */
  setDrawing(drawing) {
    this.drawing = drawing;
    this.cursor = null;
    put(this.view, "data-tool", drawing?.tool ?? null);
    this.placeBand();
  }

  /**
   * A point of what is being drawn, in coordinates of the image, kept within it.
   * @param {Point} of
   */
  addPoint([column, row]) {
    const { columns, rows } = this.place.image;
    const point = [Math.min(Math.max(column, 0), columns), Math.min(Math.max(row, 0), rows)];
    if (this.drawing?.add(point, this.place)) this.events.drawn(this.drawing, this.canvas.ratio);
    else this.placeBand();
  }

  /**
   * A carried end put down at a place of the screen; false where none is carried.
   * @param {Point} at
   */
  putDown(at) {
    const { carried } = this.marks.ends;
    const mark = carried && this.allMarks.find((each) => each.key === carried.key);
    if (!carried || !mark) return false;
    const shown = this.slices.show(mark, this.place);
    if (shown?.isShown[carried.end]) this.marks.ends.putDown(at);
    else this.events.lifted(mark, carried.end, this.slices.put(mark, carried.end, this.canvas.toImage(at[0], at[1]), this.place));
    return true;
  }

  /**
   * The points placed so far, the line to the pointer, and the cross that keys move.
   * @param {Point | null} [pointer]
   */
  placeBand(pointer = this.hover) {
    this.hover = pointer;
    const parts = [];
    const points = (this.drawing?.points ?? []).map((point) => this.canvas.toScreen(point));
    const tip = this.cursor ? this.canvas.toScreen(this.cursor) : pointer;
    if (this.drawing && points.length && tip && !this.drawing.isComplete) {
      const [x, y] = points[points.length - 1];
      for (const name of ["halo", "line"]) parts.push(draw("line", { class: name, x1: x, y1: y, x2: tip[0], y2: tip[1] }));
    }
    points.forEach(([cx, cy], index) => {
      const away = this.drawing?.places[index] === this.place ? "" : " away";
      parts.push(draw("circle", { class: "halo", r: 4, cx, cy }), draw("circle", { class: `ring${away}`, r: 4, cx, cy }));
    });
    if (this.cursor && this.drawing && tip) {
      const [x, y] = tip;
      const cross = `M${x - 14} ${y}H${x + 14}M${x} ${y - 14}V${y + 14}`;
      for (const name of ["halo", "line"]) parts.push(draw("path", { class: name, d: cross }));
    }
    this.band.replaceChildren(...parts);
  }

  /**
   * The cross moved by keys: it begins in the middle of what is seen.
   * @param {Point} of
   */
  moveCursor([dx, dy]) {
    const [column, row] = this.cursor ?? this.canvas.toImage(this.canvas.width / 2, this.canvas.height / 2);
    const { columns, rows } = this.place.image;
    this.cursor = [Math.min(Math.max(column + dx, 0), columns), Math.min(Math.max(row + dy, 0), rows)];
    this.placeBand();
    return this.cursor;
  }

  /**
   * The offer of an edge, {from, to, take}, as a ghost beside the end that it is for.
   * @param {Offer | null} offer
   */
  showGhost(offer) {
    this.offer = offer;
    if (!offer) {
      this.ghost.replaceChildren();
      return;
    }
    const [from, to] = [offer.from, offer.to].map((point) => this.canvas.toScreen(point));
    const line = { x1: from[0], y1: from[1], x2: to[0], y2: to[1] };
    /** @param {PointerEvent} event */
    const take = (event) => {
      event.stopPropagation();
      event.preventDefault();
      offer.take();
    };
    this.ghost.replaceChildren(
      draw("line", { class: "halo", ...line }),
      draw("line", { class: "line", ...line }),
      draw("circle", { class: "halo", r: 6, cx: to[0], cy: to[1] }),
      draw("circle", { class: "ring", r: 6, cx: to[0], cy: to[1] }),
      draw("circle", { class: "target", r: 12, cx: to[0], cy: to[1], on: { pointerdown: take } }),
    );
  }
}
