// Left: the mixture on every edge. Right: both losses. Below: how far the search is.

function losses({ epoch, train, valid, epochs }) {
  const [left, right, top, bottom] = [550, 860, 50, 340];
  const high = Math.max(2.5, ...train, ...valid.filter((v) => v !== null));
  const x = scale([0, epochs], [left, right]);
  const y = scale([0, high], [bottom, top]);
  const parts = verticalAxis(y, [0, high], left, right, "loss of the mixture against epochs", 22);
  [0, epochs].forEach((v) =>
    parts.push(shape("text", { x: x(v), y: bottom + 20, class: "middle" }, `${v}`)),
  );
  if (!epoch.length) return parts;
  parts.push(shape("path", { d: path(epoch.map(x), train.map(y)), class: "first" }));
  parts.push(shape("path", { d: path(epoch.map(x), valid.map(y)), class: "second" }));
  const end = x(epoch.at(-1)) + 6;
  const [low, up] = [y(train.at(-1)), Math.min(y(valid.at(-1)), y(train.at(-1)) - 18)];
  parts.push(shape("text", { x: end, y: low + 5 }, `train ${train.at(-1).toFixed(2)}`));
  parts.push(shape("text", { x: end, y: up + 5 }, `valid ${valid.at(-1).toFixed(2)}`));
  return parts;
}

function draw(chart) {
  const share = chart.epoch.length ? chart.epoch.at(-1) / chart.epochs : 0;
  const bar = { x: 92, y: 392, height: 10, rx: 5 };
  return [
    ...heat(chart, "weight of each operation on each edge"),
    ...losses(chart),
    shape("text", { x: 92, y: 376 }, chart.said),
    shape("rect", { ...bar, width: 768, class: "axis", "stroke-opacity": 0.4 }),
    shape("rect", { ...bar, width: 768 * share, class: "bar" }),
  ];
}

export default { render: (context) => stage(context, () => "0 0 960 410", draw) };
