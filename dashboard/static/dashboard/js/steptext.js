/* What a point of the charts stands for, in words. */

import { FORMATS } from "./units.js";

const TIERS = { raw: "samples", five_minutes: "figures of 5 minutes each", one_hour: "figures of an hour each" };

/** Return "Each point is the mean, minimum and maximum of 3 min", and from what. */
export function stepText({ step, spacing, tier }) {
  const length = FORMATS.duration(step);
  const source = tier === "raw" ? `samples ${FORMATS.duration(spacing)} apart` : TIERS[tier];
  if (step < spacing) return "Each point is one sample, drawn as they come.";
  if (step === spacing) return `Each point is one sample, ${length} apart.`;
  return `Each point is the mean, minimum and maximum of ${length}, from ${source}.`;
}
