// Left: one dot per architecture. Right: Kendall's tau with its interval as the sample grows.

const span = (values) => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = 0.05 * (high - low || 1);
  return [low - margin, high + margin];
};

function pairs({ x: xs, y: ys, size, how }) {
  const [left, right, top, bottom] = [70, 450, 50, 350];
  const [x, y] = [scale(span(xs), [left + 8, right]), scale(span(ys), [bottom, top])];
  const parts = verticalAxis(y, span(ys), left, right, how, 22);
  const order = xs.map((_, i) => i).reverse(); // what is looked at lies on top
  order.forEach((i) => {
    const seen = i < size;
    const place = { cx: x(xs[i]), cy: y(ys[i]), r: seen ? 5 : 2.5 };
    parts.push(shape("circle", { ...place, class: seen ? "seen" : "unseen" }));
  });
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  [low, (low + high) / 2, high].forEach((v) =>
    parts.push(shape("text", { x: x(v), y: bottom + 20, class: "middle" }, v.toFixed(2))),
  );
  const words = "stand-alone accuracy (own training)";
  parts.push(shape("text", { x: (left + right) / 2, y: bottom + 42, class: "middle" }, words));
  return parts;
}

function growth({ sizes, tau, low, high, place }) {
  const [left, right, top, bottom] = [560, 920, 50, 350];
  const limits = [Math.min(...low, -0.1), 1];
  const y = scale(limits, [bottom, top]);
  const x = scale([Math.log(sizes[0]), Math.log(sizes.at(-1))], [left + 14, right]);
  const at = sizes.map((size) => x(Math.log(size)));
  const parts = verticalAxis(y, limits, left, right, "Kendall's tau and its 95 % interval", 22);
  const band = path([...at, ...at.toReversed()], [...high, ...low.toReversed()].map(y));
  parts.push(shape("path", { d: `${band}Z`, class: "band" }));
  parts.push(shape("line", { x1: left, x2: right, y1: y(0), y2: y(0), class: "axis" }));
  parts.push(shape("path", { d: path(at, tau.map(y)), class: "first" }));
  sizes.forEach((size, i) =>
    parts.push(shape("text", { x: at[i], y: bottom + 20, class: "middle" }, `${size}`)),
  );
  const bar = { x1: at[place], x2: at[place], y1: y(low[place]), y2: y(high[place]), class: "bar-line" };
  parts.push(shape("line", bar));
  parts.push(shape("circle", { cx: at[place], cy: y(tau[place]), r: 6, fill: "#d55e00" }));
  const middle = (left + right) / 2;
  parts.push(shape("text", { x: middle, y: bottom + 42, class: "middle" }, "architectures compared"));
  return parts;
}

function draw(chart) {
  const { place, tau, low, high, size } = chart;
  const [t, l, h] = [tau, low, high].map((values) => values[place].toFixed(2));
  const said = `${size} architectures: tau ${t}, interval ${l} to ${h}, width ${(high[place] - low[place]).toFixed(2)}`;
  return [...pairs(chart), ...growth(chart), shape("text", { x: 70, y: 424 }, said)];
}

export default { render: (context) => stage(context, () => "0 0 960 436", draw) };
