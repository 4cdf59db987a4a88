/* The theme's colours for a canvas, which knows no custom properties. */

/** Return the colours of the theme as a canvas wants them: computed, for tokens are light-dark(). */
export function palette() {
  const probe = document.createElement("span");
  document.body.append(probe);
  const read = (token) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    lines: [1, 2, 3, 4, 5, 6].map((number) => read(`--t-c${number}`)),
    text: read("--t-text-2"), grid: read("--t-line"), gap: read("--t-raised"), none: read("--t-text-3"),
  };
  probe.remove();
  return colours;
}

/** Return a computed colour with that much of it left. */
export function faded(colour, alpha) {
  return colour.replace(/^rgb\((.+)\)$/, `rgba($1, ${alpha})`);
}
