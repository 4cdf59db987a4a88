/* What the charts show, in words: what a point stands for, and where there is no data. */

import { gapsOf } from "./plotdata.js";
import { FORMATS } from "./units.js";
import { shortTime } from "./times.js";
import { addressOf, go } from "./view.js";

const LISTED = 5;
const MARGIN = 0.25; // of a gap's length, shown before and after it
const TIERS = { raw: "samples", five_minutes: "figures of 5 minutes each", one_hour: "figures of an hour each" };

/** Return "Each point is the mean, minimum and maximum of 3 min", and from what. */
export function stepText({ step, spacing, tier }) {
  const length = FORMATS.duration(step);
  const source = tier === "raw" ? `samples ${FORMATS.duration(spacing)} apart` : TIERS[tier];
  if (step < spacing) return "Each point is one sample, drawn as they come.";
  if (step === spacing) return `Each point is one sample, ${length} apart.`;
  return `Each point is the mean, minimum and maximum of ${length}, from ${source}.`;
}

function linkTo([from, to]) {
  const margin = Math.max(60, (to - from) * MARGIN);
  const view = { from: from - margin, to: Math.min(Date.now() / 1000, to + margin) };
  const link = document.createElement("a");
  link.href = addressOf(view);
  link.textContent = `${shortTime(from)} to ${shortTime(to)} (${FORMATS.duration(to - from)})`;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    go(view);
  });
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function share(missing, whole) {
  const percent = 100 * (1 - missing / whole);
  // Rounded down: a gap must not vanish into 100 %.
  return missing ? `${Math.floor(percent * 10) / 10}\u00a0%` : "100\u00a0%";
}

/** Say it on the page. */
export function showCoverage(store) {
  const { reply, times } = store;
  const lines = Object.keys(reply.columns).map((key) => ({ key }));
  const gaps = lines.length ? gapsOf({ lines }, reply, times) : [];
  const missing = gaps.reduce((sum, [from, to]) => sum + to - from, 0);
  const longest = gaps.toSorted((one, other) => other[1] - other[0] - one[1] + one[0]).slice(0, LISTED);
  const text = document.getElementById("coverage");
  text.textContent = lines.length ? `Samples cover ${share(missing, reply.end - reply.start)} of this stretch.` : "";
  if (gaps.length) text.textContent += ` Without data: ${gaps.length > LISTED ? `${gaps.length} stretches, the longest are` : ""}`;
  document.getElementById("gaps").replaceChildren(...longest.map(linkTo));
}
