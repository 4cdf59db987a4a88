/* The agent's page: fetches the numbers, draws a panel a chart, and keeps all of it live. */

import { keepFresh, refresh } from "./times.js";
import { Panel } from "./panel.js";
import { Poller, SignedOut } from "./poller.js";
import { Store } from "./store.js";
import { format } from "./units.js";

const WHOLE_EVERY = 60; // polls; late samples may have landed in buckets long past

const page = document.getElementById("page-data").dataset;
const store = new Store();
let panels = [];
let polls = 0;

async function ask(parameters) {
  const query = new URLSearchParams({ range: page.range, ...parameters });
  const response = await fetch(`${page.url}?${query}`, { headers: { Accept: "application/json" } });
  if (response.status === 401) throw new SignedOut((await response.json()).login);
  if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
  return response.json();
}

async function update() {
  if (page.waiting === "yes") return waitForFirst();
  polls += 1;
  const isWhole = !store.reply || polls % WHOLE_EVERY === 0;
  const reply = await ask(isWhole ? {} : store.resume);
  if (reply.charts) show(reply);
  else if (store.merge(reply)) panels.forEach((panel) => panel.update());
  else show(await ask({}));
  showAgent(store.reply.agent);
}

async function waitForFirst() {
  const reply = await ask({});
  if (reply.charts.length) window.location.reload();
}

function show(reply) {
  const isSame = store.reply && JSON.stringify(reply.charts) === JSON.stringify(store.reply.charts)
    && reply.step === store.reply.step;
  store.replace(reply);
  if (isSame) panels.forEach((panel) => panel.update());
  else build(reply);
}

function build(reply) {
  const box = document.getElementById("charts");
  const state = document.getElementById("charts-state");
  panels = reply.charts.map((chart) => new Panel(chart, store, read));
  box.replaceChildren(...panels.map((panel) => panel.element));
  panels.forEach((panel) => panel.draw());
  state.hidden = panels.length > 0;
  state.textContent = "No sample in this range. Try a longer one.";
  performance.mark("tara:drawn");
}

function read(text) {
  document.getElementById("reading").textContent = text;
}

function showAgent(agent) {
  const badge = document.querySelector("#agent-status .status");
  if (badge.dataset.status !== agent.status) {
    badge.className = `status status-${agent.status}`;
    badge.dataset.status = agent.status;
    badge.querySelector("use").setAttribute("href", `${page.icons}#${agent.status}`);
    badge.querySelector(".status-word").textContent = agent.status[0].toUpperCase() + agent.status.slice(1);
    document.title = document.title.replace(/\((up|down|paused|waiting)\)/, `(${agent.status})`);
  }
  const time = document.querySelector("#last-report time");
  if (time && agent.last_seen_at) time.dateTime = new Date(agent.last_seen_at * 1000).toISOString();
  document.getElementById("uptime").textContent = format("duration", agent.uptime_seconds);
  refresh();
}

function showSignedOut() {
  document.getElementById("signed-out").hidden = false;
}

function nameOrigin() {
  for (const element of document.querySelectorAll("[data-origin]")) {
    element.textContent = window.location.origin;
  }
}

const poller = new Poller(update);
document.addEventListener("tara:signed-out", showSignedOut);
document.addEventListener("tara:theme", () => panels.forEach((panel) => panel.draw()));
window.addEventListener("resize", () => panels.forEach((panel) => panel.resize()));
keepFresh();
nameOrigin();
poller.now();
