/**
 * The desk: the worklist, the draft that is open, its address, and the lock.
 *
 * @module
 */

import { Locked, Refused, Unreachable, beReader, get, send } from "./api.js";
import { Bench } from "./bench.js";
import { tellFailure, showKeys } from "./dialogs.js";
import { byId, make, mark as put, show } from "./dom.js";
import { holdUnsaved, restoreHeld } from "./held.js";
import { Frames } from "./pixels.js";
import { Session } from "./session.js";
import { labelled, say } from "./words.js";
import { Worklist } from "./worklist.js";

/** @import { Images, Reader, View } from "./api.js" */
/** @import { Held } from "./held.js" */

const REFRESH_MS = 15000;
const LOOK_MS = 2000; // from one look to the next for the reader of what a locked page holds
/** @type {Record<string, number>} */
const LIST_KEYS = { j: 1, k: -1, J: 1, K: -1 };
const SEEN = ["pointerdown", "pointermove", "keydown", "wheel"];

/**
 * Who reads, as the server tells it.
 * @param {any} [of] @returns {Reader & { display: string }}
 */
function readerOf({ key = "", name = "", may_write: mayWrite = false } = {}) {
  return { key, display: name, may_sign: mayWrite };
}

class Desk {
  /** @param {any} page */
  constructor(page) {
    this.page = page;
    this.order = 0;
    this.beats = 0;
    this.isLocked = false;
    this.reader = readerOf();
    this.worklist = new Worklist(byId("worklist"), (id) => this.openDraft(id));
    this.bench = new Bench(this);
    this.seenAt = performance.now();
    byId("help").addEventListener("click", () => showKeys());
    byId("lock").addEventListener("click", () => this.lockNow());
    byId("list-toggle").addEventListener("click", () => this.toggleList());
    byId("worklist").addEventListener("keydown", (event) => this.pressInList(event));
    this.ended = new AbortController();
    const { signal } = this.ended;
    window.addEventListener("hashchange", () => this.followAddress(), { signal });
    window.addEventListener("beforeunload", (event) => this.bench.session?.holdsUnsaved && event.preventDefault(), { signal });
    window.addEventListener("pageshow", (event) => event.persisted && this.refresh(), { signal });
    for (const kind of SEEN) window.addEventListener(kind, () => { this.seenAt = performance.now(); }, { capture: true, passive: true, signal });
  }

  /** The page at work; `held` is what it held while it was locked. @param {Held | null} [held] */
  async begin(held = null) {
    await this.refresh();
    if (this.isLocked) return;
    await this.followAddress();
    if (held && this.bench.session?.id === held.id) restoreHeld(this.bench.session, held);
    document.body.dataset.ready = "true";
    this.timer = setInterval(() => this.beat(), REFRESH_MS / 5);
    this.beats = 0;
  }

  /** The lock after nobody was there for a while; the list now and then. */
  beat() {
    const idle = (performance.now() - this.seenAt) / 1000;
    if (this.page.lock_after_s && idle >= this.page.lock_after_s) this.lockNow();
    else if ((this.beats += 1) % 5 === 0) this.refresh(true);
  }

  /** The worklist as it is now. */
  async refresh(isBackground = false) {
    try {
      const answer = await get("/drafts", { isBackground });
      this.reader = readerOf(answer.reader);
      beReader(this.reader.key);
      show(byId("reader"), this.reader.display || say("onlooker"));
      this.worklist.set(answer.drafts, this.reader.display);
      this.bench.hearSent(answer.drafts);
      this.tell(answer.notice);
    } catch (error) {
      if (error instanceof Locked) this.lock();
      else this.tell(say("list_unreachable"));
    }
  }

  /** The draft of the address; without one the most urgent. */
  async followAddress() {
    const id = decodeURIComponent(window.location.hash.slice(1));
    if (id && id === this.bench.session?.id) return;
    const wanted = id || this.worklist.beside(0);
    if (wanted) await this.openDraft(wanted, !id);
    else this.showEmpty();
  }

  showEmpty() {
    document.body.dataset.empty = "true";
    show(byId("patient-name"), say("nothing_open"));
  }

