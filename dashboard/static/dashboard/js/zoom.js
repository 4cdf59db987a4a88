/* What stands over the charts: ranges, zoom, from and to, and the figure that lines show; and zoom by keys. */

import { addressOf, currentView, figure, go, onView, rangeBefore, showFigure } from "./view.js";

const SHORTEST = 60; // seconds
const KEYS = {
  "+": "in", "=": "in", "-": "out", "Shift+ArrowLeft": "earlier", "Shift+ArrowRight": "later", Escape: "reset",
};

const WAYS = {
  in: ({ start, end }) => around(start, end, 0.5),
  out: ({ start, end }) => around(start, end, 2),
  earlier: ({ start, end }) => ({ from: start - (end - start) / 2, to: end - (end - start) / 2 }),
  later: ({ start, end }) => upToNow(start + (end - start) / 2, end + (end - start) / 2),
  reset: () => rangeBefore(),
};

function around(start, end, factor) {
  const middle = (start + end) / 2;
  const half = Math.max(SHORTEST, (end - start) * factor) / 2;
  return upToNow(middle - half, middle + half);
}

/** Return a view of that length that does not reach into the future. */
function upToNow(from, to) {
  const over = Math.max(0, to - Date.now() / 1000);
  return { from: from - over, to: to - over };
}

/** Zoom to what was selected, at least a minute of it. */
export function select(from, to) {
  go(around(from, to, 1));
}

function local(seconds) {
  const date = new Date(seconds * 1000);
  return new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** Binds everything to the page. `shown()` returns { start, end } of what is drawn, or null. */
export class Zoom {
  #shown;
  #form = document.getElementById("window-form");
  #figure = document.getElementById("figure");

  constructor(shown) {
    this.#shown = shown;
    document.getElementById("ranges").addEventListener("click", (event) => this.#onLink(event));
    for (const button of document.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => this.take(button.dataset.zoom));
    }
    this.#figure.addEventListener("change", () => showFigure(this.#figure.value));
    this.#form.addEventListener("submit", (event) => this.#onSubmit(event));
    this.#form.closest("details").addEventListener("toggle", () => this.#fill());
    onView(() => this.mark());
    this.mark();
  }

  /** Go in, out, earlier, later, or back to the range. */
  take(way) {
    const { from, to } = currentView();
    // A second key may come before what the first asked for is drawn.
    const shown = from && to ? { start: from, end: to } : this.#shown();
    if (shown) go(WAYS[way](shown));
  }

  /** Take the way of a key on a chart; false where it has none. */
  onKey(event) {
    const isShifted = event.shiftKey && event.key.startsWith("Arrow"); // "+" needs Shift on many keyboards
    const way = KEYS[isShifted ? `Shift+${event.key}` : event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return false;
    event.preventDefault();
    this.take(way);
    return true;
  }

  /** Say which range is shown, and let a zoom be reset. */
  mark() {
    const view = currentView();
    for (const link of document.querySelectorAll("#ranges a")) {
      if (link.dataset.range === view.range) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      link.href = addressOf({ range: link.dataset.range });
    }
    this.#figure.value = figure();
    document.querySelector("[data-zoom=reset]").disabled = Boolean(view.range);
    this.#fill();
  }

  #onLink(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go({ range: link.dataset.range });
  }

  #fill() {
    const shown = this.#shown();
    const { from, to } = this.#form.elements;
    if (!shown || this.#form.contains(document.activeElement)) return;
    from.value = local(shown.start);
    to.value = local(shown.end);
  }

  #onSubmit(event) {
    event.preventDefault();
    const { from, to } = this.#form.elements;
    const view = { from: Date.parse(from.value) / 1000, to: to.value ? Date.parse(to.value) / 1000 : null };
    const isOrdered = view.from < (view.to ?? Date.now() / 1000);
    to.setCustomValidity(isOrdered ? "" : "This must lie after From, which must not lie in the future.");
    if (!to.reportValidity()) return;
    this.#form.closest("details").open = false;
    go(view);
  }
}
