/* The fleet: polled, and with this server's address in the commands. */

<<<<<<< HEAD
import { keepFresh, refresh } from "./times.js";
import { Poller, SignedOut } from "./poller.js";

const underWay = new Set(); // requests for the fleet: a poll, or a filter or link that replaces it
let outcome = null; // of the poll that the poller waits for: its resolve and reject

function isForFleet(ctx) {
  return (ctx.target?.id ?? ctx.sourceElement.id) === "fleet";
}

/** Ask whether anything has changed, rather than for what is there already. */
function configure({ detail: { ctx } }) {
  const fleet = ctx.sourceElement;
  if (fleet.id === "fleet") ctx.request.headers["If-None-Match"] = `"${fleet.dataset.version}"`;
}

function begin({ detail: { ctx } }) {
  if (isForFleet(ctx)) underWay.add(ctx);
}

/** What comes last settles the poll: a filter's answer is as fresh as the poll's that it replaced. */
function end({ detail: { ctx } }) {
  underWay.delete(ctx);
  const isReplaced = ctx.request.signal.aborted && ctx.request.signal.reason !== "timeout";
  if (!outcome || !isForFleet(ctx) || isReplaced || underWay.size > 0) return;
  const status = ctx.response?.status ?? 0;
  if (ctx.hx?.redirect) outcome.reject(new SignedOut(ctx.hx.redirect));
  else if ((status >= 200 && status < 300) || status === 304) outcome.resolve();
  else outcome.reject(new Error(`status ${status}`));
  outcome = null;
}

function update() {
  return new Promise((resolve, reject) => {
    outcome = { resolve, reject };
    if (underWay.size === 0) document.getElementById("fleet").dispatchEvent(new CustomEvent("tara:tick"));
  });
}
=======
import { pollRegion } from "./region.js";
>>>>>>> main

function nameOrigin() {
  for (const element of document.querySelectorAll("[data-origin]")) {
    element.textContent = window.location.origin;
  }
}

<<<<<<< HEAD
document.addEventListener("htmx:config:request", configure);
document.addEventListener("htmx:before:request", begin);
document.addEventListener("htmx:finally:request", end);
document.addEventListener("htmx:after:settle", () => {
  refresh();
  nameOrigin();
});
keepFresh();
=======
>>>>>>> main
nameOrigin();
pollRegion("fleet", nameOrigin);
