/* Live updates: one request at a time, a pause button, backing off, and a badge that says what is so. */

import { FORMATS } from "./units.js";

const SLOWEST = 60; // seconds
const STALE_AFTER = 12; // seconds without an answer

/** The session has ended; polling on is of no use. */
export class SignedOut extends Error {
  constructor(login) {
    super("signed out");
    this.login = login;
  }
}

/** Calls `update` every `period` seconds while somebody looks. A failing `update` rejects. */
export class Poller {
  period = 5; // seconds
  #update;
  #button = document.getElementById("live");
  #timer = 0;
  #failures = 0;
  #isBusy = false;
  #isPaused = false;
  #isOff = false;
  #isAgain = false;
  #answeredAt = Date.now();

  constructor(update) {
    this.#update = update;
    this.#button.hidden = false;
    this.#button.addEventListener("click", () => this.#toggle());
    document.addEventListener("visibilitychange", () => this.#resume());
    window.addEventListener("online", () => this.#resume());
    window.setInterval(() => this.#show(), 1000);
    this.#show();
  }

  /** Start after one period; what the page came with is fresh. */
  start() {
    this.#schedule();
  }

  /** Update at once, unless it is being done already. */
  async now() {
    if (this.#isBusy || this.#isOff) return;
    window.clearTimeout(this.#timer);
    this.#isBusy = true;
    try {
      await this.#update();
      this.#failures = 0;
      this.#answeredAt = Date.now();
    } catch (error) {
      this.#onFailure(error);
    }
    this.#isBusy = false;
    this.#show();
    if (this.#isAgain) this.renew();
    else this.#schedule();
  }

  /** Update at once, for what is asked has changed; if an update is under way, right after it. */
  renew() {
    this.#isAgain = this.#isBusy;
    this.now();
  }

  #onFailure(error) {
    this.#failures += 1;
    if (!(error instanceof SignedOut)) return;
    this.#isOff = true;
    this.#button.disabled = true;
    document.dispatchEvent(new CustomEvent("tara:signed-out", { detail: { login: error.login } }));
  }

  #schedule() {
    window.clearTimeout(this.#timer);
    if (this.#isPaused || this.#isOff || document.hidden) return;
    const seconds = Math.min(SLOWEST, this.period * 2 ** this.#failures);
    this.#timer = window.setTimeout(() => this.now(), seconds * 1000);
  }

  #toggle() {
    this.#isPaused = !this.#isPaused;
    this.#show();
    if (this.#isPaused) window.clearTimeout(this.#timer);
    else this.now();
  }

  /** The page came into view, or the network is back: what it shows may be old. */
  #resume() {
    if (document.hidden) window.clearTimeout(this.#timer);
    else if (!this.#isPaused) this.now();
  }

  #show() {
    const [state, text] = this.#state();
    this.#button.dataset.state = state;
    const words = this.#button.querySelector(".live-text");
    if (words.textContent !== text) words.textContent = text;
  }

  #state() {
    if (this.#isOff) return ["off", "Signed out"];
    if (this.#isPaused) return ["paused", "Paused"];
    const age = (Date.now() - this.#answeredAt) / 1000;
    if (age > STALE_AFTER && !document.hidden) return ["stale", `No answer for ${FORMATS.duration(age)}`];
    return ["live", `Live, every ${this.period} s`];
  }
}
