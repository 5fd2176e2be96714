/**
 * The form of one hip: findings as the record has them. A grade is no field: it follows from these.
 *
 * @module
 */

import { button, make, mark as put } from "./dom.js";
import { Choice, Measured, Millimetres, Selection, Words, fixesOf } from "./fields.js";
import { More } from "./more.js";
import { exact } from "./numbers.js";
import { isDrawn, isUntouched, lengthAt, withHip, withKeys, withLength, withSide, withoutLength } from "./record.js";
import { labelled, partsOf, say } from "./words.js";

/** @import { FaultFacts, Fix, Measure } from "./api.js" */
/** @import { Field } from "./fields.js" */
/** @import { Changes, Length, Side } from "./record.js" */
/** @import { Session } from "./session.js" */
/** @import { Tool } from "./tools.js" */

/**
 * @typedef {object} FormActs
 * @property {() => void} chosen
 * @property {(tool: Tool, path?: string) => void} draw
 * @property {(path: string) => void} find
 * @property {(path: string) => void} findOther
 * @property {(path: string) => boolean} isAcross
 * @property {(index: number, path: string) => void} accept
 * @property {(index: number, path: string) => void} restore
 * @property {(index: number, path: string) => boolean} mayRestore
 * @property {(fix: Fix) => void} fix
 */

// Fields that hold a key of the hip as it is.
/** @type {("not_evaluable_reason" | "presence" | "bridging" | "bridging_basis" | "comment")[]} */
const PLAIN = ["not_evaluable_reason", "presence", "bridging", "bridging_basis", "comment"];
/** @type {("pelvis" | "femur")[]} */
const BONES = ["pelvis", "femur"];
/** @type {Side[]} */
const SIDES = ["right", "left"];
/** @type {[any, string][]} */
const YES_NO = [[true, "yes"], [false, "no"], [null, "not_stated"]];
/** @type {[any, string][]} */
const PRESENCE = [["present", "present"], ["absent", "absent"], ["indeterminate", "indeterminate"], [null, "not_stated"]];
/** @type {[any, string][]} */
const BRIDGING = [["none", "bridging_none"], ["apparent", "bridging_apparent"], ["confirmed", "bridging_confirmed"], [null, "not_stated"]];
/** @type {[any, string][]} */
const BASES = [[null, "not_stated"], ["second_view", "basis_second_view"], ["ct", "basis_ct"], ["motion", "basis_motion"], ["operation", "basis_operation"]];
/** @type {[any, string][]} */
const CLASSES = [[">=10mm", "at_least_1_cm"], ["<10mm", "below_1_cm"], [null, "not_stated"]];

/** @param {[any, string][]} choices @returns {[any, string][]} */
const told = (choices) => choices.map(([value, key]) => [value, say(key)]);

/** Nothing of a form is to be changed; a line that is there is found all the same. @param {HTMLElement} body */
function close(body) {
  for (const each of body.querySelectorAll("input, select, textarea, button:not(.find, .find_other)")) put(each, "disabled", "");
}

/** The form of the hips of a session; `acts` draw, accept, find and fix. */
export class Form {
  /** @type {Session} */ session;
  /** @type {Record<string, Field & { set: (value: any) => void, setFormer?: Words["setFormer"] }>} */ fields;
  /** @type {HTMLButtonElement[]} */ tabs;
  /** @type {HTMLElement} */ rest;

  /** @param {HTMLElement} element @param {FormActs} acts */
  constructor(element, acts) {
    this.element = element;
    this.acts = acts;
    this.chosen = 0;
    this.shape = "";
    this.more = new More(this);
    this.restTold = "";
  }

  /**
   * Another draft: everything is built anew.
   * @param {Session} session
   */
  open(session) {
    this.session = session;
    this.chosen = 0;
    this.shape = "";
    this.update();
  }

  get record() {
    return this.session.record;
  }

  get hip() {
    return this.record.hips[this.chosen];
  }

  /** The facts of this hip in the report that is shown. */
  get graded() {
    return this.session.report?.hips.find((each) => each.side === this.hip.side) ?? null;
  }

  /** @param {number} index */
  choose(index) {
    this.chosen = Math.min(Math.max(index, 0), this.record.hips.length - 1);
    this.update();
    this.acts.chosen();
  }

