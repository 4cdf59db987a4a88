/* What stands behind the lines of every chart: events, with a word where there is room, and stretches without samples. */

const WORD_GAP = 8; // pixels between two words

let marks = [];

/** Have these events marked from the next drawing on: `[{at, word}, …]` in any order. */
export function setMarks(events) {
  marks = [...events].sort((one, other) => one.at - other.at);
}

/** Draw the marks within the chart's stretch; a hook of uPlot. */
export function drawMarks(u, colours) {
  const { ctx, bbox } = u;
  const { min, max } = u.scales.x;
  const ratio = window.devicePixelRatio;
  let taken = -Infinity;
  ctx.save();
  ctx.strokeStyle = colours.none;
  ctx.fillStyle = colours.text;
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  ctx.font = `${10 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  for (const { at, word } of marks.filter((mark) => mark.at >= min && mark.at <= max)) {
    const x = Math.round(u.valToPos(at, "x", true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(word).width + WORD_GAP * ratio;
    if (x < taken || x + width > bbox.left + bbox.width) continue;
    ctx.fillText(word, x + 4 * ratio, bbox.top + 2 * ratio);
    taken = x + width;
  }
  ctx.restore();
}

/** Shade the stretches without samples. */
export function shadeGaps(u, gaps, colours) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textAlign = "center";
  for (const [from, to] of gaps) {
    const left = Math.max(bbox.left, u.valToPos(from, "x", true));
    const right = Math.min(bbox.left + bbox.width, u.valToPos(to, "x", true));
    ctx.fillStyle = colours.gap;
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.fillStyle = colours.none;
    if (right - left > 60 * devicePixelRatio) ctx.fillText("no data", (left + right) / 2, bbox.top + bbox.height / 2);
  }
  ctx.restore();
}
