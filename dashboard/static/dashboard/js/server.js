/* The Server page is polled. */

import { pollRegion } from "./region.js";

pollRegion("server");
