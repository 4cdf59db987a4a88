/* The agent's page: fetches the numbers, draws a panel a chart, and keeps all of it live. */

import { dayTime, keepFresh } from "./times.js";
import { Groups } from "./groups.js";
import { Live } from "./live.js";
import { Panel } from "./panel.js";
import { Poller, SignedOut } from "./poller.js";
import { Store } from "./store.js";
import { Zoom, select } from "./zoom.js";
import { showAgent, showSignedOut } from "./agenthead.js";
import { showEvents } from "./events.js";
import { showCoverage, stepText } from "./stretch.js";
import { showOutlook } from "./outlook.js";
import { showProcesses } from "./processes.js";
import { addressOf, currentView, figure, onView, parametersOf, picks } from "./view.js";

const WHOLE_EVERY = 60; // polls; late samples may have landed in buckets long past
const PICKS_MAXIMUM = 6000; // characters; a server takes no longer address
const DAY = 86400; // seconds

const page = document.getElementById("page-data").dataset;
const state = document.getElementById("charts-state");
const store = new Store();
let panels = [];
let polls = 0;
let asked = 0; // counts views, so that what comes for one that is gone is not drawn

/** What was asked for is none; `message` tells a person why. */
class Refused extends Error {}

async function ask(parameters) {
  const query = new URLSearchParams({ ...parametersOf(currentView()), open: groups.names, figure: figure(), ...parameters });
  const own = parameters.after === undefined ? picks() : store.picks;
  for (const text of own) query.append("pick", text);
  const response = await fetch(`${page.url}?${query}`, { headers: { Accept: "application/json" } });
  if (response.status === 401) throw new SignedOut((await response.json()).login);
  if (response.status === 400) throw new Refused(Object.values((await response.json()).errors).flat().join(" "));
  if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
  return response.json();
}

async function update() {
  const view = asked;
  polls += 1;
  const isWhole = !store.reply || polls % WHOLE_EVERY === 0 || encodeURIComponent(store.picks).length > PICKS_MAXIMUM;
  try {
    const reply = await ask(isWhole ? {} : store.resume);
    if (view !== asked) return;
    if (reply.charts) show(reply);
    else if (store.merge(reply)) panels.forEach((panel) => panel.update());
    else if (store.reply.step <= DAY) await showWhole(view);
    showProcesses(reply.agent);
    showAgent(reply.agent, page.icons);
    tellStretch();
    showOutlook(page.outlook);
    const drawn = () => panels.forEach((panel) => panel.update());
    showEvents(store.reply, { view, icons: page.icons, drawn }).catch(() => {}); // comes again
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(error.message);
  }
}

async function showWhole(view) {
  const reply = await ask({});
  if (view === asked) show(reply);
}

/** Draw a whole reply: as new numbers, over another stretch, or with other charts. */
function show(reply) {
  const held = store.reply;
  const isSame = held && JSON.stringify(reply.charts) === JSON.stringify(held.charts);
  store.replace(reply);
  if (!isSame) build(reply);
  else if (reply.step === held.step) panels.forEach((panel) => panel.update());
  else panels.forEach((panel) => panel.draw());
  // What a person sees: benchmarks.agent_page measures up to the second frame.
  window.requestAnimationFrame(() => window.requestAnimationFrame(() => performance.mark("tara:drawn")));
}

function build(reply) {
  const focused = document.activeElement?.closest(".chart")?.id;
  const does = { read, zoom: select, key: (event) => zoom.onKey(event), pick };
  groups.build(reply.charts, reply.groups);
  const open = reply.charts.filter((chart) => chart.lines.length);
  panels = open.map((chart) => new Panel(chart, store, does));
  for (const name of new Set(open.map(({ group }) => group))) {
    groups.fill(name, panels.filter((_, at) => open[at].group === name).map(({ element }) => element));
  }
  panels.forEach((panel) => panel.draw());
  if (focused) document.querySelector(`#${CSS.escape(focused)} .chart-plot`)?.focus();
}

/** Few ever choose lines, so that the dialog's module comes when it is wanted. */
async function pick(chart) {
  const { choose } = await import("./picker.js");
  choose(chart);
}

function tellStretch() {
  const { charts, start, end } = store.reply;
  say(charts.length ? "" : "No sample in this stretch. Try a longer range, or an earlier one.");
  document.getElementById("charts-step").textContent = charts.length ? stepText(store.reply) : "";
  document.getElementById("charts-span").textContent = `From ${dayTime(start)} to ${dayTime(end)}.`;
  document.getElementById("permalink").href = addressOf({ from: start, to: end });
  showCoverage(store);
  zoom.mark();
}

function say(text) {
  state.hidden = !text;
  state.textContent = text;
}

function read(text) {
  document.getElementById("reading").textContent = text;
}

function resize() {
  panels.forEach((panel) => panel.resize());
}

/** A canvas keeps its size on paper, and the layout of paper comes too late to be measured. */
function fitPaper(isPrinted) {
  document.documentElement.classList.toggle("is-printed", isPrinted);
  resize();
}

function renew() {
  asked += 1;
  polls = -1;
  poller.renew();
}

const groups = new Groups(document.getElementById("groups"), renew);
const zoom = new Zoom(() => store.reply);
const poller = new Poller(update);
document.addEventListener("tara:signed-out", ({ detail }) => showSignedOut(detail.login));
document.addEventListener("tara:theme", () => panels.forEach((panel) => panel.draw()));
window.addEventListener("resize", resize);
window.addEventListener("beforeprint", () => fitPaper(true));
window.addEventListener("afterprint", () => fitPaper(false));
onView(renew);
keepFresh();
new Live(poller);
poller.now();
