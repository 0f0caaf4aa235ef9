// Left: how likely the controller finds each choice. Right: what it has found.

const CIVIDIS = [[0, 34, 78], [65, 77, 107], [124, 123, 120], [188, 175, 111], [254, 232, 56]];

function cividis(share) {
  const place = Math.min(Math.max(share, 0), 1) * (CIVIDIS.length - 1);
  const low = Math.min(Math.floor(place), CIVIDIS.length - 2);
  const mix = CIVIDIS[low].map((c, i) => c + (place - low) * (CIVIDIS[low + 1][i] - c));
  return `rgb(${mix.map(Math.round)})`;
}

function heat({ heat: table, decisions, choices }) {
  const narrow = decisions.length > 9;
  const [left, top, width, height] = [92, 50, 390, narrow ? 190 : 290];
  const same = choices.every((names) => names.join() === choices[0].join());
  const w = width / decisions.length;
  const h = height / Math.max(...choices.map((names) => names.length));
  const parts = [shape("text", { x: left, y: 22, class: "title" }, "probability of each choice")];
  decisions.forEach((decision, i) => {
    const middle = { x: left + (i + 0.5) * w, class: "middle" };
    const turned = { x: -top - height - 6, y: middle.x + 4, transform: "rotate(-90)", class: "small end" };
    const place = narrow ? turned : { ...middle, y: top - 8 };
    parts.push(shape("text", place, decision));
    choices[i].forEach((name, j) => {
      const p = table[i][j];
      const y = top + j * h;
      const cell = { x: left + i * w, y, width: w - 1, height: h - 1, fill: cividis(p) };
      parts.push(shape("rect", cell));
      const ink = `fill:${p > 0.55 ? "#000" : "#fff"}`;
      const short = 6.5 * name.length < w ? name : "";
      const text = narrow ? short : same ? p.toFixed(2) : `${name}: ${p.toFixed(2)}`;
      const kind = narrow ? "small middle" : "middle";
      parts.push(shape("text", { ...middle, y: y + h / 2 + 5, class: kind, style: ink }, text));
    });
  });
  if (same)
    choices[0].forEach((name, j) =>
      parts.push(shape("text", { x: left - 6, y: top + (j + 0.5) * h + 5, class: "end" }, name)),
    );
  return parts;
}

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
