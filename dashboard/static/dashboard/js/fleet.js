/* The fleet: polls by htmx, which keeps focus and scroll; shows this server's address in the commands. */

import { keepFresh, refresh } from "./times.js";
import { Poller, SignedOut } from "./poller.js";

let outcome = null; // of the poll under way: its resolve and reject

function settle(event) {
  if (!outcome || event.target.id !== "fleet") return;
  const status = event.detail.ctx.response?.status ?? 0;
  if (event.detail.ctx.hx?.redirect) outcome.reject(new SignedOut(event.detail.ctx.hx.redirect));
  else if (status >= 200 && status < 300) outcome.resolve();
  else outcome.reject(new Error(`status ${status}`));
  outcome = null;
}

function update() {
  return new Promise((resolve, reject) => {
    outcome = { resolve, reject };
    document.getElementById("fleet").dispatchEvent(new CustomEvent("tara:tick"));
  });
}

function nameOrigin() {
  for (const element of document.querySelectorAll("[data-origin]")) {
    element.textContent = window.location.origin;
  }
}

document.addEventListener("htmx:finally:request", settle);
document.addEventListener("htmx:after:settle", () => {
  refresh();
  nameOrigin();
});
keepFresh();
nameOrigin();
new Poller(update).start();
