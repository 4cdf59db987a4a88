/* Keyboard shortcuts of single keys, which a switch in their own dialog turns off (WCAG 2.1.4). */

const STORED = "shortcuts"; // in localStorage: "off" where a person wants none
const SEQUENCE_MS = 1500; // between the keys of "g a"
const TYPING = "input:not([type=checkbox],[type=radio],[type=submit]), textarea, select, [contenteditable]";

const dialog = document.getElementById("shortcuts");
let goUntil = 0;

/** Listen for keys and for the buttons that show the dialog. */
export function listen() {
  if (!dialog) return;
  const isOn = dialog.querySelector("[data-shortcuts-on]");
  isOn.checked = areOn();
  isOn.addEventListener("change", () => window.localStorage.setItem(STORED, isOn.checked ? "on" : "off"));
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-shortcuts]")) show();
  });
}

function areOn() {
  return window.localStorage.getItem(STORED) !== "off";
}

function show() {
  for (const open of document.querySelectorAll(".person[open]")) open.open = false;
  dialog.showModal();
}

function onKey(event) {
  const isTaken = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  if (isTaken || dialog.open || !areOn() || event.target.closest?.(TYPING)) return;
  const isSecond = performance.now() < goUntil;
  goUntil = 0;
  const action = isSecond ? () => press(`[data-go="${CSS.escape(event.key)}"]`) : ACTIONS[event.key];
  if (action?.()) event.preventDefault();
}

const ACTIONS = {
  "?": () => {
    show();
    return true;
  },
  "/": () => focus("main input[type=search], #searchbar"),
  g: () => {
    goUntil = performance.now() + SEQUENCE_MS;
    return true;
  },
  t: () => press("#theme"),
  p: () => press("#live"),
};
for (let place = 1; place <= 9; place += 1) {
  ACTIONS[place] = () => press(`nav[aria-label=Range] a:nth-of-type(${place})`);
}

/** Do what a click on the element would; false where the page has none. */
function press(selector) {
  const element = document.querySelector(selector);
  element?.click();
  return element !== null;
}

function focus(selector) {
  const element = document.querySelector(selector);
  element?.focus();
  return element !== null;
}
