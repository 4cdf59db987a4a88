/* One chart with what stands around it: title, legend with values, tooltip, table, arrow keys. */

import { Plot } from "./plot.js";
import { bandOf, linesOf } from "./plotdata.js";
import { fillTable } from "./charttable.js";
import { Tooltip } from "./tooltip.js";
import { format } from "./units.js";
import { fullTime } from "./times.js";

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

export class Panel {
  element;
  #chart;
  #store;
  #plot = null;
  #tooltip = null;
  #values = [];
  #cursor = null;
  #read;

  /** `read(text)` says a text to who listens to the page. */
  constructor(chart, store, read) {
    this.#chart = chart;
    this.#store = store;
    this.#read = read;
    this.element = document.getElementById("chart-template").content.firstElementChild.cloneNode(true);
    this.element.id = `chart-${chart.name}`;
    this.#fillHead();
    this.#find(".chart-plot").addEventListener("keydown", (event) => this.#onKey(event));
    this.#find(".chart-table-button").addEventListener("click", () => this.#toggleTable());
  }

  /** Draw for the first time, or again in other colours. The element stands in the page. */
  draw() {
    const box = this.#find(".chart-plot");
    this.#plot?.destroy();
    this.#plot = new Plot(box, this.#chart, this.#store.reply, this.#store.times, (index, u) => this.#onCursor(index, u));
    this.#tooltip = new Tooltip(this.#plot.over);
    this.#showValues();
  }

  /** Draw what came new. */
  update() {
    this.#plot.update(this.#store.reply, this.#store.times);
    this.#showValues();
    if (!this.#find(".chart-table").hidden) this.#fillTable();
  }

  resize() {
    const box = this.#find(".chart-plot");
    this.#plot?.resize(box.clientWidth, box.clientHeight);
  }

  #find(selector) {
    return this.element.querySelector(selector);
  }

  #fillHead() {
    const { title, instance, note, left_out: leftOut } = this.#chart;
    const heading = this.#find("h2");
    heading.textContent = title;
    heading.title = note || title;
    if (instance) heading.append(Object.assign(document.createElement("small"), { textContent: instance }));
    this.#find(".chart-plot").setAttribute("aria-label", [`${title}, chart.`, note, "Arrow keys read values."].filter(Boolean).join(" "));
    this.#find(".chart-table").setAttribute("aria-label", `${title}, table`);
    this.#find(".chart-table-button .visually-hidden").textContent = `${title} as a table`;
    const missing = `The ${this.#chart.lines.length} highest lines; ${leftOut.length} more are not drawn.`;
    this.#find(".chart-note").textContent = missing;
    this.#find(".chart-note").hidden = !leftOut.length;
    this.#makeLegend();
  }

  #makeLegend() {
    this.#values = entriesAt(this.#chart, this.#store.reply, 0).map(({ name, swatch }) => {
      const item = document.createElement("li");
      const mark = Object.assign(document.createElement("span"), { className: `swatch ${swatch}` });
      const label = Object.assign(document.createElement("span"), { className: "legend-name", textContent: name, title: name });
      const value = document.createElement("b");
      item.append(mark, label, value);
      this.#find(".legend").append(item);
      return value;
    });
  }

  /** The bucket that the legend tells: the one pointed at, else the newest that has a value. */
  #index() {
    const lines = linesOf(this.#chart, this.#store.reply);
    if (this.#cursor !== null && this.#cursor < this.#store.reply.count) return this.#cursor;
    return Math.max(0, ...lines.map((line) => line.findLastIndex((value) => value !== null)));
  }

  #showValues() {
    const entries = entriesAt(this.#chart, this.#store.reply, this.#index());
    entries.forEach(({ text }, at) => {
      if (this.#values[at].textContent !== text) this.#values[at].textContent = text;
    });
  }

  #onCursor(index, u) {
    this.#cursor = index;
    this.#showValues();
    const entries = index === null ? [] : entriesAt(this.#chart, this.#store.reply, index);
    this.#tooltip?.show(u.cursor, index === null ? "" : fullTime(this.#store.times[index]), entries);
  }

  #onKey(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const last = this.#store.reply.count - 1;
    const index = Math.min(last, Math.max(0, this.#index() + steps[event.key]));
    const moment = this.#store.times[index];
    this.#plot.point(moment);
    this.#cursor = index;
    this.#showValues();
    const values = entriesAt(this.#chart, this.#store.reply, index).map(({ name, text }) => `${name} ${text}`);
    this.#read(`${this.#chart.title}, ${fullTime(moment)}: ${values.join(", ")}`);
  }

  #toggleTable() {
    const table = this.#find(".chart-table");
    table.hidden = !table.hidden;
    this.#find(".chart-plot").hidden = !table.hidden;
    this.#find(".chart-table-button").setAttribute("aria-pressed", String(!table.hidden));
    if (!table.hidden) this.#fillTable();
    else this.resize();
  }

  #fillTable() {
    fillTable(this.#find(".chart-table"), this.#chart, this.#store, entriesAt);
  }
}
