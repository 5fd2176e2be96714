/**
 * The findings of a hip that its grade does not rest on, and what was known of the patient.
 *
 * They are in the report, so whoever signs it sees them here and can change them. They are folded away,
 * with what they say on the fold.
 *
 * @module
 */

import { eventOf, withContext, withEvent } from "./context.js";
import { make, show } from "./dom.js";
import { Choice, Day, Millimetres, Readable, Selection, Sizes, Ticks, Words } from "./fields.js";
import { tellOverride } from "./overrides.js";
import { withIsland, withKeys } from "./record.js";
import { nameOf, vocabulary } from "./vocabulary.js";
import { day, labelled, say } from "./words.js";

/** @import { Field } from "./fields.js" */
/** @import { Form } from "./form.js" */
/** @import { Changes, DraftRecord, IndexEvent } from "./record.js" */

/** @type {[any, string][]} */
const YES_NO = [[true, "yes"], [false, "no"], [null, "not_stated"]];
/** @type {[any, string][]} */
const CLASSES = [[">=10mm", "at_least_1_cm"], ["<10mm", "below_1_cm"], [null, "not_stated"]];
/** @type {("stage" | "features" | "site" | "hardware_nearby")[]} fields that hold a key of the hip as it is */
const PLAIN = ["stage", "features", "site", "hardware_nearby"];
// Of the record, the same for both hips.
const OF_THE_STUDY = ["causes", "symptoms", "indication", "incomplete"];

/** @param {[any, string][]} choices @returns {[any, string][]} */
const told = (choices) => choices.map(([value, key]) => [value, say(key)]);
/** @param {[any, string][]} pairs @returns {[any, string][]} */
const orNone = (pairs) => [[null, say("not_stated")], ...pairs];
/** @param {string} key */
const wordsOf = (key) => nameOf(key) || key;
/** Where an island lies, as a field of the form. @param {number} number */
const siteField = (number) => `site.${number}`;

/** The folded part of the form of one hip; `form` knows the record and changes it. */
export class More {
  /** @type {Record<string, Field & { set: (value: any) => void, offer?: (values: string[]) => void }>} */ fields;

  /** @param {Form} form */
  constructor(form) {
    this.form = form;
    this.element = make("details", { class: "more" });
    this.said = make("span", { class: "quiet" });
    this.summary = make("summary", {}, make("span", {}, say("more_findings")), " ", this.said);
  }

  get hip() {
    return this.form.hip;
  }

  get modality() {
    return vocabulary.modalities[this.form.record.view ?? ""];
  }

  /** The fields by name, of the hip that is shown. */
  build() {
    const { form } = this;
    /** @param {string} key */
    const at = (key) => `$.hips[${form.chosen}].${key}`;
    /** @param {string} key */
    const set = (key) => (/** @type {unknown} */ value) => form.edit({ [key]: value });
    /** @param {string} key */
    const list = (key) => (/** @type {string[]} */ values) => form.edit({ [key]: values.length ? values : null });
    this.fields = {
      stage: new Selection(at("stage"), say("stage"), orNone(this.stages()), set("stage")),
      features: new Ticks(at("features"), say("features"), vocabulary.features.map(({ key, words }) => /** @type {[string, string]} */ ([key, words])), list("features")),
      site: new Ticks(at("site"), say("site"), vocabulary.sites, list("site")),
      ...this.islandFields(),
      hardware_nearby: new Choice(at("hardware_nearby"), say("hardware"), told(YES_NO), set("hardware_nearby")),
      gap_lateral: form.lengthField("gap_lateral", say("gap_lateral")),
      gap_lateral_class: new Choice(at("gap_lateral.category"), say("gap_class"), told(CLASSES), (value) => this.setLateral("category", value)),
      gap_lateral_mm: new Millimetres(at("gap_lateral.mm"), say("stated"), (value) => this.setLateral("mm", value)),
      sizes: new Sizes(at("mass.sizes_mm"), say("mass"), (values) => this.setMass({ sizes_mm: values })),
      contrast: new Selection(at("mass.contrast"), say("contrast"), orNone(vocabulary.contrasts), (value) => this.setMass({ contrast: value })),
      ...this.contextFields(),
    };
    this.element.replaceChildren(this.summary, make("div", { class: "folded" }, Object.values(this.fields).map((field) => field.element)));
    return this.fields;
  }

  /** Where each island lies. */
  islandFields() {
    const { form } = this;
    const islands = this.hip.islands ?? [];
    return Object.fromEntries(
      islands.map((_, number) => {
        const label = labelled(say("island_number", { number: number + 1 }), say("site"));
        /** @param {string[]} values */
        const put = (values) => form.session.change({ record: withIsland(form.record, form.chosen, number, { site: values.length ? values : null }) });
        return [siteField(number), new Ticks(`$.hips[${form.chosen}].islands[${number}].site`, label, vocabulary.sites, put)];
      }),
    );
  }

  contextFields() {
    const { form } = this;
    /** @param {DraftRecord} record @param {string} [gesture] */
    const change = (record, gesture) => form.session.change({ record }, gesture);
    /** @param {string} key */
    const list = (key) => (/** @type {string[]} */ values) => change(withContext(form.record, { [key]: values.length ? values : null }));
    return {
      event: new Selection("$.context.index_event", say("event"), orNone(vocabulary.events), (value) => this.setEvent({ procedure: value })),
      event_date: new Day("$.context.index_event.date", say("event_date"), (value) => this.setEvent({ date: value })),
      causes: new Ticks("$.context.causes", say("causes"), vocabulary.causes, list("causes")),
      symptoms: new Ticks("$.context.symptoms", say("symptoms"), vocabulary.symptoms, list("symptoms")),
      indication: new Words("$.context.indication", say("indication"), (value) => change(withContext(form.record, { indication: value }), "indication")),
      incomplete: new Words("$.incomplete", say("incomplete"), (value) => change(withKeys(form.record, { incomplete: value }), "incomplete")),
      overrides: new Readable("$.overrides", say("overrides")),
    };
  }

