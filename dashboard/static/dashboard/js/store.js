/* The numbers of a page: buckets on a regular grid. A bucket that comes again replaces the old one. */

import { bridgeable } from "./plotdata.js";

const LATE = 900; // seconds: what an agent kept while the server was away comes this soon after

export class Store {
  #reply = null;

  /** Take a whole reply. */
  replace(reply) {
    this.#reply = reply;
  }

  get reply() {
    return this.#reply;
  }

  /** The instances that have lines, of each chart in which others have none. */
  get picks() {
    return this.#reply.charts.flatMap(({ name, own }) => own.map((instance) => `${name}|${instance}`));
  }

  /** The starts of the buckets, in Unix seconds. */
  get times() {
    const { first, step, count } = this.#reply;
    return Array.from({ length: count }, (_, index) => first + index * step);
  }

  /**
   * What to ask for next: the last two buckets again, for they may have been filling, and on. Where samples were
   * missing a moment ago, from there on, for they may have come late.
   */
  get resume() {
    const { first, step, count } = this.#reply;
    return { after: first + Math.max(0, Math.min(count - 3, this.#firstMissing())) * step, step };
  }

  /** Take what came since; false if it does not fit and the whole is needed. */
  merge(update) {
    const held = this.#reply;
    const offset = (update.first - held.first) / held.step;
    const fits = update.step === held.step && Number.isInteger(offset) && offset >= 0 && offset <= held.count;
    if (!fits || Object.keys(update.columns).some((key) => !(key in held.columns))) return false;
    const count = Math.max(held.count, offset + update.count);
    const gone = Math.max(0, Math.floor((update.start - held.first) / held.step));
    for (const [key, column] of Object.entries(held.columns)) {
      for (const name of Object.keys(column)) {
        column[name] = spliced(column[name], update.columns[key]?.[name], { offset, update, count, gone });
      }
    }
    Object.assign(held, {
      agent: update.agent, start: update.start, end: update.end,
      first: held.first + gone * held.step, count: count - gone,
    });
    return true;
  }

  /** The first empty bucket of the stretches without samples that went on until lately; `count` if there is none. */
  #firstMissing() {
    const { columns, count, step } = this.#reply;
    const lines = Object.values(columns).map(({ mean }) => mean);
    const longest = bridgeable(this.#reply);
    let found = count;
    let empty = 0; // buckets in a row, seen from the end
    for (let index = count - 1; index >= 0; index -= 1) {
      if (lines.every((line) => line[index] === null)) {
        empty += 1;
        continue;
      }
      if (empty > longest) found = index + 1;
      if ((count - index) * step > LATE) break;
      empty = 0;
    }
    return lines.length && empty === count ? 0 : found;
  }
}

function spliced(old, fresh, { offset, update, count, gone }) {
  const numbers = old.concat(Array(count - old.length).fill(null));
  for (let index = 0; index < update.count; index += 1) {
    numbers[offset + index] = fresh ? fresh[index] : null;
  }
  return numbers.slice(gone);
}
