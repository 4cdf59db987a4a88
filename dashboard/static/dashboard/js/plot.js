/* The only module that talks to uPlot: one chart of one panel. */

import { bandOf, drawn, gapsOf } from "./plotdata.js";
import { drawMarks, shadeGaps } from "./marks.js";
import { faded, palette } from "./palette.js";
import { format } from "./units.js";
import { tickTime } from "./times.js";

const uPlot = window.uPlot;
const BINARY_STEPS = Array.from({ length: 60 }, (_, power) => 2 ** power);
const BAND_ALPHA = 0.22;
const FILL_ALPHA = { stack: 0.3, band: 0.1, mirror: 0.14 };

function seriesOf(chart, hasBand, colours) {
  const lines = chart.lines.map((line, at) => ({
    label: line.label,
    stroke: colours.lines[at],
    width: 1.4,
    fill: chart.kind in FILL_ALPHA ? faded(colours.lines[at], FILL_ALPHA[chart.kind]) : undefined,
    fillTo: 0,
    points: { show: (u, index) => isSparse(u, index), size: 5, fill: colours.lines[at] },
  }));
  const edge = { stroke: undefined, width: 0, points: { show: false } };
  return [{}, ...lines, ...(hasBand ? [edge, edge] : [])];
}

/** One or two samples make no line; then they are dots. */
function isSparse(u, index) {
  const values = u.data[index];
  return values.filter((value) => value != null).length < 3;
}

function bandsOf(chart, hasBand, colours) {
  if (hasBand) return [{ series: [3, 2], fill: faded(colours.lines[0], BAND_ALPHA) }];
  if (chart.kind !== "stack") return [];
  // Each layer is filled down to the one below it, so that colours do not mix.
  return chart.lines.slice(1).map((_, at) => ({
    series: [at + 2, at + 1], fill: faded(colours.lines[at + 1], FILL_ALPHA.stack),
  }));
}

function rangeOf(chart) {
  return (_, low, high) => {
    if (chart.maximum) return [0, chart.maximum];
    const top = Math.max(high ?? 0, 0) * 1.08;
    const bottom = Math.min(low ?? 0, 0) * 1.08;
    return top === bottom ? [0, 1] : [bottom, top];
  };
}

function axesOf(chart, colours) {
  const common = { stroke: colours.text, font: '11px "Inter", system-ui, sans-serif', ticks: { show: false } };
  const grid = { stroke: colours.grid, width: 1 };
  return [
    { ...common, grid, size: 26, space: 76, values: (_, splits, __, ___, step) => splits.map((at) => tickTime(at, step)) },
    {
      ...common, grid, size: 66, gap: 6, space: 32,
      incrs: chart.format === "memory" ? BINARY_STEPS : undefined,
      values: (_, splits) => splits.map((value) => format(chart.format, Math.abs(value))),
    },
  ];
}

/** Tell of a stretch that was dragged over. Charts that only follow another's pointer have no event. */
function selected(u, onSelect) {
  const { left, width } = u.select;
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (u.cursor.event && width > 0) onSelect(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
}

/**
 * One drawn chart. `onCursor(index or null)` tells which bucket is pointed at, on any chart, and
 * `onSelect(from, to)` which stretch somebody dragged over on this one.
 */
export class Plot {
  #chart;
  #reply;
  #gaps = [];
  #hasBand;
  #u;

  constructor(element, chart, reply, times, { onCursor, onSelect }) {
    this.#chart = chart;
    this.#reply = reply;
    const colours = palette();
    const hasBand = bandOf(chart, reply) !== null;
    this.#hasBand = hasBand;
    const options = {
      width: element.clientWidth, height: element.clientHeight,
      legend: { show: false },
      padding: [6, 4, 0, 0],
      cursor: {
        sync: { key: "agent" }, y: false, points: { size: 6 }, bind: { dblclick: () => null },
        drag: { x: true, y: false, setScale: false, dist: 6 },
      },
      scales: { x: { range: () => [this.#reply.start, this.#reply.end] }, y: { range: rangeOf(chart) } },
      series: seriesOf(chart, hasBand, colours),
      bands: bandsOf(chart, hasBand, colours),
      axes: axesOf(chart, colours),
      hooks: {
        draw: [(u) => drawMarks(u, colours)],
        drawClear: [(u) => shadeGaps(u, this.#gaps, colours)],
        setSelect: [(u) => selected(u, onSelect)],
        setCursor: [(u) => onCursor(u.cursor.left >= 0 ? u.cursor.idx : null, u)],
      },
    };
    this.#gaps = gapsOf(chart, reply, times);
    this.#u = new uPlot(options, drawn(chart, reply, times), element);
  }

  get over() {
    return this.#u.over;
  }

  /** Whether a reply can be drawn without starting anew. */
  fits(reply) {
    return this.#hasBand === (bandOf(this.#chart, reply) !== null);
  }

  update(reply, times) {
    this.#reply = reply;
    this.#gaps = gapsOf(this.#chart, reply, times);
    this.#u.setData(drawn(this.#chart, reply, times));
  }

  resize(width, height) {
    if (width && height && width !== this.#u.width) this.#u.setSize({ width, height });
  }

  /** Put the cursor of all charts on a moment. */
  point(moment) {
    this.#u.setCursor({ left: this.#u.valToPos(moment, "x"), top: 10 }, true, true);
  }

  destroy() {
    this.#u.destroy();
  }
}
