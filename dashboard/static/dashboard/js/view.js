/* Which stretch of time the page shows. The address holds it, so that back undoes a zoom. */

const page = document.getElementById("page-data").dataset;
const CHANGED = "tara:view";

let lastRange = ["", "live"].includes(page.range) ? page.default : page.range;

/** Return a moment as the address and the server write it: "2026-11-25T06:00:00Z". */
export function iso(seconds) {
  return new Date(Math.round(seconds) * 1000).toISOString().replace(".000Z", "Z");
}

/** Return what is shown: { range } or { from, to } in Unix seconds; `to` is null for up to now. */
export function currentView() {
  const asked = new URLSearchParams(window.location.search);
  if (!asked.has("from")) return { range: asked.get("range") ?? page.default };
  const to = asked.get("to");
  return { from: Date.parse(asked.get("from")) / 1000, to: to ? Date.parse(to) / 1000 : null };
}

/** Return a view as parameters of the server. */
export function parametersOf(view) {
  if (view.range) return { range: view.range };
  return view.to === null ? { from: iso(view.from) } : { from: iso(view.from), to: iso(view.to) };
}

/** Return the address of a view; what else stands in the address stays. */
export function addressOf(view) {
  const asked = new URLSearchParams(window.location.search);
  for (const name of ["range", "from", "to"]) asked.delete(name);
  for (const [name, value] of Object.entries(parametersOf(view))) asked.set(name, value);
  return searchOf(asked);
}

/** Return parameters as an address has them; a colon needs no escape there, and reads better. */
function searchOf(asked) {
  return `?${asked}`.replaceAll("%3A", ":");
}

/** Show another stretch of time. */
export function go(view) {
  const address = addressOf(view);
  if (address === window.location.search) return;
  window.history.pushState(null, "", address);
  announce();
}

/** Return the range that was shown before somebody zoomed into it. */
export function rangeBefore() {
  return { range: lastRange };
}

/** Return the instances chosen for charts, as the address has them: "chart|instance". */
export function picks() {
  return new URLSearchParams(window.location.search).getAll("pick");
}

/** Choose the instances of one chart; none for the highest. */
export function pick(chart, instances) {
  const asked = new URLSearchParams(window.location.search);
  const others = asked.getAll("pick").filter((text) => !text.startsWith(`${chart}|`));
  asked.delete("pick");
  for (const text of [...others, ...instances.map((name) => `${chart}|${name}`)]) asked.append("pick", text);
  window.history.pushState(null, "", searchOf(asked));
  announce();
}

/** Call `listener` whenever another view is to be shown. */
export function onView(listener) {
  document.addEventListener(CHANGED, listener);
}

function announce() {
  const view = currentView();
  if (view.range && view.range !== "live") lastRange = view.range;
  document.dispatchEvent(new CustomEvent(CHANGED));
}

/** Write the address as scripts read it: a form without them leaves out the zone, or has a mistake. */
function tidy() {
  const view = page.from ? { from: Number(page.from), to: page.to ? Number(page.to) : null } : { range: page.range };
  const isAsked = /[?&](from|to|range)=/.test(window.location.search);
  if (isAsked) window.history.replaceState(null, "", addressOf(view));
}

tidy();
window.addEventListener("popstate", announce);