  /**
   * Another draft; the one in hand is saved first, or stays where it cannot be.
   * @param {string} id
   */
  async openDraft(id, replaces = false) {
    const before = this.bench.session;
    if (before && !(await this.leave(before))) {
      window.history.replaceState(null, "", `#${encodeURIComponent(before.id)}`);
      return;
    }
    const order = (this.order += 1);
    try {
      const path = `/drafts/${encodeURIComponent(id)}`;
      const [view, images] = await Promise.all([get(path), this.getImages(path)]);
      if (order !== this.order) return;
      this.show(view, images, path);
      const address = `#${encodeURIComponent(id)}`;
      if (window.location.hash !== address) window.history[replaces ? "replaceState" : "pushState"](null, "", address);
    } catch (error) {
      if (error instanceof Locked) this.lock();
      else if (error instanceof Unreachable) this.tell(say("draft_unreachable"));
      else await tellFailure(error);
    }
  }

  /**
   * Images that are gone or changed are told where they would be; the draft is shown all the same.
   * @param {string} path @returns {Promise<Images>}
   */
  async getImages(path) {
    try {
      return await get(`${path}/images`);
    } catch (error) {
      if (error instanceof Locked || error instanceof Unreachable) throw error;
      return { images: [], problem: error instanceof Refused ? [error.message, error.remedy].filter(Boolean).join(" ") : String(error) };
    }
  }

  /** @param {Session} session */
  async leave(session) {
    if (session.isAmending && session.holdsUnsaved) {
      this.tell(say("amendment_open"));
      return false;
    }
    if (session.state === "stale") await this.bench.settle(session.failure.current);
    const isKept = !session.holdsUnsaved || (await session.save());
    if (!isKept) this.tell(say("not_left"));
    return isKept;
  }

  /** @param {View} view @param {Images} images @param {string} path */
  show(view, images, path) {
    this.bench.session?.close();
    delete document.body.dataset.empty;
    const session = new Session(view, (what) => this.hear(session, what));
    this.showSubject(view);
    const frames = new Frames(path);
    const coming = this.bench.open(session, images, frames);
    if (images.problem) this.bench.viewer.tell(images.problem);
    coming.then(() => this.showPriors(session, path, frames));
    this.worklist.setCurrent(session.id);
    this.showState(session);
    this.refresh(true);
    if (document.activeElement === document.body) this.bench.viewer.view.focus({ preventScroll: true });
  }

  /**
   * The earlier studies, asked for once the draft's own picture is there.
   * @param {Session} session @param {string} path @param {Frames} frames
   */
  async showPriors(session, path, frames) {
    let priors = [];
    try {
      ({ priors } = await get(`${path}/priors`, { isBackground: true }));
    } catch (error) {
      if (error instanceof Locked) return; // whatever is done next finds that out
      const words = error instanceof Refused ? [error.message, error.remedy].filter(Boolean) : [say("priors_unreachable")];
      priors = [{ title: "", images: [], hips: [], words }];
    }
    if (session === this.bench.session) this.bench.takePriors(priors, frames);
  }

  /**
   * Whose draft it is, above everything else.
   * @param {View} view
   */
  showSubject(view) {
    const { patient = {}, study = {} } = view;
    show(byId("patient-name"), patient.name || say("no_name"));
    const facts = [patient.id, patient.birth_date && say("born", { date: patient.birth_date }), patient.sex, study.date, study.description, study.accession];
    byId("patient-facts").replaceChildren(...facts.filter(Boolean).map((fact) => make("bdi", {}, fact)));
    show(byId("made-by"), [view.draft.made_from?.join(", "), view.blind ? say("blind") : ""].filter(Boolean).join(" · "));
    put(byId("made-by"), "data-blind", view.blind ? "true" : null);
    document.title = `${patient.name || say("no_name")} · hosr`;
  }

  /** @param {Session} session @param {string} what */
  hear(session, what) {
    if (session !== this.bench.session) return;
    if (what === "locked") {
      this.lock();
      return;
    }
    if (what === "adopted" || what === "state") this.showSubject(session.view);
    if (what === "stale") this.bench.settle(session.failure.current);
    this.bench.update(what);
    this.showState(session);
  }

