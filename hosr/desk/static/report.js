/**
 * What follows from the findings: grades with their rule, the 1 cm scale, the text, the signature.
 *
 * @module
 */

import { button, draw, make, mark as put, show } from "./dom.js";
import { labelled, say, sayOr } from "./words.js";

/** @import { AccountEntry, DraftFacts, Fix, Flag, GradeChoice, GradedScale, HipReport, Reader, Report, Section } from "./api.js" */
/** @import { Side } from "./record.js" */
/** @import { Session } from "./session.js" */

/**
 * @typedef {object} ReportActs
 * @property {() => Reader} reader
 * @property {(fix: Fix) => void} fix
 * @property {(choice: GradeChoice, choices: GradeChoice[]) => void} decide
 * @property {() => void} sign
 * @property {() => void} showFault
 * @property {() => void} hold
 * @property {() => void} release
 * @property {() => void} amend
 * @property {() => void} drop
 */

const ANNOUNCED_AFTER_MS = 700; // at rest, so that a screen reader is not told every step of a drag
const FEW_REASONS = 4; // more of them are scrolled through
const BELOW = ["scale-worse", "scale-better"];

/** The report of a session; `acts` decide, sign, hold, release, amend, drop and find faults. */
export class ReportPanel {
  /** @type {Session} */ session;
  /** @type {string | null} */ announced;
  /** @type {number | undefined} */ timer;

  /** @param {{ grades: HTMLElement, text: HTMLElement, signing: HTMLElement, output: HTMLElement }} of @param {ReportActs} acts */
  constructor({ grades, text, signing, output }, acts) {
    this.grades = grades;
    this.text = text;
    this.signing = signing;
    // Stays where it is while what stands above it changes: a press on a button of it is not lost.
    this.steps = make("div", { class: "steps" });
    this.signing.replaceChildren(this.steps);
    this.output = output;
    this.acts = acts;
    /** @type {Side} */
    this.side = "right";
    /** @type {Record<string, string>} */
    this.told = {};
  }

  /** @param {Session} session */
  open(session) {
    this.session = session;
    this.told = {};
    this.announced = null;
    this.update();
  }

  /** Every part whose content is another than what is shown. */
  update(side = this.side) {
    const { session } = this;
    if (!session) return;
    this.side = side;
    const report = session.report;
    const hip = report?.hips.find((each) => each.side === side) ?? null;
    for (const each of [this.grades, this.text]) put(each, "aria-busy", session.isGraded ? "false" : "true");
    this.renew("grades", [hip?.scales, hip?.flags, hip?.gap_scale_svg, session.mayEdit, side, session.decisions], () => this.grades.replaceChildren(...this.makeGrades(hip)));
    const { account } = session.view.draft;
    this.renew("text", [report?.status_line, report?.sections, report?.notes, account], () => this.text.replaceChildren(...this.makeText(report)));
    this.updateSigning();
    this.announce(hip);
  }

  /** @param {string} name @param {unknown} facts @param {() => void} make_ */
  renew(name, facts, make_) {
    const words = JSON.stringify(facts);
    if (this.told[name] === words) return;
    this.told[name] = words;
    make_();
  }

  /** @param {HipReport | null} hip */
  makeGrades(hip) {
    if (!hip) return [make("p", { class: "quiet" }, say("no_grade_yet"))];
    const flags = hip.flags.filter((flag) => flag.sentence);
    return [
      make("div", { class: "scales" }, hip.scales.map((scale) => this.makeScale(scale))),
      this.makeRules(hip.scales),
      this.makeGapScale(hip.gap_scale_svg),
      flags.length ? make("ul", { class: "flags" }, flags.map((flag) => this.makeFlag(flag))) : null,
    ].filter((each) => each !== null);
  }

  /**
   * A flag in a sentence, with what a button can do about it.
   * @param {Flag} flag
   */
  makeFlag(flag) {
    const fixes = this.session.mayEdit ? flag.fixes ?? [] : [];
    return make(
      "li",
      { "data-flag": flag.key },
      make("span", {}, flag.sentence),
      fixes.length ? make("span", { class: "fixes" }, fixes.map((fix) => button(fix.label, () => this.acts.fix(fix), { class: "fix" }))) : null,
    );
  }

