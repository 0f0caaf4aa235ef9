// All architectures as one graph: parallel curves for the operations of an edge, a path in bold.

const DASHES = { "-": "none", "--": "9 5", ":": "2 4", "-.": "9 4 2 4" };

const bezier = ([a, b, c]) => `M${a}Q${b} ${c}`;

function curve(points, style) {
  return shape("path", { d: bezier(points), fill: "none", ...style });
}

function operation(layout, { weights, chosen }, e, k) {
  const { colour, line, width: full } = layout.operations[k];
  const points = layout.edges[e].curves[k];
  const weight = weights[e][k];
  const bold = chosen[e] === k;
  const width = 1 + full * layout.gap * weight;
  const parts = [];
  if (bold) {
    parts.push(curve(points, { class: "casing", "stroke-width": width + 5 }));
    parts.push(curve(points, { class: "inside", "stroke-width": width + 2 }));
  }
  parts.push(
    curve(points, {
      stroke: colour,
      "stroke-dasharray": DASHES[line],
      "stroke-width": width + (bold ? 1.5 : 0),
      "stroke-opacity": bold ? 1 : 0.35 + 0.65 * weight,
      "data-weight": weight,
    }),
  );
  return parts;
}

function legend({ operations, legend: places, height }) {
  return operations.flatMap(({ label, colour, line }, k) => {
    const y = height - 12;
    const style = { stroke: colour, "stroke-width": 4, "stroke-dasharray": DASHES[line] };
    return [
      shape("path", { d: `M${places[k]},${y}h40`, ...style }),
      shape("text", { x: places[k] + 48, y: y + 5 }, label),
    ];
  });
}

function draw(layout, chart) {
  const { edges, operations, nodes, titles, plain, gap, height } = layout;
  const under = plain.map((points) => curve(points, { class: "axis", "stroke-opacity": 0.5 }));
  const over = [];
  const words = [];
  const hits = [];
  edges.forEach(({ name, label, curves }, e) => {
    operations.forEach((_, k) => {
      const parts = operation(layout, chart, e, k);
      (chart.chosen[e] === k ? over : under).push(...parts);
      const hit = curve(curves[k], { class: "hit", "stroke-width": gap, "data-edge": e, "data-operation": k });
      hit.append(shape("title", {}, `${name}: ${operations[k].label}, ${chart.weights[e][k]}`));
      hits.push(hit);
    });
    words.push(shape("text", { x: label[0], y: label[1] + 5, class: "middle halo" }, chart.labels[e]));
  });
  const discs = nodes.flatMap(([x, y, text]) => [
    shape("circle", { cx: x, cy: y, r: 18, class: "disc" }),
    shape("text", { x, y: y + 5, class: "middle" }, text),
  ]);
  const heads = titles.map(([x, y, text]) => shape("text", { x, y: y + 5, class: "title" }, text));
  const said = shape("text", { x: 24, y: height + 14 }, chart.text);
  return [...under, ...over, ...hits, ...discs, ...words, ...heads, ...legend(layout), said];
}

// The same choice for the keyboard: two lists.
function lists(model, layout) {
  const send = () =>
    model.send({ do: "pick", edge: Number(edge.value), operation: Number(kind.value) });
  const options = (names) => names.map((name, i) => html("option", { value: i }, name));
  const edge = html("select", { "aria-label": "edge", "data-pick": "edge", change: () => refresh() });
  const kind = html("select", { "aria-label": "operation", "data-pick": "operation", change: send });
  edge.append(...options(layout.edges.map(({ name }) => name)));
  kind.append(...options(layout.operations.map(({ label }) => label)));
  const refresh = () => {
    const chosen = model.get("chart").chosen[Number(edge.value)];
    kind.value = chosen ?? kind.value;
  };
  model.on("change:chart", refresh);
  refresh();
  return html("div", { class: "controls" }, html("label", { class: "knob" }, "edge ", edge),
    html("label", { class: "knob" }, "operation ", kind));
}

function render(context) {
  const { model } = context;
  const layout = model.get("layout_of_graph");
  const box = () => `0 0 ${layout.width} ${layout.height + 24}`;
  const picture = stage(context, box, (chart) => draw(layout, chart), [lists(model, layout)]);
  picture.addEventListener("click", ({ target }) => {
    const hit = target.closest(".hit");
    if (!hit) return;
    const { edge, operation } = hit.dataset;
    model.send({ do: "pick", edge: Number(edge), operation: Number(operation) });
  });
}

export default { render };
