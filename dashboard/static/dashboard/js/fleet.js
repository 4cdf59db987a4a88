/* The fleet: polled, and with this server's address in the commands. */

import { pollRegion } from "./region.js";

function nameOrigin() {
  for (const element of document.querySelectorAll("[data-origin]")) {
    element.textContent = window.location.origin;
  }
}

nameOrigin();
pollRegion("fleet", nameOrigin);
