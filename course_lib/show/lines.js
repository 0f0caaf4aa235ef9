// Two panels side by side: lines, areas and dots over named axes, a legend below each.
// axis: limits, title, and where they are not the plain ones: ticks, `say` writes them, `by` bends.

const [TOP, BOTTOM] = [50, 340];
const PLACES = { left: [70, 450], right: [550, 930] };

// Shares of a whole; small ones count, so the height is the root of the share.
const SHARES = { limits: [0, 1], by: Math.sqrt, ticks: [0.01, 0.1, 0.5, 1], say: (v) => `${100 * v} %` };

// A kind of mark: how it is drawn, and the points of its sample in a legend. As a function: what
// CSS calls it, its data, and words: `name` for the legend, `end` to write where its line ends.
function mark(draw, xs, ys) {
  const sample = (look, x, y) => draw(look, xs.map((v) => x + v), ys.map((v) => y + v));
  return (look, [x, y], words = {}) => ({ draw, sample, look, x, y, ...words });
}

const line = mark((look, xs, ys) => [shape("path", { d: path(xs, ys), class: look })], [0, 26], [0, 0]);
const area = mark(
  (look, xs, ys) => [shape("path", { d: `${path(xs, ys)}Z`, class: look })],
  [0, 26, 26, 0],
  [-6, -6, 6, 6],
);
const dots = mark(
  (look, xs, ys) => xs.map((cx, i) => shape("circle", { cx, cy: ys[i], r: 5, class: look })),
  [20],
  [0],
);
const crosses = mark(
  (look, xs, ys) => {
    const d = xs.map((x, i) => `M${x - 3},${ys[i] - 3}l6,6m0,-6l-6,6`).join("");
    return [shape("path", { d, class: look })];
  },
  [20],
  [0],
);

// Points of a line that keeps its height until the next place.
function steps(xs, ys) {
  const doubled = xs.flatMap((x, i) => (i ? [x, x] : [x]));
  return [doubled, ys.flatMap((y, i) => (i ? [ys[i - 1], y] : [y]))];
}

const histogram = (edges, shares) => steps([edges[0], ...edges], [0, ...shares, 0]);

// Limits with some room around the values.
function around(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = 0.04 * (high - low || 1);
  return [low - margin, high + margin];
}

// value -> position; what lies beyond the limits is drawn at the end
function position({ limits, by = (v) => v }, ends) {
  const along = scale(limits.map(by), ends);
  return (value) => along(by(Math.min(Math.max(value, limits[0]), limits[1])));
}

// Names beside the ends of their lines, moved apart: down where they meet, and up again at the end.
// With `keyed`, a piece of the line stands before its name.
function labelEnds(marks) {
  const above = (one, other) => one.ys.at(-1) - other.ys.at(-1);
  const ends = marks.filter(({ end }) => end).toSorted(above);
  const heights = ends.map(({ ys }) => ys.at(-1) + 5);
  for (let i = 1; i < ends.length; i++) heights[i] = Math.max(heights[i], heights[i - 1] + 18);
  for (let i = ends.length - 1, free = BOTTOM + 5; i >= 0; i--, free = heights[i + 1] - 18)
    heights[i] = Math.min(heights[i], free);
  return ends.flatMap(({ end, xs, keyed, sample, look }, i) => {
    const x = xs.at(-1) + 6;
    const text = shape("text", { x: x + (keyed ? 32 : 0), y: heights[i], class: "halo" }, end);
    return [...(keyed ? sample(look, x, heights[i] - 5) : []), text];
  });
}

function legend(marks, x) {
  return marks.filter(({ name }) => name).flatMap(({ sample, look, name }) => {
    const parts = [...sample(look, x, BOTTOM + 59), shape("text", { x: x + 32, y: BOTTOM + 64 }, name)];
    x += 46 + 7.9 * name.length + 3.2 * name.replace(/[^A-Z]/g, "").length;  // capitals are wide
    return parts;
  });
}

function panel([left, end], { x, y, marks }) {
  const right = marks.some((one) => one.end) ? end - 80 : end;
  const [across, up] = [position(x, [left + 8, right]), position(y, [BOTTOM, TOP])];
  const placed = marks.map((one) => {
    const seen = one.x.map((_, i) => i).filter((i) => one.y[i] !== null);
    return { ...one, xs: seen.map((i) => across(one.x[i])), ys: seen.map((i) => up(one.y[i])) };
  });
  const drawn = placed.filter(({ xs }) => xs.length);
  const inside = shape("g", { class: "marks" });
  inside.append(...drawn.flatMap(({ draw, look, xs, ys }) => draw(look, xs, ys)));
  const { ticks, say } = { ...roundTicks(x.limits), ...x };
  const under = (v) => shape("text", { x: across(v), y: BOTTOM + 20, class: "middle tick" }, say(v));
  const middle = { x: (left + right) / 2, y: BOTTOM + 42, class: "middle" };
  return [
    ...verticalAxis(up, y, left, right),
    ...ticks.map(under),
    shape("text", middle, x.title),
    inside,
    ...labelEnds(drawn),
    ...legend(drawn, left),
  ];
}

// The demo that draws two panels; below them stands what the chart says, as many rows as at first.
function sideBySide(draw) {
  const rows = ({ said }) => said.split("; ");
  const viewBox = (chart) => `0 0 960 ${422 + 20 * rows(chart).length}`;
  const words = (row, i) => shape("text", { x: PLACES.left[0], y: 432 + 20 * i }, row);
  const all = (chart) => [...draw(chart), ...rows(chart).map(words)];
  return { render: (context) => stage(context, viewBox, all) };
}
