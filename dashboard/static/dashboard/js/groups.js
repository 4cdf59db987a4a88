/* Groups of charts that open and close; which are open is remembered in this browser. */

const KEY = "tara:open-groups";
const AT_FIRST = ["overview", "custom"];

function remembered() {
  try {
    const names = JSON.parse(window.localStorage.getItem(KEY));
    return Array.isArray(names) ? names : AT_FIRST;
  } catch {
    return AT_FIRST;
  }
}

export class Groups {
  #box;
  #open = new Set(remembered());
  #onOpen;

  /** `onOpen` is called when a group is opened, whose numbers are not there yet. */
  constructor(box, onOpen) {
    this.#box = box;
    this.#onOpen = onOpen;
  }

  /** What to ask the server for. */
  get names() {
    return [...this.#open].join(",");
  }

  isOpen(name) {
    return this.#open.has(name);
  }

  /** Make an element a group that has charts, in the server's order. `titles` are all groups'. */
  build(charts, titles) {
    const present = Object.keys(titles).filter((name) => charts.some(({ group }) => group === name));
    const kept = new Map([...this.#box.children].map((element) => [element.dataset.group, element]));
    this.#box.replaceChildren(...present.map((name) => {
      const element = kept.get(name) ?? this.#element(name, titles[name]);
      const names = charts.filter(({ group }) => group === name).map(({ title }) => title);
      element.querySelector(".group-names").textContent = names.join(", ");
      return element;
    }));
  }

  /** Put these elements into a group. */
  fill(name, elements) {
    this.#box.querySelector(`[data-group=${name}] .charts`).replaceChildren(...elements);
  }

  #element(name, title) {
    const element = document.getElementById("group-template").content.firstElementChild.cloneNode(true);
    element.dataset.group = name;
    element.open = this.#open.has(name);
    element.querySelector("h2").textContent = title;
    element.addEventListener("toggle", () => this.#toggle(element));
    return element;
  }

  #toggle({ open, dataset: { group } }) {
    if (open === this.#open.has(group)) return;
    if (open) this.#open.add(group);
    else this.#open.delete(group);
    try {
      window.localStorage.setItem(KEY, JSON.stringify([...this.#open]));
    } catch {
      // A browser that keeps nothing forgets it with the page.
    }
    if (open) this.#onOpen();
  }
}
