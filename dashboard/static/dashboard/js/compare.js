/* The comparison is polled. */

import { pollRegion } from "./region.js";

pollRegion("compare");
