/**
 * An earlier study beside the draft: chosen among those that are known, at the same place, on and off.
 *
 * They are asked for once the draft itself is shown; asked for on P before they have come, they are shown then.
 *
 * @module
 */

import { follow } from "./alignment.js";
import { make, mark as put, show } from "./dom.js";
import { priorMarks } from "./marking.js";
import { keyPlaceOf } from "./record.js";
import { Viewer } from "./viewer.js";
import { say } from "./words.js";

/** @import { Prior } from "./api.js" */
/** @import { Frames } from "./pixels.js" */
/** @import { ViewerEvents } from "./viewer.js" */

/** The pane of earlier studies. */
export class Beside {
  /** @param {Viewer} now the pane of the draft @param {ViewerEvents} events */
  constructor(now, events) {
    this.now = now;
    /** @type {Prior[]} */
    this.priors = [];
    this.chosen = -1;
    this.isComing = false;
    this.isWanted = false;
    this.viewer = new Viewer("prior", say("prior"), { ...events, viewed: (_, isFitted) => this.align(isFitted ? now : this.viewer) });
    /** @type {HTMLSelectElement} */
    this.list = make("select", { "aria-label": say("earlier_studies"), on: { change: () => this.choose(Number(this.list.value)) } });
    this.words = make("p", { class: "told", role: "status" });
    this.viewer.view.after(make("div", { class: "earlier" }, make("div", {}, this.words, this.list)));
    this.viewer.pane.hidden = true;
  }

  get pane() {
    return this.viewer.pane;
  }

  /** Whether there is something to show, or may be in a moment. */
  get isThere() {
    return this.isComing || this.priors.length > 0;
  }

  /** Of another draft: nothing is known of it yet. */
  clear() {
    this.isComing = true;
    this.isWanted = false;
    this.priors = [];
    this.chosen = -1;
    this.setShown(false);
  }

  /**
   * The earlier studies of the draft that is open, the newest first.
   * @param {Prior[]} priors @param {Frames} frames
   */
  take(priors, frames) {
    this.isComing = false;
    this.priors = priors;
    this.frames = frames;
    this.list.replaceChildren(...priors.map(({ title }, index) => make("option", { value: String(index) }, title)));
    this.list.hidden = priors.length < 2;
    this.isWanted &&= this.isThere;
    if (this.isWanted) this.choose(0);
  }

  /** @param {number} index */
  choose(index) {
    const prior = this.priors[index];
    if (!prior || !this.frames) return;
    this.chosen = index;
    this.list.value = String(index);
    this.viewer.title = prior.title;
    show(this.words, [prior.images.length ? "" : prior.title, ...prior.words].filter(Boolean).join(" · "));
    put(this.words, "data-problem", prior.images.length ? null : "true");
    const marks = priorMarks(prior);
    const named = marks.length ? [] : prior.hips.map(({ marked }) => keyPlaceOf(marked, undefined));
    this.viewer.setImages(prior.images, this.frames, marks, named);
    this.setShown(true);
  }

  /** Shown, or no more. */
  toggle() {
    this.isWanted = !this.isWanted && this.isThere;
    if (this.isWanted && this.chosen < 0) this.choose(0);
    else this.setShown(this.isWanted);
  }

  /** @param {boolean} isShown */
  setShown(isShown) {
    this.pane.hidden = !isShown || !this.priors.length;
    this.pane.parentElement?.classList.toggle("two", !this.pane.hidden);
    this.align(this.now);
  }

  /**
   * Both films at the same place, as the view of one is now; on what that rests is said.
   * @param {Viewer} from
   */
  align(from) {
    if (this.pane.hidden) return;
    const basis = follow(from, from === this.now ? this.viewer : this.now);
    if (!basis) return;
    this.viewer.title = [this.priors[this.chosen]?.title, basis === "frame" ? "" : say(`aligned_${basis}`)].filter(Boolean).join(" · ");
    this.viewer.caption();
  }
}