  /** Values, faults and lengths as they are now; built anew only where other fields are wanted. */
  update() {
    if (!this.session) return;
    this.chosen = Math.min(this.chosen, this.record.hips.length - 1);
    const { hip } = this;
    const shape = JSON.stringify([this.record.hips.map((each) => each.side), this.more.shape, this.chosen, (hip.islands ?? []).length, this.session.mayEdit]);
    if (shape !== this.shape) this.build();
    this.shape = shape;
    this.fill();
    this.tellFaults();
  }

  /** @param {Changes} changes @param {string} [gesture] */
  edit(changes, gesture) {
    this.session.change({ record: withHip(this.record, this.chosen, changes) }, gesture);
  }

  build() {
    /** @param {string} key */
    const at = (key) => `$.hips[${this.chosen}].${key}`;
    /** @param {string} key */
    const set = (key) => (/** @type {unknown} */ value) => this.edit({ [key]: value });
    /** @param {string} key */
    const type = (key) => (/** @type {unknown} */ value) => this.edit({ [key]: value }, `${key} ${this.chosen}`);
    /** @param {string} bone */
    const spur = (bone) => (/** @type {unknown} */ value) => this.edit({ spurs: { ...this.hip.spurs, [bone]: value } });
    /** @param {string | null} value */
    const gapClass = (value) => this.setLength("gap", value ? { category: value } : null);
    this.fields = {
      evaluable: new Choice(at("evaluable"), say("evaluable"), told(YES_NO.slice(0, 2)), (value) =>
        this.edit({ evaluable: value, not_evaluable_reason: value ? null : this.hip.not_evaluable_reason }),
      ),
      not_evaluable_reason: new Words(at("not_evaluable_reason"), say("not_evaluable_reason"), type("not_evaluable_reason")),
      presence: new Choice(at("presence"), say("ossification"), told(PRESENCE), set("presence")),
      "spurs.pelvis": new Choice(at("spurs.pelvis"), say("spur_pelvis"), told(YES_NO), spur("pelvis")),
      "spurs.femur": new Choice(at("spurs.femur"), say("spur_femur"), told(YES_NO), spur("femur")),
      bridging: new Choice(at("bridging"), say("bridging"), told(BRIDGING), (value) =>
        this.edit({ bridging: value, bridging_basis: value === "confirmed" ? this.hip.bridging_basis : null }),
      ),
      bridging_basis: new Selection(at("bridging_basis"), say("bridging_basis"), told(BASES), set("bridging_basis")),
      gap: this.lengthField("gap", say("gap")),
      gap_class: new Choice(at("gap.category"), say("gap_class"), told(CLASSES), gapClass),
      ...Object.fromEntries((this.hip.islands ?? []).map((_, index) => [`islands.${index}`, this.lengthField(`islands.${index}`, say("island_number", { number: index + 1 }))])),
      islands: this.islandsField(),
      calibration: this.calibrationField(),
      true_mm: new Millimetres(at("calibration.true_mm"), say("true_size"), (value) =>
        this.edit({ calibration: { ...this.hip.calibration, true_mm: value ?? undefined } }, `true_mm ${this.chosen}`),
      ),
      comment: new Words(at("comment"), say("comment"), type("comment")),
      ...this.more.build(),
      conclusion: new Words("$.conclusion", say("conclusion"), (value) => this.session.change({ record: withKeys(this.record, { conclusion: value }) }, "conclusion")),
    };
    this.layOut();
  }

  layOut() {
    const { fields } = this;
    this.rest = make("div", { class: "faults" });
    this.restTold = "";
    const islands = Object.keys(fields).filter((key) => key.startsWith("islands."));
    const order = ["evaluable", "not_evaluable_reason", "presence", "spurs.pelvis", "spurs.femur", "bridging", "bridging_basis", "gap", "gap_class", ...islands, "islands", "calibration", "true_mm"];
    const last = ["comment", "conclusion"];
    const body = make("fieldset", { class: "findings" }, make("legend", { class: "hidden" }, say("findings_of", { hip: say(`${this.hip.side}_hip`) })), order.map((key) => fields[key].element), this.more.element, last.map((key) => fields[key].element));
    if (!this.session.mayEdit) close(body);
    this.element.replaceChildren(this.makeTabs(), this.rest, body);
  }