  /** @param {GradedScale} scale */
  makeScale(scale) {
    const isAsked = (scale.is_conflict || scale.is_open) && !scale.decision;
    const state = isAsked && scale.is_conflict ? "conflict" : isAsked || !scale.grade ? "open" : "settled";
    const open = scale.possible?.length > 1 ? scale.possible.join("\u00a0/\u00a0") : "–";
    const isSettled = state === "settled" && !scale.decision;
    const words = (isSettled && scale.note) || this.stateOf(scale);
    return make(
      "article",
      { class: `scale ${state}`, "data-scale": scale.key },
      make("h2", {}, scale.title),
      make("p", { class: "grade" }, scale.grade ?? open, " ", make("span", { class: "state" }, words)),
      isSettled || !scale.note ? null : make("p", { class: "meaning" }, scale.note),
      scale.former || scale.chosen || !(isSettled || scale.note) ? this.makeSources(scale) : null,
      this.makeChoices(scale),
    );
  }

  /**
   * The rule of each grade that stands, one below the other.
   * @param {GradedScale[]} scales
   */
  makeRules(scales) {
    /** @param {GradedScale} scale */
    const isAsked = (scale) => scale.is_conflict && scale.source_grade && !scale.decision;
    const told = scales.filter((scale) => scale.rule && scale.grade && !isAsked(scale));
    return told.length ? make("ul", { class: "rules" }, told.map((scale) => make("li", {}, make("strong", {}, scale.grade), " ", scale.rule))) : null;
  }

  /** @param {GradedScale} scale */
  stateOf(scale) {
    if (scale.decision) return say("decided");
    if (scale.is_conflict) return say("conflict");
    if (!scale.grade) return scale.possible?.length > 1 ? say("open") : "";
    return scale.derived === scale.grade ? say("derived") : say("from_source");
  }

  /**
   * What the findings give, and beside it what another one graded, where the two are not one.
   * @param {GradedScale} scale
   */
  makeSources(scale) {
    const { chosen, is_conflict: isConflict } = scale;
    const former = scale.former?.grade === scale.grade ? null : scale.former;
    const source = scale.source_grade === scale.derived && !isConflict ? null : scale.source_grade;
    if (!former && !source && !chosen) return null;
    /** @param {string} words @param {string} value */
    const pair = (words, value) => [make("dt", {}, words), make("dd", {}, value)];
    const possible = scale.derived ?? (scale.possible?.length ? scale.possible.join("\u00a0/\u00a0") : "–");
    const before = former ? pair(say("graded_by", { name: former.by }), former.grade) : source ? pair(say("by_source"), source) : null;
    const choice = chosen ? pair(say("chosen_by", { name: chosen.by }), chosen.grade) : null;
    if (scale.note && choice && !former) return make("dl", { class: "sources" }, choice); // the note says the rest
    return make("dl", { class: "sources" }, pair(say("by_findings"), possible), before, choice);
  }

  /** @param {GradedScale} scale */
  makeChoices(scale) {
    const choices = scale.choices ?? [];
    if (!choices.length || !this.session.mayEdit) return null;
    const chosen = this.session.decisions;
    return make(
      "div",
      { class: "choices", role: "group", "aria-label": say("choose_grade", { scale: scale.title }) },
      choices.map((choice) =>
        button(choice.label ?? choice.grade, () => this.acts.decide(choice, choices), {
          "aria-pressed": chosen.includes(choice.decision) ? "true" : "false",
        }),
      ),
    );
  }

