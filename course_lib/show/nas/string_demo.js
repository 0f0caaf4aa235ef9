// A text field, what is wrong with the text, and the network of the last text that could be read.

function arrow([start, end], x, half, y) {
  if (end - start === 1) {
    const d = `M${x(start) + half(start)},${y}H${x(end) - half(end) - 2}m-8,-6l8,6l-8,6`;
    return shape("path", { d, class: "axis", "stroke-width": 2 });
  }
  const top = y - 52;
  const rise = top - 38 * (end - start - 1);
  const [from, to] = [x(start) + 12, x(end) - 12];
  const d = `M${from},${top}C${from},${rise} ${to},${rise} ${to},${top}m-6,-8l6,8l6,-8`;
  return shape("path", { d, class: "second" });
}

function box(lines, colour, x, y, width) {
  const height = 26 + 24 * lines.length;
  const frame = { x: x - width / 2, y: y - height / 2, width, height, rx: 8 };
  const parts = [shape("rect", { ...frame, fill: "none", stroke: colour, "stroke-width": 2.5 })];
  lines.forEach((line, i) => {
    const height = y + 5 + 24 * (i - (lines.length - 1) / 2);
    const kind = width < 100 ? "small middle" : "middle";
    parts.push(shape("text", { x, y: height, class: kind }, line));
  });
  return parts;
}

// The middle of the boxes: low enough for an arc over all layers.
const middle = (layers) => 32 + 29 * layers.length;

function draw({ image, layers, shapes, arrows, classes, parameters }) {
  const last = layers.length + 1;
  const step = 960 / (last + 1);
  const [x, y] = [(place) => (place + 0.5) * step, middle(layers)];
  const width = Math.min(122, step - 30);
  const half = (place) => (place === 0 || place === last ? 40 : width / 2);
  const parts = arrows.map((pair) => arrow(pair, x, half, y));
  parts.push(...box(["image"], "#949494", x(0), y, 80));
  parts.push(...box([`${classes}`, "classes"], "#949494", x(last), y, 80));
  layers.forEach((lines, i) => parts.push(...box(lines, "#0173b2", x(i + 1), y, width)));
  [image, ...shapes].forEach((size, i) =>
    parts.push(shape("text", { x: x(i), y: y + 78, class: "middle" }, size.join("×"))),
  );
  const total = `${parameters.toLocaleString("en")} parameters; below each box: maps×rows×columns`;
  parts.push(shape("text", { x: 16, y: y + 112, class: "title" }, total));
  return parts;
}

function field(model) {
  const label = "configuration string, layers separated by |";
  const area = html("textarea", { rows: 4, spellcheck: "false", "aria-label": label });
  let waiting;
  const put = () => {
    model.set("text", area.value);
    model.save_changes();
  };
  area.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(put, 150);
  });
  const refresh = () => {
    if (area.value !== model.get("text")) area.value = model.get("text");
  };
  model.on("change:text", refresh);
  refresh();
  return area;
}

function render(context) {
  const { model } = context;
  const wrong = html("p", { class: "error", role: "alert" });
  const viewBox = ({ layers }) => `0 0 960 ${middle(layers) + 124}`;
  stage(context, viewBox, draw, [field(model), follow(model, "error", wrong)]);
  const svg = context.el.querySelector("svg");
  const fade = () => (svg.style.opacity = model.get("error") ? 0.4 : 1);
  model.on("change:error", fade);
  fade();
}

export default { render };
