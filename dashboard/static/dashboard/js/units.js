/* Numbers as people read them: one rule for each kind, the same as in dashboard/units.py. */

const SPACE = "\u00a0";
const DECIMAL_BYTES = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
const BINARY_BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const BITS = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"];
const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];
const ROLL_OVER = 999.5;
const EXPONENT_FROM = 1e15;
const DURATIONS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

export const NO_VALUE = "–";

const ANY = {
  percent: (value) => `${plain(value, Math.abs(value) < 9.95 ? 1 : 0)}${SPACE}%`,
  memory: (value) => scaled(value, BINARY_BYTES, 1024),
  capacity: (value) => scaled(value, DECIMAL_BYTES, 1000),
  byte_rate: (value) => `${scaled(value, DECIMAL_BYTES, 1000)}/s`,
  bit_rate: (value) => scaled(value, BITS, 1000),
  rate: (value) => `${withPrefix(value)}/s`,
  celsius: (value) => `${plain(value, 1)}${SPACE}°C`,
  count: (value) => rounded(value, 0).replace(/\B(?=(\d{3})+$)/g, ","),
  number: (value) => withPrefix(value).trimEnd(),
  duration,
};

/** Any number has a text, for agents may send any: what is not finite is a dash. */
export const FORMATS = Object.fromEntries(
  Object.entries(ANY).map(([name, text]) => [name, (value) => (Number.isFinite(value) ? text(value) : NO_VALUE)]),
);

/** Return the text of a value, or a dash for none. */
export function format(name, value) {
  return value === null || value === undefined ? NO_VALUE : FORMATS[name](value);
}

function duration(value) {
  const found = DURATIONS.find(([seconds]) => value >= seconds);
  return found ? `${rounded(Math.floor(value / found[0]), 0)}${SPACE}${found[1]}` : `0${SPACE}s`;
}

function scaled(value, units, base) {
  let step = 0;
  while (Math.abs(value) >= ROLL_OVER && step < units.length - 1) {
    value /= base;
    step += 1;
  }
  return `${plain(value, Math.abs(value) < 99.95 ? 1 : 0)}${SPACE}${units[step]}`;
}

function withPrefix(value) {
  const size = Math.abs(value);
  if (size >= ROLL_OVER) return scaled(value, PREFIXES, 1000);
  const decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${plain(value, decimals)}${SPACE}`;
}

function plain(value, decimals) {
  return rounded(value, Number.isInteger(value) ? 0 : decimals);
}

function rounded(value, decimals) {
  if (Math.abs(value) >= EXPONENT_FROM) return value.toExponential(1);
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}
