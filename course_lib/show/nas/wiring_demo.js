// A random wiring on the left, its nodes in layers; how many neighbours they have on the right.

function wire([a, b, c], long) {
  const d = `M${a}Q${b} ${c}`;
  const plain = { class: "axis", "stroke-opacity": 0.45 };
  return shape("path", { d, fill: "none", ...(long ? { class: "bar-line" } : plain) });
}

function graph({ places, curves, long, height }) {
  const nodes = places.slice(0, -2);
  const ends = [["in", places.at(-1)], ["out", places.at(-2)]];
  const order = curves.map((_, i) => i).toSorted((i, j) => long[i] - long[j]);
  const inside = shape("g", { transform: `translate(6 ${TOP + (BOTTOM - TOP + 30 - height) / 2})` });
  inside.append(
    ...order.map((i) => wire(curves[i], long[i])),
    ...nodes.flatMap(([x, y], i) => [
      shape("circle", { cx: x, cy: y, r: 10, class: "disc" }),
      shape("text", { x, y: y + 4, class: "middle small" }, i),
    ]),
    ...ends.flatMap(([word, [x, y]]) => [
      shape("rect", { x: x - 17, y: y - 13, width: 34, height: 26, class: "disc" }),
      shape("text", { x, y: y + 5, class: "middle title" }, word),
    ]),
  );
  return inside;
}

function draw(chart) {
  const { degrees, name } = chart;
  const edges = [...degrees, 0].map((_, i) => i - 0.5);
  const most = Math.max(10, degrees.length - 1);
  const x = { limits: [-0.5, most + 0.5], title: "neighbours of a node" };
  const y = { limits: [0, Math.max(...degrees, 4)], title: "nodes" };
  const marks = [area("bar blue", histogram(edges, degrees))];
  const title = shape("text", { x: 6, y: 22, class: "title" }, name);
  return [title, graph(chart), ...panel([690, 940], { x, y, marks })];
}

export default sideBySide(draw);
