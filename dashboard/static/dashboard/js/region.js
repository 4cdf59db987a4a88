/* A part of a page that htmx polls, which keeps focus and scroll. */

import { keepFresh, refresh } from "./times.js";
import { Poller, SignedOut } from "./poller.js";

/** Poll the element of this id by its own data-hx-get; call `onSettle` after each change. */
export function pollRegion(id, onSettle = () => {}) {
  const underWay = new Set(); // requests for the region: a poll, or a filter or link that replaces it
  let outcome = null; // of the poll that the poller waits for: its resolve and reject

  function isOurs(ctx) {
    return (ctx.target?.id ?? ctx.sourceElement.id) === id;
  }

  /** Ask whether anything has changed, rather than for what is there already. */
  function configure({ detail: { ctx } }) {
    const { id: source, dataset } = ctx.sourceElement;
    if (source === id && dataset.version) ctx.request.headers["If-None-Match"] = `"${dataset.version}"`;
  }

  function begin({ detail: { ctx } }) {
    if (isOurs(ctx)) underWay.add(ctx);
  }

  /** What comes last settles the poll: a filter's answer is as fresh as the poll's that it replaced. */
  function end({ detail: { ctx } }) {
    underWay.delete(ctx);
    const isReplaced = ctx.request.signal.aborted && ctx.request.signal.reason !== "timeout";
    if (!outcome || !isOurs(ctx) || isReplaced || underWay.size > 0) return;
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
    onSettle();
  });
  keepFresh();
  new Poller(update).start();
}
