/* The dialog in which a person chooses which instances of a chart have lines of their own. */

import { pick, picks } from "./view.js";

const dialog = document.getElementById("picker");
const form = dialog.querySelector("form");
const list = dialog.querySelector(".picker-list");
const search = dialog.querySelector("input[type=search]");
const count = dialog.querySelector("[role=status]");

let chart = null;

function boxes() {
  return [...list.querySelectorAll("input")];
}

function chosen() {
  return boxes().filter((box) => box.checked).map((box) => box.value);
}

function choice(name) {
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), {
    type: "checkbox", className: "form-check-input", value: name, checked: chart.own.includes(name),
  });
  label.append(box, Object.assign(document.createElement("bdi"), { textContent: name }));
  return label;
}

/** Let no more be chosen than there are colours for. */
function limit() {
  const names = chosen();
  const isFull = names.length >= chart.room;
  for (const box of boxes()) box.disabled = isFull && !box.checked;
  count.textContent = `${names.length} of at most ${chart.room} chosen; the others share one line.`;
}

function narrow() {
  const text = search.value.trim().toLowerCase();
  for (const box of boxes()) box.parentElement.hidden = !box.value.toLowerCase().includes(text);
}

/** Ask for the instances of `wanted`, a chart that has too many. */
export function choose(wanted) {
  chart = wanted;
  dialog.querySelector("h2").textContent = `${chart.title}: lines of their own`;
  search.value = "";
  list.replaceChildren(...chart.instances.map(choice));
  dialog.querySelector("[value=highest]").disabled = !picks().some((text) => text.startsWith(`${chart.name}|`));
  limit();
  dialog.showModal();
}

list.addEventListener("change", limit);
search.addEventListener("input", narrow);
form.addEventListener("submit", (event) => {
  if (event.submitter?.value === "highest") pick(chart.name, []);
  else if (event.submitter?.value === "show") pick(chart.name, chosen());
});
