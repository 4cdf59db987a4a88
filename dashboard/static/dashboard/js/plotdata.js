/* From columns to what is drawn: stacks are summed, what goes out is turned down, gaps stay gaps. */

/**
 * Return how many empty buckets in a row a line is drawn across. One as long as samples lie apart may miss
 * its one sample by a hair; shorter ones are empty until the next sample comes.
 */
export function bridgeable({ step, spacing }) {
  return Math.max(0, Math.ceil((2 * spacing) / step) - 1);
}

/** Return the lines of a chart as lists of numbers, as they were measured. */
export function linesOf(chart, reply) {
  const empty = Array(reply.count).fill(null);
  return chart.lines.map((line) => reply.columns[line.key]?.mean ?? empty);
}

/** Return [minimum, maximum] of a chart with a band, null where buckets hold one sample each. */
export function bandOf(chart, reply) {
  const column = chart.kind === "band" ? reply.columns[chart.lines[0].key] : null;
  return column?.minimum ? [column.minimum, column.maximum] : null;
}

/** Return uPlot's data: times, then the lines as they stand in the chart, then the band. */
export function drawn(chart, reply, times) {
  const lines = linesOf(chart, reply);
  const shaped = chart.kind === "stack" ? stacked(lines) : lines.map((line, at) => turned(line, chart.lines[at].down));
  const all = [...shaped, ...(bandOf(chart, reply) ?? [])];
  const most = bridgeable(reply);
  return [times, ...(most ? all.map((line) => bridged(line, most)) : all)];
}

/** Return the stretches [from, to] in seconds in which no line has a value. */
export function gapsOf(chart, reply, times) {
  const lines = linesOf(chart, reply);
  const shortest = bridgeable(reply) + 1;
  const patience = Math.max(3 * reply.spacing, 2 * reply.step);
  const gaps = [];
  let from = 0;
  for (let index = 0; index <= times.length; index += 1) {
    const isEnd = index === times.length;
    if (!isEnd && lines.every((line) => line[index] === null)) continue;
    const isTail = isEnd && reply.end - (times[from - 1] ?? 0) < patience + reply.step;
    if (index - from >= shortest && !isTail) {
      gaps.push([from ? times[from - 1] : reply.start, isEnd ? reply.end : times[index]]);
    }
    from = index + 1;
  }
  return gaps;
}

function stacked(lines) {
  let below = lines[0]?.map(() => 0) ?? [];
  return lines.map((line) => {
    below = below.map((sum, index) => (line[index] === null ? sum : sum + line[index]));
    return below.map((sum, index) => (line[index] === null ? null : sum));
  });
}

function turned(line, down) {
  return down ? line.map((value) => (value === null ? null : -value)) : line;
}

/** Up to `most` empty buckets in a row become undefined, across which uPlot draws on; null is where it stops. */
function bridged(line, most) {
  const out = line.slice();
  let held = -1; // the last bucket with a value
  line.forEach((value, index) => {
    if (value === null) return;
    if (held >= 0 && index - held - 1 <= most) out.fill(undefined, held + 1, index);
    held = index;
  });
  return out;
}
