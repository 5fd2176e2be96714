/**
 * The fields of the form: a choice of a few words, a text, a number; each with its faults beside it.
 *
 * @module
 */

import { button, freshId, make, mark as put, show } from "./dom.js";
import { exact, readMillimetres, readSizes } from "./numbers.js";
import { labelled, say } from "./words.js";

/** @import { FaultFacts, Fix, Wrote } from "./api.js" */

/**
 * What buttons can set a fault right by.
 * @param {FaultFacts} fault @returns {Fix[]}
 */
export const fixesOf = (fault) => fault.fixes ?? (fault.fix ? [fault.fix] : []);

/** What all fields have: the path of the record that they are of, and where faults are told. */
export class Field {
  /** @param {string} path @param {string} label */
  constructor(path, label) {
    this.path = path;
    this.id = freshId("field");
    this.label = label;
    /** @type {HTMLElement} */
    this.element = make("div");
    /** @type {(HTMLElement & { checked?: boolean })[]} */
    this.controls = [];
    this.told = make("div", { class: "faults", id: `${this.id}-faults` });
    this.faults = "";
  }

  /**
   * The faults of this field in words, with a button for each that can be set right by one.
   * @param {FaultFacts[]} faults @param {((fix: Fix) => void) | null} fix
   */
  setFaults(faults, fix) {
    const told = JSON.stringify(faults);
    if (told === this.faults) return;
    this.faults = told;
    this.told.replaceChildren(
      ...faults.map((fault) =>
        make(
          "p",
          { class: "fault" },
          make("span", {}, labelled(fault.problem, fault.remedy)),
          (fix ? fixesOf(fault) : []).map((each) => button(each.label, () => fix?.(each), { class: "fix" })),
        ),
      ),
    );
    for (const each of this.controls) {
      put(each, "aria-invalid", faults.length ? "true" : null);
      put(each, "aria-describedby", faults.length ? this.told.id : null);
    }
    this.element.classList.toggle("faulty", faults.length > 0);
  }
}

/** One of a few words, all of them seen; `choices` are [value, words], values compared as JSON. */
export class Choice extends Field {
  /** @param {string} path @param {string} label @param {[any, string][]} choices @param {(value: any) => void} change */
  constructor(path, label, choices, change) {
    super(path, label);
    this.inputs = choices.map(([value, words]) => {
      const input = make("input", { type: "radio", name: this.id, id: freshId("choice"), on: { change: () => change(value) } });
      // What is not stated is a dash, so that the words that matter stand in one row in every language.
      if (value === null) put(input, "aria-label", words);
      const label = make("label", { for: input.id, title: value === null ? words : null }, value === null ? "–" : words);
      return { value: JSON.stringify(value), input, label };
    });
    this.controls = this.inputs.map((each) => each.input);
    this.element = make(
      "fieldset",
      { class: "field choice" },
      make("legend", {}, label),
      make("div", { class: "segments" }, this.inputs.map(({ input, label: words }) => make("span", {}, input, words))),
      this.told,
    );
  }

  /** @param {any} value */
  set(value) {
    const wanted = JSON.stringify(value ?? null);
    for (const each of this.inputs) each.input.checked = each.value === wanted;
  }
}

/** Words of a person; the height grows with them. */
export class Words extends Field {
  /** @type {string} */ formerTold;

