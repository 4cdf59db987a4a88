/* A chart as a table, newest first, for who reads it rather than looks at it. */

import { row } from "./rows.js";
import { fullTime } from "./times.js";

/** Put the chart's buckets that hold something into `box`; where it was scrolled to, it stays. */
export function fillTable(box, chart, store, entriesAt) {
  const { reply, times } = store;
  const table = document.createElement("table");
  const head = entriesAt(chart, reply, 0).map(({ name }) => name);
  table.createTHead().append(row("th", ["Time", ...head]));
  const body = table.createTBody();
  for (let index = times.length - 1; index >= 0; index -= 1) {
    if (chart.lines.every((line) => (reply.columns[line.key]?.mean[index] ?? null) === null)) continue;
    const texts = entriesAt(chart, reply, index).map(({ text }) => text);
    body.append(row("td", [fullTime(times[index]), ...texts]));
  }
  const scrolled = box.scrollTop;
  box.replaceChildren(table);
  box.scrollTop = scrolled;
}
