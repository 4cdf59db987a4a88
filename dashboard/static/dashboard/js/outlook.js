/* What becomes of the disks, the traffic so far, how far history reaches: all change slowly, once a minute will do. */

import { row } from "./rows.js";
import { dayTime, zoneName } from "./times.js";
import { FORMATS, format } from "./units.js";

const PERIOD = 60_000; // milliseconds
const SOON = 14 * 86_400; // seconds
const VERY_SOON = 2 * 86_400;

let askedAt = 0;

/** Return what is said of a disk, and how urgent that is. */
function fateOf({ fate, full_in_seconds: seconds }) {
  if (fate === "full") return ["Full", "crit"];
  if (fate === "unknown") return ["Too little history to tell", ""];
  if (fate === "steady") return ["Not filling", ""];
  if (seconds === null) return ["Fills slowly", ""];
  return [`Full in about ${FORMATS.duration(seconds)}`, seconds < VERY_SOON ? "crit" : seconds < SOON ? "warn" : ""];
}

function paceOf({ bytes_per_day: bytes, days }) {
  return `${FORMATS.capacity(bytes)} a day over the last ${days === 1 ? "day" : `${days} days`}`;
}

function diskRow(disk) {
  const [text, urgency] = fateOf(disk);
  const free = disk.total_bytes === null ? format("capacity", disk.free_bytes)
    : `${FORMATS.capacity(disk.free_bytes)} of ${FORMATS.capacity(disk.total_bytes)}`;
  const element = row("td", [disk.mount, format("percent", disk.percent), free, text]);
  const said = element.lastElementChild;
  if (urgency) said.className = `fate-${urgency}`;
  if (disk.fate === "filling") said.append(Object.assign(document.createElement("small"), { textContent: paceOf(disk) }));
  return element;
}

function volumeText({ received_bytes: received, sent_bytes: sent }) {
  return `${FORMATS.capacity(received)} in\n${FORMATS.capacity(sent)} out`;
}

function showDisks(disks) {
  const card = document.getElementById("disks");
  card.hidden = !disks.length;
  card.querySelector("tbody").replaceChildren(...disks.map(diskRow));
}

function showTraffic({ periods, interfaces, left_out: leftOut }) {
  const card = document.getElementById("traffic");
  card.hidden = !interfaces.length;
  card.querySelector("thead").replaceChildren(row("th", ["Interface", ...periods.map(({ title }) => title)]));
  card.querySelector("tbody").replaceChildren(
    ...interfaces.map(({ name, volumes }) => row("td", [name, ...volumes.map(volumeText)])),
  );
  card.querySelector(".now-empty").textContent = leftOut ? `${leftOut} quieter interfaces are not listed.` : "";
}

function showHistory(history) {
  const text = document.getElementById("history");
  if (!history) return;
  const share = `${Math.floor(history.coverage_percent * 10) / 10}\u00a0%`; // never rounded up to all of it
  text.textContent = `History reaches back to ${dayTime(history.since)}; ${share} of the samples since are there.`;
}

/** Show all, if a minute has passed since; where that fails, what is shown stays. */
export async function showOutlook(url) {
  if (Date.now() - askedAt < PERIOD) return;
  askedAt = Date.now();
  try {
    const response = await fetch(`${url}?${new URLSearchParams({ zone: zoneName() })}`);
    if (!response.ok) return;
    const { disks, traffic, history } = await response.json();
    showDisks(disks);
    showTraffic(traffic);
    showHistory(history);
  } catch {
    // The server cannot be reached, which the badge tells; the next minute brings it.
  }
}