  /** What the fields are made for, beside the hip: as long as it is the same, they are not made anew. */
  get shape() {
    return [this.form.record.view, this.stages().length];
  }

  /** The stages that this modality shows, and the one that the record has. */
  stages() {
    const shown = new Set(this.ofModality().map(({ stage }) => stage));
    return vocabulary.stages.filter(([key]) => shown.has(key) || key === this.hip.stage);
  }

  /** The features of the modality of the view; of all where the record leaves that to the images. */
  ofModality() {
    return vocabulary.features.filter(({ modality }) => !this.modality || modality === this.modality);
  }

  /** @param {string} key @param {unknown} value */
  setLateral(key, value) {
    this.form.edit({ gap_lateral: value === null ? null : { [key]: value } }, key === "mm" ? `lateral ${this.form.chosen}` : undefined);
  }

  /** @param {Changes} changes */
  setMass(changes) {
    const mass = Object.fromEntries(Object.entries({ ...this.hip.mass, ...changes }).filter(([, value]) => value !== null));
    this.form.edit({ mass: Object.keys(mass).length ? mass : null }, `mass ${this.form.chosen}`);
  }

  /** @param {Changes} changes */
  setEvent(changes) {
    const { form, hip } = this;
    /** @type {IndexEvent & Changes} */
    const event = { ...eventOf(form.record, hip.side).event, ...changes };
    for (const key of Object.keys(event)) if (event[key] === null) delete event[key];
    form.session.change({ record: withEvent(form.record, hip.side, event.procedure ? event : null) }, "date" in changes ? "event date" : undefined);
  }

  /** Values as they are now, which of the fields have a use, and on the fold what they say. */
  fill() {
    const { fields, form, hip } = this;
    const { context = {} } = form.record;
    const { event, path } = eventOf(form.record, hip.side);
    for (const key of PLAIN) fields[key].set(hip[key]);
    (hip.islands ?? []).forEach(({ site }, number) => fields[siteField(number)]?.set(site));
    fields.gap_lateral.set(form.tellLength("gap_lateral", form.graded?.gap_lateral));
    fields.gap_lateral_class.set(hip.gap_lateral?.category);
    fields.gap_lateral_mm.set(hip.gap_lateral?.mm);
    fields.sizes.set(hip.mass?.sizes_mm);
    fields.contrast.set(hip.mass?.contrast);
    fields.event.set(event?.procedure);
    fields.event_date.set(event?.date);
    fields.event.path = path;
    fields.event_date.path = `${path}.date`;
    for (const key of ["causes", "symptoms", "indication"]) fields[key].set(context[key]);
    fields.incomplete.set(form.record.incomplete);
    fields.overrides.set((form.record.overrides ?? []).map(tellOverride));
    this.hide(event);
    show(this.said, this.tell(event).join(" · "));
  }

  /** @param {IndexEvent | null} event */
  hide(event) {
    const { fields, hip, form } = this;
    const isEvaluable = hip.evaluable !== false;
    const offered = this.ofModality().filter(({ stage }) => !hip.stage || stage === hip.stage);
    fields.features.offer?.(offered.map(({ key }) => key));
    const hasLateral = ["ap_pelvis", "ap_hip", undefined].includes(form.record.view) || Boolean(hip.gap_lateral);
    const isDrawn = Boolean(hip.gap_lateral?.points || hip.gap_lateral?.points_mm);
    fields.gap_lateral.element.hidden = !isEvaluable || !hasLateral;
    fields.gap_lateral_class.element.hidden = fields.gap_lateral.element.hidden || isDrawn || hip.gap_lateral?.mm !== undefined;
    fields.gap_lateral_mm.element.hidden = fields.gap_lateral.element.hidden || isDrawn || Boolean(hip.gap_lateral?.category);
    fields.contrast.element.hidden = !isEvaluable || !(hip.mass || this.modality !== "radiograph");
    fields.event_date.element.hidden = !event;
    fields.overrides.element.hidden = !form.record.overrides?.length;
    for (const key of ["event", ...OF_THE_STUDY]) fields[key].element.hidden = false;
  }

  /**
   * What is stated here, in a few words each.
   * @param {IndexEvent | null} event
   */
  tell(event) {
    const { hip } = this;
    const islands = (hip.islands ?? []).map(({ site = [] }, number) => labelled(site.length ? say("island_number", { number: number + 1 }) : "", site.map(wordsOf).join(", ")));
    return [
      hip.stage && wordsOf(hip.stage),
      ...(hip.features ?? []).map(wordsOf),
      ...(hip.site ?? []).map(wordsOf),
      ...islands,
      hip.hardware_nearby && say("hardware"),
      hip.gap_lateral && say("gap_lateral"),
      hip.mass && say("mass"),
      event && [wordsOf(event.procedure ?? ""), event.date && day(event.date)].filter(Boolean).join(" "),
      this.form.record.incomplete && say("incomplete"),
      this.form.record.overrides?.length && say("overrides"),
    ].filter(Boolean);
  }

  /** Opened where a fault stands within. */
  showFaults() {
    if (Object.values(this.fields).some((field) => field.element.classList.contains("faulty"))) this.element.open = true;
  }
}
