/* Every page: names the zone that its times are in, and listens for shortcuts. */

import { zoneName } from "./times.js";
import { listen } from "./shortcuts.js";

for (const element of document.querySelectorAll("[data-page-zone]")) {
  element.textContent = `Times in ${zoneName()}`;
}
listen();
