/* The head of the agent's page: how the agent is, when it last reported, how long its machine is up. */

import { refresh } from "./times.js";
import { format } from "./units.js";

/** Show an agent as the server described it last. */
export function showAgent(agent, icons) {
  showStatus(agent.status, icons);
  const time = document.querySelector("#last-report time");
  if (time && agent.last_seen_at) time.dateTime = new Date(agent.last_seen_at * 1000).toISOString();
  document.getElementById("uptime").textContent = format("duration", agent.uptime_seconds);
  refresh();
}

/** Say that the session has ended. The way back leads to what is shown now, which may be another stretch than the page came with. */
export function showSignedOut(login) {
  const box = document.getElementById("signed-out");
  const here = window.location.pathname + window.location.search;
  box.querySelector("a").href = `${login}?${new URLSearchParams({ next: here })}`;
  box.hidden = false;
}

function showStatus(status, icons) {
  const badge = document.querySelector("#agent-status .status");
  if (badge.dataset.status === status) return;
  badge.className = `status status-${status}`;
  badge.dataset.status = status;
  badge.querySelector("use").setAttribute("href", `${icons}#${status}`);
  badge.querySelector(".status-word").textContent = status[0].toUpperCase() + status.slice(1);
  document.title = document.title.replace(/\((up|down|paused|waiting)\)/, `(${status})`);
}
