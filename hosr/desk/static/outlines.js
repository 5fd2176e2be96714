/**
 * Outlines over an image, below the lines: what was found to be an island, shown and never moved.
 *
 * @module
 */

import { draw, mark as put } from "./dom.js";

/** @import { Canvas } from "./canvas.js" */
/** @import { Mark } from "./marking.js" */

/** The outlines over one canvas. */
export class Outlines {
  /** @param {SVGSVGElement} overlay @param {Canvas} canvas */
  constructor(overlay, canvas) {
    this.canvas = canvas;
    this.element = draw("g", { class: "outlines", "aria-hidden": "true" });
    overlay.prepend(this.element);
    /** @type {{ mark: Mark, parts: SVGPolygonElement[] }[]} */
    this.drawn = [];
  }

  /**
   * Those on the frame that is shown.
   * @param {Mark[]} marks
   */
  set(marks) {
    this.drawn = marks.map((mark) => ({ mark, parts: ["halo", "rim"].map((name) => draw("polygon", { class: name })) }));
    this.element.replaceChildren(...this.drawn.map(({ mark, parts }) => draw("g", { class: `mark ${mark.look} ${mark.kind}`, "data-key": mark.key }, ...parts)));
    this.place();
  }

  /** Everything put where the view of the canvas has it. */
  place() {
    for (const { mark, parts } of this.drawn) {
      const points = mark.points.map((point) => this.canvas.toScreen(point).join(",")).join(" ");
      for (const each of parts) put(each, "points", points);
    }
  }
}
