/* A part of a page that htmx polls, which keeps focus and scroll. */

import { keepFresh, refresh } from "./times.js";
import { Poller, SignedOut } from "./poller.js";

/**
 * Poll the element of this id by its own data-hx-get; call `onSettle` after each change.
 *
 * Other requests for the same element, as filters and links make, replace a poll that is under way. What comes
 * last then settles the poll: its answer is as fresh. An element with data-version is asked whether it has changed.
 */
export function pollRegion(id, onSettle = () => {}) {
  const underWay = new Set();
  let outcome = null; // of the poll that the poller waits for: its resolve and reject

  function isForRegion(ctx) {
    return (ctx.target?.id ?? ctx.sourceElement.id) === id;
  }

  function configure({ detail: { ctx } }) {
    const { version } = ctx.sourceElement.dataset;
    if (ctx.sourceElement.id === id && version) ctx.request.headers["If-None-Match"] = `"${version}"`;
  }

  function begin({ detail: { ctx } }) {
    if (isForRegion(ctx)) underWay.add(ctx);
  }

  function end({ detail: { ctx } }) {
    underWay.delete(ctx);
    const isReplaced = ctx.request.signal.aborted && ctx.request.signal.reason !== "timeout";
    if (!outcome || !isForRegion(ctx) || isReplaced || underWay.size > 0) return;
    const status = ctx.response?.status ?? 0;
    if (ctx.hx?.redirect) outcome.reject(new SignedOut(ctx.hx.redirect));
    else if ((status >= 200 && status < 300) || status === 304) outcome.resolve();
    else outcome.reject(new Error(`status ${status}`));
    outcome = null;
  }

  function update() {
    return new Promise((resolve, reject) => {
      outcome = { resolve, reject };
      if (underWay.size === 0) document.getElementById(id).dispatchEvent(new CustomEvent("tara:tick"));
    });
  }

  document.addEventListener("htmx:config:request", configure);
  document.addEventListener("htmx:before:request", begin);
  document.addEventListener("htmx:finally:request", end);
  document.addEventListener("htmx:after:settle", () => {
    refresh();
    nameOrigin();
    onSettle();
  });
  keepFresh();
  nameOrigin();
  new Poller(update).start();
}

/** Write this server's address into the commands that name it. */
function nameOrigin() {
  for (const element of document.querySelectorAll("[data-origin]")) {
    element.textContent = window.location.origin;
  }
}