  /**
   * Whether what is on the page is what is kept, in words that are never ahead of the truth.
   * @param {Session} session
   */
  showState(session) {
    const { state, failure } = session;
    const [fault] = failure?.faults ?? [];
    const problem = fault ? labelled(fault.place || fault.path, fault.problem) : failure?.message;
    const words = state === "refused" ? say("state_refused", { problem }) : session.mayEdit || session.doing || state === "stale" ? say(`state_${state}`) : say("state_readonly");
    show(byId("saved"), words);
    put(byId("saved"), "data-state", state);
  }

  /** @param {string} words */
  tell(words) {
    show(byId("notice"), words);
    byId("notice").hidden = !words;
  }

  /** @param {number} far */
  go(far) {
    const id = this.worklist.beside(far);
    if (id && id !== this.bench.session?.id) this.openDraft(id);
    else if (!id) show(byId("hint"), say("list_ends"));
  }

  /** @param {KeyboardEvent} event */
  pressInList(event) {
    if ((event.target instanceof Element && event.target.matches("input, select")) || event.ctrlKey || event.metaKey || event.altKey) return;
    const far = LIST_KEYS[event.key];
    if (!far) return;
    event.preventDefault();
    this.go(far);
  }

  toggleList() {
    const isOpen = byId("list-toggle").getAttribute("aria-expanded") === "true";
    put(byId("list-toggle"), "aria-expanded", isOpen ? "false" : "true");
    document.body.toggleAttribute("data-list", !isOpen);
  }

  async lockNow() {
    await this.bench.session?.save();
    try {
      await send("POST", "/lock", {});
    } catch {
      // Whatever the server says: nobody sits here, and nothing stays on the screen.
    }
    this.lock();
  }

  /** Everything of every patient taken off the page; what is not saved is held until its reader is back. */
  lock() {
    if (this.isLocked) return;
    this.isLocked = true;
    const held = this.bench.session && holdUnsaved(this.bench.session);
    this.bench.session?.close();
    this.bench.close();
    clearInterval(this.timer);
    this.ended.abort();
    for (const dialog of document.querySelectorAll("dialog")) dialog.remove();
    document.title = "hosr";
    window.history.replaceState(null, "", "/");
    byId("desk").replaceChildren();
    byId("locked").hidden = false;
    show(byId("locked-note"), held ? say("locked_held", { name: this.reader.display, place: window.location.host }) : say("locked_note"));
    document.body.dataset.locked = "true";
    document.body.dataset.ready = "true";
    if (held) holdUntilBack(held, this.page, this.reader.key);
  }
}

/**
 * What is not saved, in the memory of a locked page and nowhere else, until the same reader has a session
 * again in this browser. The server is asked who has: it answers nobody else's page.
 *
 * @param {Held} held @param {any} page @param {string} reader
 */
function holdUntilBack(held, page, reader) {
  const done = new AbortController();
  const { signal } = done;
  let isAsking = false;
  const look = async () => {
    if (isAsking) return;
    isAsking = true;
    try {
      const answer = await get("/drafts", { isBackground: true });
      if (answer.reader?.key === reader && !signal.aborted) goOn();
    } catch {
      // Not yet: nobody has a session, or another reader has.
    } finally {
      isAsking = false;
    }
  };
  const goOn = () => {
    done.abort();
    clearInterval(timer);
    byId("desk").replaceWith(shell.cloneNode(true));
    byId("locked").hidden = true;
    delete document.body.dataset.locked;
    delete document.body.dataset.ready;
    window.history.replaceState(null, "", `/#${encodeURIComponent(held.id)}`);
    new Desk(page).begin(held);
  };
  const timer = setInterval(look, LOOK_MS);
  window.addEventListener("focus", look, { signal });
  window.addEventListener("beforeunload", (event) => event.preventDefault(), { signal });
}

// The page as it came, which holds nothing of anybody.
const shell = byId("desk").cloneNode(true);
new Desk(JSON.parse(document.body.dataset.page ?? "{}")).begin();
