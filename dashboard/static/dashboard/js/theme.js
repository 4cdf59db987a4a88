/* The theme, before the first paint. The key `theme` (auto, light, dark) is the admin's too. */
(() => {
  "use strict";
  const CHOICES = ["auto", "light", "dark"];
  const root = document.documentElement;
  let isPrinted = false; // paper is white, and charts are drawn in the theme's colours
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    const stored = window.localStorage.getItem("theme");
    return CHOICES.includes(stored) ? stored : "auto";
  }

  function apply() {
    const choice = isPrinted ? "light" : chosen();
    const theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    root.dataset.theme = theme;
    root.dataset.bsTheme = theme;
    const button = document.getElementById("theme");
    if (button) {
      button.hidden = false;
      button.dataset.choice = choice;
      document.getElementById("theme-name").textContent = `Theme: ${choice}`;
    }
    document.dispatchEvent(new CustomEvent("tara:theme"));
  }

  function print(is) {
    isPrinted = is;
    apply();
  }

  function next() {
    const at = CHOICES.indexOf(chosen());
    window.localStorage.setItem("theme", CHOICES[(at + 1) % CHOICES.length]);
    apply();
  }

  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    if (event.target.closest("#theme")) next();
  });
})();