  /** The hips of the record, and a button for the one that is not in it. */
  makeTabs() {
    const { hips } = this.record;
    this.tabs = hips.map((hip, index) =>
      button(say(`${hip.side}_hip`), () => this.choose(index), { class: "tab", "aria-pressed": index === this.chosen ? "true" : "false" }),
    );
    const missing = SIDES.find((side) => hips.every((hip) => hip.side !== side));
    const add = missing && this.session.mayEdit ? button(say(`add_${missing}_hip`), () => this.addHip(missing), { class: "tab add" }) : null;
    return make("div", { class: "tabs", role: "group", "aria-label": say("hips") }, this.tabs, add);
  }

  /** @param {Side} side */
  addHip(side) {
    const record = withSide(this.record, side);
    this.session.change({ record });
    this.choose(record.hips.findIndex((hip) => hip.side === side));
  }

  /** @param {string} path @param {string} label */
  lengthField(path, label) {
    return new Measured(`$.hips[${this.chosen}].${path.replace(/\.(\d+)/, "[$1]")}`, label, {
      draw: () => this.acts.draw(path.startsWith("gap") ? "gap" : "island", path),
      find: () => this.acts.find(path),
      find_other: () => this.acts.findOther(path),
      accept: () => this.acts.accept(this.chosen, path),
      restore: () => this.acts.restore(this.chosen, path),
      remove: () => this.setLength(path, null),
    });
  }

  islandsField() {
    return new Measured(`$.hips[${this.chosen}].islands`, say("islands"), {
      draw_island: () => this.acts.draw("island"),
      none: () => this.edit({ islands: [] }),
      unstate: () => this.edit({ islands: null }),
    });
  }

  calibrationField() {
    return new Measured(`$.hips[${this.chosen}].calibration`, say("calibration"), {
      circle: () => this.acts.draw("circle"),
      line: () => this.acts.draw("line"),
      find: () => this.acts.find("calibration"),
      remove: () => this.setLength("calibration", null),
    });
  }

  /** @param {string} path @param {Length | null} length */
  setLength(path, length) {
    const record = length ? withLength(this.record, this.chosen, path, length) : withoutLength(this.record, this.chosen, path);
    this.session.change({ record });
  }

  fill() {
    const { hip, fields } = this;
    const isEvaluable = hip.evaluable !== false;
    for (const key of PLAIN) fields[key].set(hip[key]);
    fields.evaluable.set(isEvaluable);
    for (const bone of BONES) fields[`spurs.${bone}`].set(hip.spurs?.[bone]);
    fields.conclusion.set(this.record.conclusion);
    fields.true_mm.set(hip.calibration?.true_mm);
    fields.gap_class.set(hip.gap?.category);
    this.fillLengths();
    for (const [key, field] of Object.entries(fields)) {
      if (!["evaluable", "not_evaluable_reason", "comment", "conclusion"].includes(key)) field.element.hidden = !isEvaluable;
    }
    fields.not_evaluable_reason.element.hidden = isEvaluable;
    if (hip.bridging !== "confirmed") fields.bridging_basis.element.hidden = true;
    // Slices have their size in the patient: nothing is to be calibrated.
    if (["ct", "mr"].includes(this.record.view ?? "") && !hip.calibration) fields.calibration.element.hidden = true;
    if (!hip.calibration) fields.true_mm.element.hidden = true;
    if (hip.gap && !hip.gap.category) fields.gap_class.element.hidden = true;
    this.more.fill();
    this.tellFormer();
    this.tabs.forEach((tab, index) => put(tab, "aria-pressed", index === this.chosen ? "true" : "false"));
  }

  /** What others wrote, beside each field that holds words. */
  tellFormer() {
    const { words = [] } = this.session.view;
    for (const [key, field] of Object.entries(this.fields)) {
      field.setFormer?.(words.filter((each) => each.key === key && (each.side ?? this.hip.side) === this.hip.side), this.session.mayEdit);
    }
  }

