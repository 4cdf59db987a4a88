/* The agent's events in the stretch that its charts show: the list below them, and their marks. */

import { fullTime, zoneName } from "./times.js";
import { setMarks } from "./marks.js";

const PERIOD = 30_000; // milliseconds; events are rare, and the charts poll for themselves

const box = document.getElementById("events");
let shown = 0; // the view that was asked for last; the page comes with the first one's events
let askedAt = performance.now();

/**
 * Show what happened within [start, end) of a reply. `view` is a number of the stretch that is looked at,
 * and `drawn` is called when there are new marks.
 */
export async function showEvents({ start, end }, { view, icons, drawn }) {
  if (view === shown && performance.now() - askedAt < PERIOD) return;
  shown = view;
  askedAt = performance.now();
  const response = await fetch(`${box.dataset.url}?${new URLSearchParams({ start, end })}`);
  if (!response.ok || view !== shown) return; // the charts' own poll says so
  const { events } = await response.json();
  show(events, icons);
  drawn();
}

function show(events, icons) {
  setMarks(events);
  box.querySelector(".timeline").replaceChildren(...events.map((event) => item(event, icons)));
  box.querySelector(".events-none").hidden = events.length > 0;
}

function item({ at, text, icon }, icons) {
  const element = document.createElement("li");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `icon icon-${icon}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${icons}#${icon}`);
  svg.append(use);
  const words = Object.assign(document.createElement("bdi"), { textContent: text });
  const time = Object.assign(document.createElement("time"), {
    dateTime: new Date(at * 1000).toISOString(), textContent: fullTime(at), title: zoneName(),
  });
  element.append(svg, words, " ", time);
  return element;
}

show(JSON.parse(document.getElementById("events-data").textContent), document.getElementById("page-data").dataset.icons);