  /**
   * The length that decides against 1 cm; colours by style, for they differ by day and by night.
   * @param {any} scale
   */
  makeGapScale(scale) {
    if (!scale?.shown) return null;
    const y = 21;
    /** @param {number} from @param {number} to @param {string} look */
    const bar = (from, to, look) => draw("rect", { x: from, y: 14, width: Math.max(to - from, 0), height: 14, rx: 2, class: look });
    const [below, above] = scale.below_is_worse ? BELOW : [...BELOW].reverse();
    /** @param {number} x @param {number} at @param {string} anchor @param {string} text */
    const words = (x, at, anchor, text, look = "") => draw("text", { x, y: at, "text-anchor": anchor, class: look }, text);
    /** @param {number} x */
    const tick = (x) => draw("line", { x1: x, x2: x, y1: y - 5, y2: y + 5, class: "scale-reach" });
    const svg = draw(
      "svg",
      { viewBox: `0 -8 ${scale.width} 66`, role: "img", "aria-label": scale.alternative, class: "gap-scale" },
      bar(scale.start, scale.limit, below),
      bar(scale.limit, scale.end, above),
      draw("line", { x1: scale.limit, x2: scale.limit, y1: -4, y2: 36, class: "scale-limit" }),
      scale.has_value ? null : draw("rect", { x: scale.bar_start, y: 17.5, width: scale.bar_end - scale.bar_start, height: 7, rx: 3.5, class: "scale-value" }),
      scale.has_uncertainty ? [draw("line", { x1: scale.low, x2: scale.high, y1: y, y2: y, class: "scale-reach" }), tick(scale.low), tick(scale.high)] : null,
      scale.has_value ? draw("circle", { cx: scale.value, cy: y, r: 6.5, class: "scale-value" }) : null,
      words(scale.start, 52, "middle", "0"),
      words(scale.limit - 6, 7, "end", scale.below_grades),
      words(scale.limit + 6, 7, "start", scale.above_grades),
      words(scale.limit, 52, "middle", scale.limit_text, "strong"),
      words(scale.end, 52, "middle", scale.end_text),
    );
    return make("figure", { class: "scale-figure" }, svg, make("figcaption", {}, labelled(scale.title, scale.text)));
  }

  /**
   * The text of the report, what it comes to first.
   * @param {Report | null} report
   */
  makeText(report) {
    const told = this.makeAccount();
    if (!report?.sections?.length) return [make("p", { class: "quiet" }, say("no_report_yet")), ...told];
    /** @param {Section} section */
    const isFirst = (section) => section.key === "impression";
    /** @param {Section} section */
    const tell = (section) => make("section", {}, section.title ? make("h2", {}, section.title) : null, section.paragraphs.map((paragraph) => make("p", {}, paragraph)));
    const notes = (report.notes ?? []).map((note) => labelled(note.path, note.problem));
    return [
      ...report.sections.filter(isFirst).map(tell),
      ...told,
      ...report.sections.filter((section) => !isFirst(section)).map(tell),
      ...makeList("notes", notes),
    ];
  }

  /** What of its result could not be used, and what was assumed: unfolded, for who signs has to know it. */
  makeAccount() {
    const { refused = [], assumed = [] } = this.session.view.draft.account ?? {};
    /** @param {AccountEntry[]} entries */
    const told = (entries) => entries.map((each) => labelled(each.place, each.words));
    return [...makeList("not_used", told(refused), true), ...makeList("assumed", told(assumed), true)];
  }

  /** Why it cannot be signed, or by whom it can; the steps that are possible now. */
  updateSigning() {
    const { session } = this;
    const { draft } = session.view;
    const reasons = this.reasonsAgainst();
    const { report, view } = session;
    const stand = [session.mayEdit, session.isAmending, session.doing];
    this.renew("standing", [stand, draft.status, reasons, draft.versions?.length, draft.hold_reason, draft.sent, draft.ended, draft.newer, session.comparison.isNew, report?.amends], () => {
      for (const each of [...this.signing.children]) if (each !== this.steps) each.remove();
      this.steps.before(this.makeStanding(draft), ...this.makeReasons(reasons));
    });
    const ended = ["signed", "held"].find((each) => each === draft.status);
    this.renew("steps", [stand, ended, view.may_amend, Boolean(report?.amends), this.acts.reader()], () => this.steps.replaceChildren(...this.makeSteps(draft)));
    const signer = this.steps.querySelector("#sign");
    if (signer) {
      put(signer, "aria-disabled", reasons.length ? "true" : null);
      put(signer, "aria-describedby", reasons.length ? "why-not" : null);
    }
  }