  fillLengths() {
    const { hip, fields, graded } = this;
    fields.gap.set(this.tellLength("gap", graded?.gap));
    (hip.islands ?? []).forEach((_, index) => fields[`islands.${index}`]?.set(this.tellLength(`islands.${index}`, graded?.islands?.[index])));
    const count = hip.islands?.length;
    fields.islands.set({
      value: count === undefined ? say("not_stated") : count ? "" : say("no_islands"),
      detail: "",
      may: ["draw_island", ...(count ? [] : count === 0 ? ["unstate"] : ["none"])],
    });
    fields.calibration.set({
      value: say(hip.calibration ? "drawn" : "not_drawn"),
      detail: "",
      may: hip.calibration ? ["find", "remove"] : ["circle", "line"],
    });
  }

  /**
   * A length in words, its plane and uncertainty beside it, and what may be done with it.
   * @param {string} path @param {Measure | null | undefined} measured
   */
  tellLength(path, measured) {
    const length = lengthAt(this.hip, path);
    const may = [isDrawn(length) ? "find" : "draw"];
    if (isDrawn(length) && this.acts.isAcross(path)) may.push("find_other");
    if (isUntouched({ ...this.session.content, original: this.session.view.original }, this.chosen, path)) may.push("accept");
    if (this.acts.mayRestore(this.chosen, path)) may.push("restore");
    if (length || path.startsWith("islands")) may.push("remove");
    if (!length) return { value: path.startsWith("gap") ? say("not_drawn") : say("no_length"), detail: "", may };
    if (measured?.mm !== undefined && measured?.mm !== null) {
      const { value, rest } = partsOf(measured.sentence);
      return { value, detail: rest, may };
    }
    // What was stated and is no number is a fault, and no length: it stands as it was written.
    const stated = length.mm === undefined ? say("no_mm") : typeof length.mm === "number" ? `${exact(length.mm)}\u00a0mm` : String(length.mm);
    const category = length.category && say(length.category === "<10mm" ? "below_1_cm" : "at_least_1_cm");
    return { value: category || stated, detail: "", may };
  }

  /** Each fault beside the field of its path, or of the nearest above; the others on top. */
  tellFaults() {
    const faults = this.session.report?.faults ?? [];
    /** @type {Map<Field, FaultFacts[]>} */
    const found = new Map(Object.values(this.fields).map((field) => [field, []]));
    /** @type {FaultFacts[]} */
    const rest = [];
    for (const fault of faults) {
      const field = this.fieldOf(fault.path);
      if (field) found.get(field)?.push(fault);
      else rest.push(fault);
    }
    const fix = this.session.mayEdit ? this.acts.fix : null;
    for (const [field, own] of found) field.setFaults(own, fix);
    this.more.showFaults();
    this.tellRest(rest);
  }

  /** @param {string} path */
  fieldOf(path) {
    /** @type {Field | null} */
    let best = null;
    for (const field of Object.values(this.fields)) {
      const isOf = path === field.path || path.startsWith(`${field.path}.`) || path.startsWith(`${field.path}[`);
      if (isOf && !field.element.hidden && (!best || field.path.length > best.path.length)) best = field;
    }
    return best;
  }

  /** @param {FaultFacts[]} faults */
  tellRest(faults) {
    const words = JSON.stringify([faults, this.chosen]);
    if (words === this.restTold) return;
    this.restTold = words;
    this.rest.replaceChildren(
      ...faults.map((fault) => {
        const index = Number(/^\$\.hips\[(\d)\]/.exec(fault.path)?.[1] ?? -1);
        const side = this.record.hips[index]?.side;
        const whose = side && index !== this.chosen ? say(`${side}_hip`) : "";
        const text = labelled(whose, fault.place, fault.problem, fault.remedy);
        const fixes = fixesOf(fault).map((each) => button(each.label, () => this.acts.fix(each), { class: "fix" }));
        const go = whose ? button(say("do_show"), () => this.choose(index), { class: "fix" }) : null;
        return make("p", { class: "fault" }, make("span", {}, text), fixes, go);
      }),
    );
  }

  /** The first field with a fault gets the focus. */
  focusFault() {
    const faulty = Object.values(this.fields).find((field) => field.element.classList.contains("faulty"));
    faulty?.controls.find((each) => !each.hidden)?.focus();
  }
}

