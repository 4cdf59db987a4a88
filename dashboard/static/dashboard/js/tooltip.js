/* The box beside the pointer that names the values under it. */

const DISTANCE = 14;

export class Tooltip {
  #over;
  #box = document.createElement("div");
  #time = document.createElement("p");
  #list = document.createElement("ul");
  #isHere = false;

  constructor(over) {
    this.#over = over;
    this.#box.className = "u-tip";
    this.#box.append(this.#time, this.#list);
    over.append(this.#box);
    over.addEventListener("mouseenter", () => { this.#isHere = true; });
    over.addEventListener("mouseleave", () => { this.#isHere = false; this.#hide(); });
  }

  /** Show the entries beside the cursor, if the pointer is over this chart. */
  show(cursor, time, entries) {
    if (!this.#isHere || !entries.length || cursor.left < 0) {
      this.#hide();
      return;
    }
    this.#time.textContent = time;
    this.#list.replaceChildren(...entries.map(item));
    this.#box.style.display = "block";
    const isRight = cursor.left > this.#over.clientWidth / 2;
    const left = isRight ? cursor.left - this.#box.offsetWidth - DISTANCE : cursor.left + DISTANCE;
    const top = Math.min(cursor.top, this.#over.clientHeight - this.#box.offsetHeight);
    this.#box.style.left = `${left}px`;
    this.#box.style.top = `${Math.max(0, top)}px`;
  }

  #hide() {
    this.#box.style.display = "none";
  }
}

function item({ name, text, swatch }) {
  const element = document.createElement("li");
  element.append(
    Object.assign(document.createElement("span"), { className: `swatch ${swatch}` }),
    Object.assign(document.createElement("span"), { className: "legend-name", textContent: name }),
    Object.assign(document.createElement("b"), { textContent: text }),
  );
  return element;
}
