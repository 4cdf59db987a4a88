/* The fleet: polled, with what is down in the title. */

import { pollRegion } from "./region.js";

pollRegion("fleet", () => {
  document.title = document.getElementById("fleet").dataset.title;
});
