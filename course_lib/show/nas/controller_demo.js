// Left: how likely the controller finds each choice. Right: what it has found.

function rewards({ spent, best, mean, before, limits, budget }) {
  const [left, right, top, bottom] = [550, 860, 50, 340];
  const x = scale([0, budget], [left, right]);
  const y = scale(limits, [bottom, top]);
  const inside = (v) => y(Math.min(Math.max(v, limits[0]), limits[1]));
  const parts = verticalAxis(y, limits, left, right, "value against trials", 22);
  [0, budget / 2, budget].forEach((v) =>
    parts.push(shape("text", { x: x(v), y: bottom + 20, class: "middle" }, `${v}`)),
  );
  if (before.spent.length)
    parts.push(shape("path", { d: path(before.spent.map(x), before.best.map(inside)), class: "ghost" }));
  if (spent.length) {
    parts.push(shape("path", { d: path(spent.map(x), mean.map(inside)), class: "second" }));
    parts.push(shape("path", { d: path(spent.map(x), best.map(inside)), class: "first" }));
    const end = x(spent.at(-1)) + 6;
    const high = inside(best.at(-1));
    const low = Math.max(inside(mean.at(-1)), high + 18);
    parts.push(shape("text", { x: end, y: high + 5 }, `best ${best.at(-1).toFixed(3)}`));
    parts.push(shape("text", { x: end, y: low + 5 }, `batch ${mean.at(-1).toFixed(3)}`));
  }
  return parts;
}

function draw(chart) {
  const text = `entropy ${chart.entropy.toFixed(2)} nats`;
  const ghost = chart.before.spent.length ? "; dotted: the best of the run before" : "";
  const note = shape("text", { x: 92, y: 372 }, text + ghost);
  return [...heat(chart), ...rewards(chart), note];
}

export default { render: (context) => stage(context, () => "0 0 960 384", draw) };