  reasonsAgainst() {
    const { session } = this;
    if (session.view.draft.status === "signed" && !session.isAmending) return [];
    const reasons = [...(session.report?.why_not ?? [])];
    if (!session.isGraded) reasons.push(say("not_graded_yet"));
    else if (!session.isSaved && !session.isAmending) reasons.push(say("not_saved_yet"));
    return reasons;
  }

  get maySign() {
    const { session } = this;
    return Boolean(session?.mayEdit && session.report?.may_sign && !this.reasonsAgainst().length);
  }

  /** @param {DraftFacts} draft */
  makeStanding(draft) {
    const words = draft.ended ? sayOr(`ended_${draft.ended.step}`, draft.ended.step) : sayOr(`status_${draft.status}`, draft.status);
    const sent = draft.sent ? ` · ${sayOr(`sent_${draft.sent}`, draft.sent)}` : "";
    const anew = this.session.comparison.isNew ? say("compared_anew") : "";
    const why = [draft.ended?.words, this.session.report?.amends?.words, draft.hold_reason, draft.newer, anew].filter(Boolean).join(" ");
    const hold = why ? make("span", { class: "hold-reason" }, why) : null;
    const standing = this.session.isAmending ? "amending" : draft.ended ? "ended" : draft.status;
    const version = draft.versions?.length > 1 ? ` · ${say("version", { number: draft.versions.length })}` : "";
    return make("p", { class: "standing", "data-status": standing }, make("span", { class: "chip" }, this.session.isAmending ? say("amending") : words), `${version}${sent}`, hold);
  }

  /** @param {string[]} reasons */
  makeReasons(reasons) {
    if (!reasons.length || !this.session.mayEdit) return [];
    const list = reasons.map((reason) => make("li", {}, reason));
    return [make("ul", { class: "reasons", id: "why-not", "aria-label": say("why_not"), tabindex: reasons.length > FEW_REASONS ? "0" : null }, list)];
  }

  /** @param {DraftFacts} draft */
  makeSteps(draft) {
    const { acts, session } = this;
    const reader = acts.reader();
    if (session.doing) return [button(say(`state_doing_${session.doing}`), () => undefined, { disabled: true, class: "primary sign" })];
    if (!reader.may_sign) return [make("p", { class: "quiet" }, say("may_only_look"))];
    if (session.isAmending) {
      return [this.signButton(say("sign_amendment")), button(say("drop_amendment"), acts.drop)];
    }
    if (draft.status === "signed") return session.view.may_amend ? [button(say("amend"), acts.amend)] : [];
    if (draft.status === "held") return [button(say("release"), acts.release, { class: "primary" })];
    const words = session.report?.amends ? say("sign_amendment") : say("sign_as", { name: reader.display });
    return [this.signButton(words), button(say("hold"), acts.hold)];
  }

  /** @param {string} words */
  signButton(words) {
    return button(words, () => (this.maySign ? this.acts.sign() : this.acts.showFault()), { class: "primary sign", id: "sign" });
  }

  /**
   * The grade told to a screen reader once it rests.
   * @param {HipReport | null} hip
   */
  announce(hip) {
    if (!hip || !this.session.isGraded) return;
    const grades = hip.scales.map((scale) => `${scale.title} ${scale.grade ?? scale.possible?.join("\u00a0/\u00a0") ?? ""}`);
    const length = hip.gap?.mm ? `, ${say("gap")} ${hip.gap.sentence}` : "";
    const words = labelled(say(`${hip.side}_hip`), `${grades.join(", ")}${length}`);
    if (this.announced === null) this.announced = words;
    if (words === this.announced) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.announced = words;
      show(this.output, words);
    }, ANNOUNCED_AFTER_MS);
  }
}

/**
 * A list below its name and count, to be folded; nothing of no items.
 * @param {string} name @param {string[]} items
 */
function makeList(name, items, isOpen = false) {
  if (!items.length) return [];
  return [make("details", { class: name, open: isOpen }, make("summary", {}, say(name, { count: items.length })), make("ul", {}, items.map((item) => make("li", {}, item))))];
}
