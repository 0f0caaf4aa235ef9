// Left: a bar for each layer, to be dragged. Right: what is left of operations and accuracy.

const [LEFT, RIGHT, TOP, BOTTOM] = [70, 560, 40, 340];
const SIDE = [720, 890];
const up = scale([0, 1], [BOTTOM, TOP]);
const back = scale([BOTTOM, TOP], [0, 1]);

function columns(count) {
  const width = (RIGHT - LEFT) / count;
  return Array.from({ length: count }, (_, i) => [LEFT + width * (i + 0.12), 0.76 * width]);
}

function bars({ kept, channels }) {
  const axis = { limits: [0, 1], title: "share of its channels that a layer keeps; drag a bar" };
  const parts = verticalAxis(up, axis, LEFT, RIGHT);
  columns(kept.length).forEach(([x, width], i) => {
    const y = up(kept[i] / channels[i]);
    parts.push(shape("rect", { x, y: TOP, width, height: BOTTOM - TOP, class: "ghost" }));
    parts.push(shape("rect", { x, y, width, height: BOTTOM - y, class: "bar blue" }));
    const middle = { x: x + width / 2, class: "middle" };
    parts.push(shape("text", { ...middle, y: BOTTOM + 20 }, `${i + 1}`));
    parts.push(shape("text", { ...middle, y: y - 13, class: "middle halo" }, `${kept[i]}/${channels[i]}`));
  });
  const title = { x: (LEFT + RIGHT) / 2, y: BOTTOM + 42, class: "middle" };
  return [...parts, shape("text", title, "layer whose channels can be chosen")];
}

// One row of the right side: a name, a bar from 0 to 1, a number.
function row(name, value, y, look) {
  const x = scale([0, 1], SIDE);
  return [
    shape("rect", { x: x(0), y, width: SIDE[1] - SIDE[0], height: 24, class: "grid", fill: "none" }),
    shape("rect", { x: x(0), y, width: Math.max(x(value) - x(0), 1), height: 24, class: look }),
    shape("text", { x: SIDE[0] - 8, y: y + 18, class: "end" }, name),
    shape("text", { x: SIDE[1] + 62, y: y + 18, class: "end" }, `${(100 * value).toFixed(1)} %`),
  ];
}

function right({ share, budget, accuracy }) {
  const x = scale([0, 1], SIDE);
  const limit = { x1: x(budget), x2: x(budget), y1: 44, y2: 84, class: "rule" };
  const looks = ["rung0", "negative", "bar blue"];
  return [
    shape("text", { x: SIDE[0] - 110, y: 28, class: "title" }, "operations that are left"),
    ...row("share", share, 52, "bar"),
    shape("line", limit),
    shape("text", { x: SIDE[0] - 110, y: 104 }, "upright mark: the budget"),
    shape("text", { x: SIDE[0] - 110, y: 160, class: "title" }, "accuracy on 500 validation images"),
    ...Object.entries(accuracy).flatMap(([name, value], i) => row(name, value, 178 + 40 * i, looks[i])),
  ];
}

// The tops of the bars as handles: dragged, or moved channel by channel with the arrow keys
function handles(model, picture) {
  const layer = shape("g");
  let made = [];
  let held = null;

  const put = (index, count) => {
    const { channels } = model.get("chart");
    const wanted = Math.min(Math.max(Math.round(count), 1), channels[index]);
    if (wanted === model.get("kept")[index]) return;
    model.set("dragged", [index, wanted]);
    model.save_changes();
  };
  const where = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY);
    return back(at.matrixTransform(picture.getScreenCTM().inverse()).y);
  };
  const press = (index, event) => {
    const { multiple } = model.get("chart");
    const moves = { ArrowUp: multiple, ArrowRight: multiple, ArrowDown: -multiple, ArrowLeft: -multiple };
    if (!(event.key in moves)) return;
    event.preventDefault();
    put(index, model.get("kept")[index] + moves[event.key]);
  };

  function handle(index) {
    const knob = shape("g", { class: "handle", tabindex: 0, role: "slider", "data-knob": `layer${index}` });
    knob.setAttribute("aria-label", `channels of layer ${index + 1}: drag, or arrow keys`);
    knob.setAttribute("aria-valuemin", 1);
    knob.setAttribute("data-lm-suppress-shortcuts", "true");
    knob.append(shape("rect", { x: -24, y: -14, width: 48, height: 28, fill: "transparent" }));
    knob.append(shape("rect", { x: -16, y: -4, width: 32, height: 8, rx: 4, class: "grip" }));
    knob.addEventListener("pointerdown", (event) => {
      held = index;
      knob.setPointerCapture(event.pointerId);
    });
    knob.addEventListener("pointermove", (event) => {
      if (held === index) put(index, where(event) * model.get("chart").channels[index]);
    });
    const release = () => (held = null);
    knob.addEventListener("pointerup", release);
    knob.addEventListener("pointercancel", release);
    knob.addEventListener("keydown", (event) => press(index, event));
    return knob;
  }

  function refresh() {
    const { kept, channels } = model.get("chart");
    while (made.length > kept.length) made.pop().remove();
    while (made.length < kept.length) {
      made.push(handle(made.length));
      layer.append(made.at(-1));
    }
    columns(kept.length).forEach(([x, width], i) => {
      const y = up(kept[i] / channels[i]);
      made[i].setAttribute("transform", `translate(${(x + width / 2).toFixed(1)},${y.toFixed(1)})`);
      made[i].setAttribute("aria-valuemax", channels[i]);
      made[i].setAttribute("aria-valuenow", kept[i]);
      made[i].setAttribute("aria-valuetext", `${kept[i]} of ${channels[i]} channels`);
    });
  }

  model.on("change:chart", refresh);
  refresh();
  picture.append(layer);
  // an img may hold nothing to focus: the words stay with the group, the drawing says nothing
  picture.setAttribute("role", "group");
  picture.firstElementChild.setAttribute("aria-hidden", "true");
}

function render(context) {
  const picture = stage(context, () => "0 0 960 400", (chart) => [...bars(chart), ...right(chart)]);
  handles(context.model, picture);
}

export default { render };
