/* Moments: "4 s ago" that stays true, and absolute times in the browser's zone. */

import { FORMATS } from "./units.js";

const LOCALE = "en-GB"; // 24 hours, the day before the month
const full = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const fullYear = new Intl.DateTimeFormat(LOCALE, {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
});
const short = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const zone = new Intl.DateTimeFormat(LOCALE, { timeZoneName: "short" });
const AROUND_A_CHANGE = 3 * 3600; // seconds
const clock = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const seconds = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });

/** Return the name of the zone that times are shown in. */
export function zoneName() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * Return a moment (Unix seconds) in full: "Mon 23 Nov, 08:03:00", with the year if it is another.
 * In the hours around a change of the clocks it names the zone, for two o'clock may come twice.
 */
export function fullTime(moment) {
  const isThisYear = new Date(moment * 1000).getFullYear() === new Date().getFullYear();
  const text = (isThisYear ? full : fullYear).format(moment * 1000);
  return isNearChange(moment) ? `${text} ${zoneAt(moment)}` : text;
}

/** Return a moment with its year: "23 Nov 2026, 08:03". */
export function dayTime(moment) {
  return fullYear.format(moment * 1000);
}

/** Return a moment without its weekday and seconds: "23 Nov, 08:03". */
export function shortTime(moment) {
  return short.format(moment * 1000);
}

/** Return the label of an axis tick: the date at midnight, the year at its start, else the time. */
export function tickTime(moment, step) {
  const date = new Date(moment * 1000);
  if (step < 60) return seconds.format(date);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  if (isMidnight && date.getDate() === 1 && date.getMonth() === 0) return String(date.getFullYear());
  return isMidnight || step >= 86400 ? day.format(date) : clock.format(date);
}

function isNearChange(moment) {
  const offset = (seconds) => new Date(seconds * 1000).getTimezoneOffset();
  return offset(moment - AROUND_A_CHANGE) !== offset(moment + AROUND_A_CHANGE);
}

function zoneAt(moment) {
  return zone.formatToParts(moment * 1000).find(({ type }) => type === "timeZoneName").value;
}

/** Rewrite every <time data-ago> for the present moment, and other times in the browser's zone. */
export function refresh() {
  for (const element of document.querySelectorAll("[data-tick]")) {
    say(element, tickTime(Number(element.dataset.tick), Number(element.dataset.step)));
  }
  for (const element of document.querySelectorAll("time[data-short]")) {
    say(element, shortTime(Date.parse(element.dateTime) / 1000));
  }
  for (const element of document.querySelectorAll("time[data-ago]")) {
    const moment = Date.parse(element.dateTime) / 1000;
    say(element, `${FORMATS.duration(Math.max(0, Date.now() / 1000 - moment))} ago`);
    element.title = `${fullTime(moment)}, ${zoneName()}`;
  }
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Keep the moments of this page true, and name the zone where the page asks for it. */
export function keepFresh() {
  for (const element of document.querySelectorAll("[data-zone]")) {
    element.textContent = `Times in ${zoneName()}`;
  }
  refresh();
  window.setInterval(refresh, 1000);
}
