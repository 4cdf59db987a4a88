/* Moments: "4 s ago" that stays true, and absolute times in the browser's zone. */

import { FORMATS } from "./units.js";

const LOCALE = "en-GB"; // 24 hours, the day before the month
const full = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const clock = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const seconds = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });

/** Return the name of the zone that times are shown in. */
export function zoneName() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Return a moment (Unix seconds) in full: "Mon 23 Nov, 08:03:00". */
export function fullTime(moment) {
  return full.format(moment * 1000);
}

/** Return the label of an axis tick: the date at midnight, else the time. */
export function tickTime(moment, step) {
  const date = new Date(moment * 1000);
  if (step < 60) return seconds.format(date);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return isMidnight ? day.format(date) : clock.format(date);
}

/** Rewrite every <time data-ago> for the present moment. */
export function refresh() {
  for (const element of document.querySelectorAll("time[data-ago]")) {
    const moment = Date.parse(element.dateTime) / 1000;
    const text = `${FORMATS.duration(Math.max(0, Date.now() / 1000 - moment))} ago`;
    if (element.textContent !== text) element.textContent = text;
    element.title = `${fullTime(moment)}, ${zoneName()}`;
  }
}

/** Keep the moments of this page true, and name the zone where the page asks for it. */
export function keepFresh() {
  for (const element of document.querySelectorAll("[data-zone]")) {
    element.textContent = `Times in ${zoneName()}`;
  }
  refresh();
  window.setInterval(refresh, 1000);
}
