/* One chart with what stands around it: title, legend with values, tooltip, table, arrow keys. */

import { Plot } from "./plot.js";
import { linesOf } from "./plotdata.js";
import { Legend, entriesAt } from "./legend.js";
import { Tooltip } from "./tooltip.js";
import { iso } from "./view.js";
import { fullTime } from "./times.js";

const POINTS = 481; // of a CSV file: those the chart has
const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

export class Panel {
  element;
  #chart;
  #store;
  #does;
  #plot = null;
  #tooltip = null;
  #legend;
  #cursor = null;

  /**
   * `does` is what the page does for a chart: `read(text)` says a text to who listens, `zoom(from, to)`
   * and `key(event)` show another stretch of time, `pick(chart)` lets instances be chosen.
   */
  constructor(chart, store, does) {
    this.#chart = chart;
    this.#store = store;
    this.#does = does;
    this.element = document.getElementById("chart-template").content.firstElementChild.cloneNode(true);
    this.element.id = `chart-${chart.name}`;
    this.#legend = new Legend(this.#find(".legend"));
    this.#fillHead();
    this.#fillFoot();
    this.#find(".chart-plot").addEventListener("keydown", (event) => this.#onKey(event));
    this.#find(".chart-table-button").addEventListener("click", () => this.#toggleTable());
  }

  /** Draw anew: for the first time, in other colours, or over another stretch. The element stands in the page. */
  draw() {
    const box = this.#find(".chart-plot");
    const { reply, times } = this.#store;
    this.#plot?.destroy();
    this.#plot = new Plot(box, this.#chart, reply, times, {
      onCursor: (index, u) => this.#onCursor(index, u), onSelect: this.#does.zoom,
    });
    this.#tooltip = new Tooltip(this.#plot.over);
    this.#cursor = null;
    this.#legend.name(entriesAt(this.#chart, reply, 0));
    this.#show();
  }

  /** Draw what came new. */
  update() {
    if (!this.#plot.fits(this.#store.reply)) return this.draw();
    this.resize();
    this.#plot.update(this.#store.reply, this.#store.times);
    return this.#show();
  }

  resize() {
    const box = this.#find(".chart-plot");
    this.#plot?.resize(box.clientWidth, box.clientHeight);
  }

  #find(selector) {
    return this.element.querySelector(selector);
  }

  #fillHead() {
    const { title, instance, note } = this.#chart;
    const heading = this.#find("h3");
    heading.textContent = title;
    heading.title = note || title;
    if (instance) heading.append(Object.assign(document.createElement("small"), { textContent: instance }));
    const keys = "Arrow keys read values, with Shift they move in time; plus and minus zoom, Escape undoes that.";
    this.#find(".chart-plot").setAttribute("aria-label", [`${title}, chart.`, note, keys].filter(Boolean).join(" "));
    this.#find(".chart-table").setAttribute("aria-label", `${title}, table`);
    this.#find(".chart-table-button .visually-hidden").textContent = `${title} as a table`;
  }

  /** Say how many instances share a line, and let others be chosen. */
  #fillFoot() {
    const { title, instances, own } = this.#chart;
    this.#find(".chart-note").hidden = !instances.length;
    this.#find(".chart-note-text").textContent = `${own.length} of ${instances.length} have lines of their own.`;
    this.#find(".chart-pick").append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` lines of ${title}` }));
    this.#find(".chart-pick").addEventListener("click", () => this.#does.pick(this.#chart));
  }

  /** The bucket that the legend tells: the one pointed at, else the newest that has a value. */
  #index() {
    const lines = linesOf(this.#chart, this.#store.reply);
    if (this.#cursor !== null && this.#cursor < this.#store.reply.count) return this.#cursor;
    return Math.max(0, ...lines.map((line) => line.findLastIndex((value) => value !== null)));
  }

  #show() {
    this.#showValues();
    if (!this.#find(".chart-table").hidden) this.#fillTable();
  }

  #showValues() {
    this.#legend.tell(entriesAt(this.#chart, this.#store.reply, this.#index()));
  }

  #onCursor(index, u) {
    this.#cursor = index;
    this.#showValues();
    const entries = index === null ? [] : entriesAt(this.#chart, this.#store.reply, index);
    this.#tooltip?.show(u.cursor, index === null ? "" : fullTime(this.#store.times[index]), entries);
  }

  #onKey(event) {
    if (this.#does.key(event) || !(event.key in STEPS)) return;
    event.preventDefault();
    const last = this.#store.reply.count - 1;
    const index = Math.min(last, Math.max(0, this.#index() + STEPS[event.key]));
    const moment = this.#store.times[index];
    this.#plot.point(moment);
    this.#cursor = index;
    this.#showValues();
    const values = entriesAt(this.#chart, this.#store.reply, index).map(({ name, text }) => `${name} ${text}`);
    this.#does.read(`${this.#chart.title}, ${fullTime(moment)}: ${values.join(", ")}`);
  }

  #toggleTable() {
    const box = this.#find(".chart-table");
    box.hidden = !box.hidden;
    this.#find(".chart-plot").hidden = !box.hidden;
    this.#find(".chart-table-button").setAttribute("aria-pressed", String(!box.hidden));
    this.#find(".chart-csv").hidden = box.hidden;
    if (!box.hidden) this.#fillTable();
    else this.resize();
  }

  async #fillTable() {
    const { start, end } = this.#store.reply;
    const asked = { metric: this.#chart.metrics, start: iso(start), end: iso(end), points: POINTS, format: "csv" };
    const link = this.#find(".chart-csv");
    link.href = `${link.dataset.series}?${new URLSearchParams(asked)}`; // before it can be clicked
    const { fillTable } = await import("./charttable.js");
    fillTable(this.#find(".chart-table"), this.#chart, this.#store, entriesAt);
  }
}
