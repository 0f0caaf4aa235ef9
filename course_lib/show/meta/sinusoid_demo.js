// Left: points to drag and the curves that adapt to them. Right: loss bars, and the loss by step.

const LOOKS = { MAML: "blue", pretrained: "red dashed", random: "grey dash-dot" };
const [WIDE, SIDE] = [[70, 600], [700, 920]];

const look = (name) => `own ${LOOKS[name] ?? ""}`;

function curves({ grid, target, before, after }, { inputs, height }) {
  const marks = [
    line("own dotted", [grid, target], { name: "sinusoid" }),
    ...Object.entries(before).map(([name, curve]) => line(`${look(name)} thin`, [grid, curve])),
    ...Object.entries(after).map(([name, curve]) => line(look(name), [grid, curve], { name: name.padEnd(7) })),
  ];
  return panel(WIDE, {
    x: { limits: inputs, title: "x" },
    y: { limits: [-height, height], title: "y; drag the points" },
    marks,
  });
}

// Two bars each: at the points, which the inner steps look at, and over the whole curve.
function bars({ points, overall, steps }, { worst }) {
  const x = scale([0, worst], SIDE);
  const title = { x: SIDE[0] - 70, y: 22, class: "title" };
  const parts = [shape("text", title, "root mean squared error")];
  Object.keys(overall).forEach((name, i) => {
    const top = 38 + 46 * i;
    const [whole, seen] = [overall[name][steps], points[name][steps]];
    const kind = `spread ${LOOKS[name] ?? ""}`;
    const bar = (y, height, value, words) => {
      const end = Math.max(x(value), x(0) + 1);
      parts.push(shape("rect", { x: x(0), y, width: end - x(0), height, class: `${kind} ${words}` }));
      const told = value >= worst ? `over ${worst}` : value.toFixed(2);
      parts.push(shape("text", { x: SIDE[1] + 36, y: y + height / 2 + 5, class: "end" }, told));
    };
    const start = x(overall[name][0]);
    parts.push(shape("line", { x1: start, x2: start, y1: top - 3, y2: top + 23, class: "rule" }));
    bar(top, 20, whole, "solid");
    bar(top + 22, 14, seen, "hollow");
    parts.push(shape("text", { x: SIDE[0] - 8, y: top + 16, class: "end" }, name));
  });
  const said = { x: SIDE[0] - 70, y: 192 };
  parts.push(shape("text", said, "full: from the sinusoid; hollow: at the points"));
  parts.push(shape("text", { ...said, y: 212 }, "upright mark: before the first step"));
  return parts;
}

function bySteps({ overall, steps }, { most, worst }) {
  const [top, bottom] = [256, 352];
  const across = scale([0, most], SIDE);
  const up = scale([0, worst], [bottom, top]);
  const parts = [shape("text", { x: SIDE[0] - 70, y: top - 14, class: "title" }, "full bars, by inner step")];
  [0, worst / 2, worst].forEach((v) => {
    parts.push(shape("line", { x1: SIDE[0], x2: SIDE[1], y1: up(v), y2: up(v), class: "grid" }));
    parts.push(shape("text", { x: SIDE[0] - 8, y: up(v) + 5, class: "end" }, `${v}`));
  });
  for (let k = 0; k <= most; k += 2)
    parts.push(shape("text", { x: across(k), y: bottom + 20, class: "middle" }, `${k}`));
  const here = across(steps);
  parts.push(shape("line", { x1: here, x2: here, y1: top, y2: bottom, class: "rule" }));
  Object.entries(overall).forEach(([name, errors]) => {
    const d = path(errors.map((_, k) => across(k)), errors.map(up));
    parts.push(shape("path", { d, class: look(name) }));
    parts.push(shape("circle", { cx: here, cy: up(errors[steps]), r: 5, class: look(name) }));
  });
  return parts;
}

// The points as handles, each for itself: dragged, moved by arrow keys, taken away by Delete
function handles(model, picture, { inputs, height }) {
  const [ends, heights] = [[WIDE[0] + 8, WIDE[1]], [BOTTOM, TOP]];
  const limits = [-height, height];
  const [across, up] = [scale(inputs, ends), scale(limits, heights)];
  const [back, down] = [scale(ends, inputs), scale(heights, limits)];
  const clip = (value, [low, high]) => Math.round(100 * Math.min(Math.max(value, low), high)) / 100;
  const layer = shape("g");
  let made = [];
  let held = null;

  const show = (knob, [x, y]) => {
    knob.setAttribute("transform", `translate(${across(x).toFixed(1)},${up(y).toFixed(1)})`);
    knob.setAttribute("aria-valuenow", y.toFixed(2));
    knob.setAttribute("aria-valuetext", `x ${x.toFixed(2)}, y ${y.toFixed(2)}`);
  };
  const put = (index, [x, y]) => {
    const points = model.get("points").map((point) => [...point]);
    points[index] = [clip(x, inputs), clip(y, limits)];
    show(made[index], points[index]);
    model.set("points", points);
    model.save_changes();
  };
  const remove = (index) => {
    const points = model.get("points").filter((_, i) => i !== index);
    if (!points.length) return;
    model.set("points", points);
    model.save_changes();
    made[Math.min(index, points.length - 1)].focus();
  };
  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const press = (index, event) => {
    if (event.key === "Delete") remove(index);
    else if (!(event.key in keys)) return;
    else {
      const size = event.shiftKey ? 1 : 0.1;
      const [x, y] = model.get("points")[index];
      put(index, [x + size * keys[event.key][0], y + size * keys[event.key][1]]);
    }
    event.preventDefault();
  };
  const where = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY);
    const { x, y } = at.matrixTransform(picture.getScreenCTM().inverse());
    return [back(x), down(y)];
  };

  function handle(index) {
    const knob = shape("g", { class: "handle", tabindex: 0, role: "slider", "data-knob": `point${index}` });
    const words = `point ${index + 1}: drag, arrow keys, Delete takes it away`;
    const range = { "aria-valuemin": -height, "aria-valuemax": height, "aria-label": words };
    for (const [name, value] of Object.entries(range)) knob.setAttribute(name, value);
    knob.setAttribute("data-lm-suppress-shortcuts", "true");
    knob.append(shape("circle", { r: 18, fill: "transparent" }), shape("circle", { r: 7, class: "grip" }));
    knob.addEventListener("pointerdown", (event) => {
      held = index;
      knob.setPointerCapture(event.pointerId);
    });
    knob.addEventListener("pointermove", (event) => held === index && put(index, where(event)));
    const release = () => {
      held = null;
      refresh();
    };
    knob.addEventListener("pointerup", release);
    knob.addEventListener("pointercancel", release);
    knob.addEventListener("keydown", (event) => press(index, event));
    return knob;
  }

  function refresh() {
    const points = model.get("points");
    while (made.length > points.length) made.pop().remove();
    while (made.length < points.length) {
      made.push(handle(made.length));
      layer.append(made.at(-1));
    }
    points.forEach((point, i) => i === held || show(made[i], point));
  }

  model.on("change:points", refresh);
  refresh();
  picture.append(layer);
  // an img may hold nothing to focus: the words stay with the group, the drawing says nothing
  picture.setAttribute("role", "group");
  picture.firstElementChild.setAttribute("aria-hidden", "true");
}

function render(context) {
  const scenery = context.model.get("scenery");
  const draw = (chart) => [...curves(chart, scenery), ...bars(chart, scenery), ...bySteps(chart, scenery)];
  const picture = stage(context, () => "0 0 960 420", draw);
  handles(context.model, picture, scenery);
}

export default { render };
