/**
 * The pointer over an image: left drag is the window, the wheel zooms or turns the slices, the middle
 * button or the space bar moves the image; with a tool in hand, clicks and drags draw. Two fingers zoom
 * and move the image, whatever the first of them began.
 *
 * @module
 */

/** @import { Point } from "./record.js" */
/** @import { Viewer } from "./viewer.js" */

/**
 * @typedef {object} Tracking
 * @property {(x: number, y: number, moved: PointerEvent) => void} move
 * @property {(moved: PointerEvent) => void} [end]
 * @property {() => void} [undo] where a second finger makes it another gesture
 * @typedef {{ key: string, target: EventTarget | null, preventDefault?: () => void }} KeyLike
 */

const ZOOM_STEP = 1.0015; // a CSS pixel of the wheel
const SLICE_STEP = 40; // CSS pixels of the wheel a slice
const PINCH_STEP = 1.01; // a CSS pixel of the wheel that a pinch on a trackpad is told as
const PINCH_MOST = 25; // CSS pixels at once: the wheel of a mouse with Ctrl is no pinch
const CLICK = 3;

/** What a pointer does to one viewer. */
export class Pointer {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.isSpaceHeld = false;
    this.turned = 0;
    /** @type {Map<number, Point>} the fingers on the image, and where each is */
    this.fingers = new Map();
    /** @type {(() => void) | null} ends what one finger began, as if it had not been */
    this.drop = null;
    /** @type {HTMLElement} */
    const view = viewer.view;
    view.addEventListener("pointerdown", (event) => this.press(event));
    // Before the marks over it, which keep their events to themselves.
    view.addEventListener("pointerdown", (event) => this.touch(event), { capture: true });
    view.addEventListener("pointermove", (event) => this.pinch(event), { capture: true });
    for (const end of ["pointerup", "pointercancel"]) {
      view.addEventListener(end, (event) => this.lift(/** @type {PointerEvent} */ (event)), { capture: true });
    }
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
    const isTool = !isPan && Boolean(viewer.marks.ends.carried || viewer.drawing);
    // What one finger begins may become a pinch: it counts once that finger is lifted.
    if (isTool && event.pointerType === "touch") this.track(event, this.tapping(place));
    else if (isTool) this.begin(event, place);
    else this.track(event, isPan ? this.panning() : this.windowing());
  }

  /**
   * A finger more on the image: with the second the gesture of the first ends.
   * @param {PointerEvent} event
   */
  touch(event) {
    if (event.pointerType !== "touch") return;
    this.fingers.set(event.pointerId, this.placeOf(event));
    if (this.fingers.size < 2) return;
    event.preventDefault();
    event.stopPropagation();
    this.drop?.();
    this.viewer.marks.ends.letGo();
    this.viewer.view.setPointerCapture(event.pointerId);
  }

  /**
   * Two fingers: the image follows them, so that what lay under each still does.
   * @param {PointerEvent} event
   */
  pinch(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = this.placeOf(event);
    this.fingers.set(event.pointerId, now);
    if (this.fingers.size < 2) return;
    event.stopPropagation();
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (!other || this.fingers.size > 2 || !this.viewer.canvas.raster) return;
    const apart = (/** @type {Point} */ place) => Math.hypot(place[0] - other[0], place[1] - other[1]);
    const middle = (/** @type {Point} */ place) => place.map((value, axis) => (value + other[axis]) / 2);
    const [from, to] = [middle(before), middle(now)];
    this.viewer.canvas.zoom(apart(now) / Math.max(apart(before), 1), from[0], from[1], [to[0] - from[0], to[1] - from[1]]);
  }

  /** @param {PointerEvent} event */
  lift(event) {
    this.fingers.delete(event.pointerId);
  }

  /**
   * The movement of a pointer from here on, until it is let go.
   * @param {PointerEvent} event @param {Tracking} of
   */
  track(event, { move, end = () => undefined, undo = () => undefined }) {
    const { view } = this.viewer;
    const start = [event.clientX, event.clientY];
    view.setPointerCapture(event.pointerId);
    /** @param {PointerEvent} moved */
    const follow = (moved) => move(moved.clientX - start[0], moved.clientY - start[1], moved);
    /** @param {PointerEvent} moved */
    const release = (moved) => {
      leave();
      if (moved.type === "pointerup") end(moved);
    };
    const leave = () => {
      this.drop = null;
      view.removeEventListener("pointermove", follow);
      view.removeEventListener("pointerup", release);
      view.removeEventListener("pointercancel", release);
    };
    this.drop?.();
    this.drop = () => {
      leave();
      undo();
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
    const [begun, before] = [canvas.shownWindow, canvas.window];
    let hasMoved = false;
    /** @param {number} x @param {number} y */
    const move = (x, y) => {
      hasMoved = hasMoved || Math.hypot(x, y) >= CLICK;
      if (hasMoved && begun) canvas.drag(begun, x, y);
    };
    return { move, undo: () => hasMoved && canvas.setWindow(before) };
  }

  /**
   * A carried end put down, or a point drawn where the pointer went down.
   * @param {PointerEvent} event @param {Point} place
   */
  begin(event, place) {
    const { viewer } = this;
    if (viewer.putDown(place) || !viewer.drawing) return;
    viewer.addPoint(viewer.canvas.toImage(place[0], place[1]));
    this.track(event, this.drawing(place));
  }

  /**
   * The same by a finger, once it is lifted.
   * @param {Point} place @returns {Tracking}
   */
  tapping(place) {
    const { viewer } = this;
    /** @param {PointerEvent} moved */
    const end = (moved) => {
      if (viewer.putDown(place) || !viewer.drawing) return;
      viewer.addPoint(viewer.canvas.toImage(place[0], place[1]));
      this.drawing(place).end?.(moved);
    };
    return { move: () => undefined, end };
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
    const unit = event.deltaMode === 1 ? 33 : event.deltaMode === 2 ? 400 : 1;
    const far = event.deltaY * unit;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      viewer.canvas.move(-event.deltaX * unit, 0);
      return;
    }
    if (viewer.isStack && !event.ctrlKey) {
      this.turned += far;
      const slices = Math.trunc(this.turned / SLICE_STEP);
      this.turned -= slices * SLICE_STEP;
      if (slices) viewer.step(slices);
      return;
    }
    const [x, y] = this.placeOf(event);
    const isPinch = event.ctrlKey && Math.abs(far) < PINCH_MOST;
    viewer.canvas.zoom((isPinch ? PINCH_STEP : ZOOM_STEP) ** -far, x, y);
  }
}
