/* The page of an agent that has never reported: turns into charts when it does. */

import { keepFresh } from "./times.js";
import { Poller, SignedOut } from "./poller.js";

const page = document.getElementById("page-data").dataset;

async function update() {
  const response = await fetch(page.url, { headers: { Accept: "application/json" } });
  if (response.status === 401) throw new SignedOut((await response.json()).login);
  if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
  if ((await response.json()).charts.length) window.location.reload();
}

document.addEventListener("tara:signed-out", () => { document.getElementById("signed-out").hidden = false; });
for (const element of document.querySelectorAll("[data-origin]")) {
  element.textContent = window.location.origin;
}
keepFresh();
new Poller(update).now();
