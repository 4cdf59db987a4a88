/* A part of a page that htmx polls, which keeps focus and scroll. */

import { keepFresh, refresh } from "./times.js";
import { Poller, SignedOut } from "./poller.js";

/** Poll the element of this id by its own data-hx-get; call `onSettle` after each change. */
export function pollRegion(id, onSettle = () => {}) {
  let outcome = null; // of the poll under way: its resolve and reject

  function settle(event) {
    if (!outcome || event.target.id !== id) return;
    const status = event.detail.ctx.response?.status ?? 0;
    if (event.detail.ctx.hx?.redirect) outcome.reject(new SignedOut(event.detail.ctx.hx.redirect));
    else if (status >= 200 && status < 300) outcome.resolve();
    else outcome.reject(new Error(`status ${status}`));
    outcome = null;
  }

  function update() {
    return new Promise((resolve, reject) => {
      outcome = { resolve, reject };
      document.getElementById(id).dispatchEvent(new CustomEvent("tara:tick"));
    });
  }

  document.addEventListener("htmx:finally:request", settle);
  document.addEventListener("htmx:after:settle", () => {
    refresh();
    onSettle();
  });
  keepFresh();
  new Poller(update).start();
}
