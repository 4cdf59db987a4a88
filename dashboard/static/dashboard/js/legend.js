/* What a chart's lines are called and say at a bucket. */

import { bandOf, linesOf } from "./plotdata.js";
import { format } from "./units.js";

/** Return the legend's entries at a bucket: name, text and class of the swatch. */
export function entriesAt(chart, reply, index) {
  const entries = linesOf(chart, reply).map((line, at) => ({
    name: chart.lines[at].label, swatch: `swatch-${at + 1}`, text: format(chart.format, line[index]),
  }));
  const band = bandOf(chart, reply);
  if (band) {
    const [low, high] = band.map((numbers) => format(chart.format, numbers[index]));
    entries.push({ name: "Min–max", swatch: "swatch-band", text: low === high ? low : `${low.replace(/\u00a0.*/, "")}–${high}` });
  }
  return entries;
}

/** The list over a chart that names its lines and tells their values. */
export class Legend {
  #list;
  #values = [];

  constructor(list) {
    this.#list = list;
  }

  /** Name these entries. */
  name(entries) {
    this.#values = entries.map(() => document.createElement("b"));
    this.#list.replaceChildren(...entries.map(({ name, swatch }, at) => {
      const item = document.createElement("li");
      const mark = Object.assign(document.createElement("span"), { className: `swatch ${swatch}` });
      const label = Object.assign(document.createElement("span"), { className: "legend-name", textContent: name, title: name });
      item.append(mark, label, this.#values[at]);
      return item;
    }));
  }

  /** Tell the values of these entries, which are those that were named. */
  tell(entries) {
    entries.forEach(({ text }, at) => {
      if (this.#values[at].textContent !== text) this.#values[at].textContent = text;
    });
  }
}
