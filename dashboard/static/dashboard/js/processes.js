/* The processes that the agent saw last, by what they use most of. */

import { row } from "./rows.js";
import { format } from "./units.js";

const card = document.getElementById("processes");

let order = "cpu_percent";
let shown = [];

function draw() {
  const sorted = shown.toSorted((one, other) => other[order] - one[order]);
  card.querySelector("tbody").replaceChildren(...sorted.map((process) => row("td", [
    process.name, String(process.pid), format("percent", process.cpu_percent), format("memory", process.memory_bytes),
  ])));
  for (const head of card.querySelectorAll("th[data-order]")) {
    if (head.dataset.order === order) head.setAttribute("aria-sort", "descending");
    else head.removeAttribute("aria-sort");
  }
  card.querySelector(".now-empty").hidden = sorted.length > 0;
  card.querySelector("table").hidden = sorted.length === 0;
}

/** Show the processes of an agent as the server described it last; moments are Unix seconds. */
export function showProcesses({ processes, processes_at: seenAt }) {
  shown = processes;
  const note = card.querySelector(".now-note");
  note.hidden = seenAt === null;
  if (seenAt !== null) note.querySelector("time").dateTime = new Date(seenAt * 1000).toISOString();
  draw();
}

card.querySelector("thead").addEventListener("click", (event) => {
  const head = event.target.closest("button")?.parentElement;
  if (!head) return;
  order = head.dataset.order;
  draw();
});