  /** @param {string} path @param {string} label @param {(value: any) => void} change */
  constructor(path, label, change) {
    super(path, label);
    const grow = () => {
      this.input.style.height = "auto";
      this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 160)}px`;
    };
    this.input = make("textarea", { id: this.id, rows: "1", on: { input: () => { grow(); change(this.input.value || null); } } });
    this.controls = [this.input];
    this.former = make("div", { class: "former" });
    this.element = make("div", { class: "field words" }, make("label", { for: this.id }, label), this.input, this.former, this.told);
    this.grow = grow;
    this.change = change;
  }

  /** @param {any} value */
  set(value) {
    const words = value ?? "";
    if (this.input.value !== words) {
      this.input.value = words;
      this.grow();
    }
  }

  /**
   * What others wrote here: whose words these are, or what is gone, with a button that puts it back.
   * @param {Wrote[]} former @param {boolean} mayEdit
   */
  setFormer(former, mayEdit) {
    const words = this.input.value;
    const told = JSON.stringify([former, former.map((each) => words.includes(each.text)), mayEdit]);
    if (told === this.formerTold) return;
    this.formerTold = told;
    this.former.replaceChildren(
      ...former.map(({ by: name, text, may_take: mayTake }) => {
        const by = name || say("unnamed");
        if (words.includes(text)) return make("p", { class: "quiet" }, say("words_of", { name: by }));
        const take = () => this.change([this.input.value.trim(), text].filter(Boolean).join("\n"));
        const put_ = mayTake && mayEdit ? button(say("take_words"), take, { class: "small", "aria-label": labelled(say("take_words"), this.label) }) : null;
        return make("p", { class: "quiet" }, make("span", {}, say("wrote", { name: by }), " ", make("q", {}, text)), put_);
      }),
    );
  }
}

/** One of several words behind a closed list. */
export class Selection extends Field {
  /** @param {string} path @param {string} label @param {[any, string][]} choices @param {(value: any) => void} change */
  constructor(path, label, choices, change) {
    super(path, label);
    /** @type {HTMLSelectElement} */
    this.input = make(
      "select",
      { id: this.id, on: { change: () => change(this.input.value || null) } },
      choices.map(([value, words]) => make("option", { value: value ?? "" }, words)),
    );
    this.controls = [this.input];
    this.element = make("div", { class: "field words" }, make("label", { for: this.id }, label), this.input, this.told);
  }

  /** @param {any} value */
  set(value) {
    this.input.value = value ?? "";
  }
}

/** What is typed as a number: where it is none, the page says why, for the server was never told all of it. */
class Numeric extends Field {
  why = "";

  /** @param {string} path @param {string} label */
  constructor(path, label) {
    super(path, label);
    /** @type {HTMLInputElement} */
    this.input = make("input", { id: this.id, class: "mm", inputmode: "decimal", autocomplete: "off", on: { input: () => this.read() } });
    this.controls = [this.input];
    this.element = make("div", { class: "field inline" }, make("label", { for: this.id }, label), this.input, make("span", { class: "unit" }, "mm"), this.told);
  }

  /** What is typed now, put into the record. */
  read() {}

  /** @param {FaultFacts[]} faults @param {((fix: Fix) => void) | null} fix */
  setFaults(faults, fix) {
    super.setFaults(this.why && faults.length ? [{ ...faults[0], problem: this.why, remedy: "", fixes: [] }] : faults, fix);
  }

  /** @param {string} words */
  show(words) {
    if (document.activeElement !== this.input) this.input.value = words;
  }
}

/** Millimetres as a person types them. */
export class Millimetres extends Numeric {
  /** @param {string} path @param {string} label @param {(value: any) => void} change */
  constructor(path, label, change) {
    super(path, label);
    this.change = change;
  }

  read() {
    const text = this.input.value.trim();
    this.change(text === "" ? null : readMillimetres(text).value);
  }

  /** @param {any} value */
  set(value) {
    this.why = typeof value === "string" ? readMillimetres(value).why : "";
    this.show(exact(value));
  }
}

/** Up to three diameters in millimetres, as "34 x 28". */
export class Sizes extends Numeric {
  /** @param {string} path @param {string} label @param {(value: any) => void} change */
  constructor(path, label, change) {
    super(path, label);
    this.change = change;
  }

  read() {
    const { values } = readSizes(this.input.value);
    this.change(values.length ? values : null);
  }

  /** @param {any} values */
  set(values) {
    const told = (Array.isArray(values) ? values : []).map(exact).join(" × ");
    this.why = (Array.isArray(values) ? values : []).some((each) => typeof each === "string") ? readSizes(told).why : "";
    this.show(told);
  }
}

/** A day of the calendar, written as the browser of the reader writes it. */
export class Day extends Field {
  /** @param {string} path @param {string} label @param {(value: any) => void} change */
  constructor(path, label, change) {
    super(path, label);
    // What is half typed is no day yet, and changes nothing.
    const read = () => {
      if (!this.input.validity.badInput) change(this.input.value || null);
    };
    this.input = make("input", { id: this.id, class: "day", type: "date", min: "1900-01-01", on: { change: read } });
    this.controls = [this.input];
    this.element = make("div", { class: "field words" }, make("label", { for: this.id }, label), this.input, this.told);
  }

  /** @param {any} value */
  set(value) {
    if (this.input.value !== (value ?? "")) this.input.value = value ?? "";
  }
}

/** Any number of a few words; what the record holds is always among them. */
export class Ticks extends Field {
  /** @type {string[]} */ values;

  /** @param {string} path @param {string} label @param {[any, string][]} choices @param {(value: any) => void} change */
  constructor(path, label, choices, change) {
    super(path, label);
    /** @type {{ value: string, input: HTMLInputElement, element: HTMLElement }[]} */
    this.choices = choices.map(([value, words]) => {
      const input = make("input", { type: "checkbox", id: freshId("tick"), on: { change: () => change(this.ticked()) } });
      return { value, input, element: make("span", {}, input, make("label", { for: input.id }, words)) };
    });
    this.controls = this.choices.map((each) => each.input);
    this.element = make(
      "fieldset",
      { class: "field choice" },
      make("legend", {}, label),
      make("div", { class: "segments" }, this.choices.map((each) => each.element)),
      this.told,
    );
  }

  /** The words that are ticked, in the order that they were, new ones last. */
  ticked() {
    const now = this.choices.filter((each) => each.input.checked).map((each) => each.value);
    const before = (this.values ?? []).filter((value) => now.includes(value));
    return [...before, ...now.filter((value) => !before.includes(value))];
  }

  /** @param {any} values */
  set(values) {
    this.values = Array.isArray(values) ? values : [];
    for (const each of this.choices) each.input.checked = this.values.includes(each.value);
  }

  /**
   * Only these are offered, beside those that are ticked.
   * @param {string[]} values
   */
  offer(values) {
    for (const each of this.choices) each.element.hidden = !(each.input.checked || values.includes(each.value));
  }
}

/** What the record says and the form does not change: a line for each. */
export class Readable extends Field {
  /** @param {string} path @param {string} label */
  constructor(path, label) {
    super(path, label);
    this.lines = make("ul", { class: "lines" });
    this.element = make("div", { class: "field words", role: "group", "aria-label": label }, make("span", { class: "name" }, label), this.lines, this.told);
  }

  /** @param {any} lines */
  set(lines) {
    this.lines.replaceChildren(.../** @type {string[]} */ (lines).map((line) => make("li", { class: "quiet" }, line)));
  }
}

/** A drawn or stated length: what it measures, and what can be done with it. */
export class Measured extends Field {
  /** @param {string} path @param {string} label @param {Record<string, () => unknown>} actions */
  constructor(path, label, actions) {
    super(path, label);
    this.value = make("span", { class: "value" });
    this.detail = make("span", { class: "detail" });
    this.actions = Object.fromEntries(
      Object.entries(actions).map(([name, act]) => [name, button(say(`do_${name}`), act, { class: `small ${name}`, "aria-label": labelled(say(`do_${name}`), label) })]),
    );
    this.controls = Object.values(this.actions);
    this.element = make(
      "div",
      { class: "field measured", role: "group", "aria-label": label },
      make("span", { class: "name" }, label),
      make("span", { class: "reading" }, this.value, this.detail),
      make("span", { class: "actions" }, this.controls),
      this.told,
    );
  }

  /**
   * The words of the length, and which of its buttons have a use now.
   * @param {{ value: string, detail: string, may: string[] }} of
   */
  set({ value, detail, may }) {
    show(this.value, value);
    show(this.detail, detail);
    for (const [name, each] of Object.entries(this.actions)) each.hidden = !may.includes(name);
  }
}
