/* The fleet: polled, with what is down in the title, and with this server's address in the commands. */

import { pollRegion } from "./region.js";

function nameOrigin() {
  for (const element of document.querySelectorAll("[data-origin]")) {
    element.textContent = window.location.origin;
  }
}

function settle() {
  nameOrigin();
  document.title = document.getElementById("fleet").dataset.title;
}

nameOrigin();
pollRegion("fleet", settle);
