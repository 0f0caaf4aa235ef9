// Left: the value at each step, refused proposals as crosses. Right: where the chain has been.

function limits({ edges }) {
  const margin = 0.03 * (edges.at(-1) - edges[0]);
  return [edges[0] - margin, edges.at(-1) + margin];
}

function trace(chart, y) {
  const [left, right, bottom] = [70, 520, 340];
  const { first, trace: values, proposed, accepted } = chart;
  const last = first + Math.max(values.length, 50) - 1;
  const x = scale([first, last], [left + 4, right]);
  const parts = verticalAxis(y, limits(chart), left, right, "value at each step", 22);
  [first, last].forEach((step, i) =>
    parts.push(shape("text", { x: x(step), y: bottom + 20, class: i ? "end" : "" }, `${step}`)),
  );
  proposed.forEach((value, i) => {
    if (accepted[i]) return;
    const [cx, cy] = [x(first + i), y(value)];
    const cross = `M${cx - 3},${cy - 3}l6,6m0,-6l-6,6`;
    parts.push(shape("path", { d: cross, class: "refused" }));
  });
  if (values.length) {
    const steps = values.flatMap((_, i) => (i ? [x(first + i), x(first + i)] : [x(first)]));
    const heights = values.flatMap((v, i) => (i ? [y(values[i - 1]), y(v)] : [y(v)]));
    parts.push(shape("path", { d: path(steps, heights), class: "first" }));
    parts.push(shape("circle", { cx: x(first + values.length - 1), cy: y(values.at(-1)), r: 6, fill: "#0173b2" }));
  }
  return parts;
}

function visits(chart, y) {
  const [left, right, bottom] = [610, 930, 340];
  const { edges, visited, stationary } = chart;
  const x = scale([0, Math.max(...visited, ...stationary)], [left, right]);
  const parts = verticalAxis(y, limits(chart), left, right, "share of steps", 22);
  visited.forEach((share, i) => {
    const height = y(edges[i]) - y(edges[i + 1]) - 1;
    const bar = { x: left, y: y(edges[i + 1]), width: x(share) - left, height, class: "bar" };
    parts.push(shape("rect", bar));
  });
  const outline = stationary.flatMap((share) => [x(share), x(share)]);
  const heights = stationary.flatMap((_, i) => [y(edges[i]), y(edges[i + 1])]);
  parts.push(shape("path", { d: path(outline, heights), class: "second" }));
  parts.push(shape("rect", { x: left, y: bottom + 10, width: 18, height: 12, class: "bar" }));
  parts.push(shape("text", { x: left + 24, y: bottom + 21 }, "visited"));
  parts.push(shape("path", { d: `M${left + 110},${bottom + 16}h30`, class: "second" }));
  parts.push(shape("text", { x: left + 146, y: bottom + 21 }, "stationary"));
  return parts;
}

function draw(chart) {
  const y = scale(limits(chart), [340, 50]);
  const { share, distance } = chart;
  const percent = (v) => (100 * v).toFixed(0);
  const said =
    share === null
      ? "press Step or Start"
      : `${percent(share)} % accepted, visited and stationary differ by ${distance.toFixed(2)}`;
  return [...trace(chart, y), ...visits(chart, y), shape("text", { x: 70, y: 386 }, said)];
}

export default { render: (context) => stage(context, () => "0 0 960 398", draw) };
