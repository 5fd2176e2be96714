/**
 * The pointer over an image: left drag is the window, the wheel zooms or turns the slices, the middle
 * button or the space bar moves the image; with a tool in hand, clicks and drags draw.
 *
 * @module
 */

/** @import { Point } from "./record.js" */
/** @import { Viewer } from "./viewer.js" */

/**
 * @typedef {{ move: (x: number, y: number, moved: PointerEvent) => void, end?: (moved: PointerEvent) => void }} Tracking
 * @typedef {{ key: string, target: EventTarget | null, preventDefault?: () => void }} KeyLike
 */

const ZOOM_STEP = 1.0015; // a CSS pixel of the wheel
const SLICE_STEP = 40; // CSS pixels of the wheel a slice
const CLICK = 3;

/** What a pointer does to one viewer. */
export class Pointer {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.isSpaceHeld = false;
    this.turned = 0;
    /** @type {HTMLElement} */
    const view = viewer.view;
    view.addEventListener("pointerdown", (event) => this.press(event));
    view.addEventListener("pointermove", (event) => this.hover(event));
    view.addEventListener("pointerleave", () => viewer.placeBand(null));
    view.addEventListener("wheel", (event) => this.roll(event), { passive: false });
    view.addEventListener("dblclick", () => viewer.drawing || viewer.canvas.fit());
    view.addEventListener("auxclick", (event) => event.button === 1 && event.preventDefault());
    view.addEventListener("keydown", (event) => this.hold(event, true));
    view.addEventListener("keyup", (event) => this.hold(event, false));
    view.addEventListener("blur", () => this.hold({ key: " ", target: view }, false));
  }

  /**
   * A place of the page in CSS pixels from the corner of the image's pane.
   * @param {MouseEvent} event @returns {Point}
   */
  placeOf(event) {
    const box = this.viewer.screen.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {KeyLike} event @param {boolean} isHeld */
  hold(event, isHeld) {
    if (event.key !== " " || event.target !== this.viewer.view) return;
    event.preventDefault?.();
    this.isSpaceHeld = isHeld;
    this.viewer.view.toggleAttribute("data-panning", isHeld);
  }

  /** @param {PointerEvent} event */
  hover(event) {
    const place = this.placeOf(event);
    this.viewer.point(place);
    if (this.viewer.drawing) this.viewer.placeBand(place);
  }

  /** @param {PointerEvent} event */
  press(event) {
    const { viewer } = this;
    if (!viewer.canvas.raster || event.button > 1) return;
    event.preventDefault();
    viewer.view.focus({ preventScroll: true });
    const place = this.placeOf(event);
    const isPan = event.button === 1 || this.isSpaceHeld;
    if (!isPan && viewer.putDown(place)) return;
    const isDrawing = !isPan && viewer.drawing;
    if (isDrawing) viewer.addPoint(viewer.canvas.toImage(place[0], place[1]));
    this.track(event, isPan ? this.panning() : isDrawing ? this.drawing(place) : this.windowing());
  }

  /**
   * The movement of a pointer from here on, until it is let go.
   * @param {PointerEvent} event @param {Tracking} of
   */
  track(event, { move, end = () => undefined }) {
    const { view } = this.viewer;
    const start = [event.clientX, event.clientY];
    view.setPointerCapture(event.pointerId);
    /** @param {PointerEvent} moved */
    const follow = (moved) => move(moved.clientX - start[0], moved.clientY - start[1], moved);
    /** @param {PointerEvent} moved */
    const release = (moved) => {
      view.removeEventListener("pointermove", follow);
      view.removeEventListener("pointerup", release);
      view.removeEventListener("pointercancel", release);
      if (moved.type === "pointerup") end(moved);
    };
    view.addEventListener("pointermove", follow);
    view.addEventListener("pointerup", release);
    view.addEventListener("pointercancel", release);
  }

  panning() {
    const { canvas } = this.viewer;
    const { left, top } = canvas.view;
    return { move: (/** @type {number} */ x, /** @type {number} */ y) => canvas.look({ ...canvas.view, left: left + x, top: top + y }) };
  }

  windowing() {
    const { canvas } = this.viewer;
    const begun = canvas.shownWindow;
    let hasMoved = false;
    /** @param {number} x @param {number} y */
    const move = (x, y) => {
      hasMoved = hasMoved || Math.hypot(x, y) >= CLICK;
      if (hasMoved && begun) canvas.drag(begun, x, y);
    };
    return { move };
  }

  /**
   * A line drawn by one drag: its second end where the pointer is let go.
   * @param {Point} start @returns {Tracking}
   */
  drawing(start) {
    const { viewer } = this;
    /** @param {PointerEvent} moved */
    const end = (moved) => {
      const place = this.placeOf(moved);
      const isDrag = Math.hypot(place[0] - start[0], place[1] - start[1]) >= CLICK;
      if (isDrag && viewer.drawing && viewer.drawing.points.length === 1) viewer.addPoint(viewer.canvas.toImage(place[0], place[1]));
    };
    return { move: () => undefined, end };
  }

  /** @param {WheelEvent} event */
  roll(event) {
    const { viewer } = this;
    if (!viewer.canvas.raster) return;
    event.preventDefault();
    const far = event.deltaY * (event.deltaMode === 1 ? 33 : event.deltaMode === 2 ? 400 : 1);
    if (viewer.isStack && !event.ctrlKey) {
      this.turned += far;
      const slices = Math.trunc(this.turned / SLICE_STEP);
      this.turned -= slices * SLICE_STEP;
      if (slices) viewer.step(slices);
      return;
    }
    const [x, y] = this.placeOf(event);
    viewer.canvas.zoom(ZOOM_STEP ** -far, x, y);
  }
}
