/* Live mode: while this page is looked at, the agent is asked for a sample every two seconds. */

import { FORMATS } from "./units.js";
import { currentView, go, onView, rangeBefore } from "./view.js";

const RENEW_EVERY = 45_000; // milliseconds; a lease lasts two minutes
const AT_MOST = 600_000; // of looking on without a hand moved
const FAST = 2; // seconds between two polls
const SLOW = 5;

const form = document.getElementById("live-form");
const button = form.querySelector("button");
const state = document.getElementById("live-state");

/** Binds the button. `poller` polls as often as samples come. */
export class Live {
  #poller;
  #timer = 0;
  #since = 0;

  constructor(poller) {
    this.#poller = poller;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      go(this.#isOn ? rangeBefore() : { range: "live" });
    });
    document.addEventListener("visibilitychange", () => this.#renew());
    onView(() => this.follow());
    this.follow();
  }

  get #isOn() {
    return currentView().range === "live";
  }

  /** Begin or end with what the address says. */
  follow() {
    button.setAttribute("aria-pressed", String(this.#isOn));
    this.#poller.period = this.#isOn ? FAST : SLOW;
    this.#since = Date.now();
    window.clearInterval(this.#timer);
    if (!this.#isOn) return;
    say("");
    this.#timer = window.setInterval(() => this.#renew(), RENEW_EVERY);
    this.#renew();
  }

  async #renew() {
    if (!this.#isOn || document.hidden) return;
    if (Date.now() - this.#since > AT_MOST) {
      go(rangeBefore());
      say("Live mode ended by itself after 10 minutes.");
      return;
    }
    try {
      const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
      if (response.ok) this.#tell(await response.json());
      else say(response.status === 401 ? "" : "The agent cannot be asked for more samples now. Load the page again.");
    } catch {
      // The server cannot be reached, which the badge tells; the next turn asks again.
    }
  }

  /** An agent learns of it with its next report. */
  #tell({ interval_seconds: interval }) {
    say(interval > 60 ? `This agent reports every ${FORMATS.duration(interval)}, and every 2 s from its next report on.` : "");
  }
}

function say(text) {
  state.hidden = !text;
  state.textContent = text;
}
