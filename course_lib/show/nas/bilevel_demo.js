// Left: the validation loss, the weight's answer, a point to drag. Right: the outer objective.

const COLOURS = { exact: "#0173b2", "one step": "#029e73", "first order": "#d55e00" };
const DASHES = { exact: "none", "one step": "2 4", "first order": "8 4" };
const NAMES = Object.keys(COLOURS);
const [LEFT, RIGHT, TOP, BOTTOM] = [60, 500, 40, 420];

const clip = (value, [low, high]) => Math.min(Math.max(value, low), high);

function arrow(from, to, y, name) {
  const side = to < from ? -1 : 1;
  const line = { x1: from, x2: to, y1: y, y2: y, "stroke-dasharray": DASHES[name] };
  const head = `M${to},${y}l${-11 * side},-6v12z`;
  const style = { stroke: COLOURS[name], "stroke-width": 4 };
  return [shape("line", { ...line, ...style }), shape("path", { d: head, fill: COLOURS[name] })];
}

function land({ contours, alphas, weights }, x, y) {
  const parts = [shape("text", { x: LEFT, y: 22, class: "title" }, "validation loss; drag the point")];
  contours.forEach(({ level, line }) => {
    const [xs, ys] = [line.map((p) => x(p[0])), line.map((p) => y(p[1]))];
    parts.push(shape("path", { d: path(xs, ys), class: "axis", "stroke-opacity": 0.35 }));
    const middle = Math.floor((5 * line.length) / 6);
    const kind = { class: "middle small", x: xs[middle], y: ys[middle] + 4 };
    parts.push(shape("text", kind, `${level}`));
  });
  const frame = { x: LEFT, y: TOP, width: RIGHT - LEFT, height: BOTTOM - TOP };
  parts.push(shape("rect", { ...frame, class: "axis", "stroke-opacity": 0.6 }));
  const answer = path(alphas.map(x), alphas.map(y));
  parts.push(shape("path", { d: answer, class: "axis", "stroke-width": 3 }));
  parts.push(shape("text", { x: x(1.6), y: y(2.6) }, "w*(α)"));
  [-1, 0, 1, 2, 3].forEach((v) =>
    parts.push(shape("text", { x: x(v), y: BOTTOM + 18, class: "middle" }, `${v}`)),
  );
  [-2, -1, 0, 1, 2, 3].forEach((v) =>
    parts.push(shape("text", { x: LEFT - 8, y: y(v) + 5, class: "end" }, `${v}`)),
  );
  parts.push(shape("text", { x: (LEFT + RIGHT) / 2, y: BOTTOM + 38, class: "middle" }, "α"));
  parts.push(shape("text", { x: 16, y: (TOP + BOTTOM) / 2 }, "w"));
  return parts;
}

function point(chart, scenery, x, y) {
  const parts = NAMES.filter((name) => chart.trails[name].length > 1).map((name) => {
    const [xs, ys] = [0, 1].map((i) => chart.trails[name].map((p) => p[i]));
    const seen = [xs.map((v) => x(clip(v, scenery.alphas))), ys.map((v) => y(clip(v, scenery.weights)))];
    const style = { fill: "none", stroke: COLOURS[name], "stroke-width": 2.5, class: "trail" };
    return shape("path", { d: path(...seen), "stroke-dasharray": DASHES[name], ...style });
  });
  const [here, w] = [x(chart.alpha), y(chart.w)];
  const unrolled = y(clip(chart.unrolled, scenery.weights));
  parts.push(shape("line", { x1: here, x2: here, y1: w, y2: unrolled, class: "ghost" }));
  const heights = { exact: y(chart.best) - 9, "one step": unrolled, "first order": w + 9 };
  NAMES.forEach((name) => {
    const end = clip(chart.alpha - scenery.arrow * chart.gradients[name], scenery.alphas);
    parts.push(...arrow(here, x(end), heights[name], name));
  });
  parts.push(shape("circle", { cx: here, cy: w, r: 9, class: "handle", fill: "currentcolor" }));
  return parts;
}

function outer(chart, scenery) {
  const [left, right] = [590, 800];
  const x = scale(scenery.alphas, [left, right]);
  const axis = { limits: [0, 4], title: "F(α): loss once w has answered" };
  const y = scale(axis.limits, [250, 50]);
  const parts = verticalAxis(y, axis, left, right);
  const grid = Array.from({ length: 81 }, (_, i) => -1 + i / 20);
  const f = (alpha) => (alpha - 1) ** 2;
  const curve = path(grid.map(x), grid.map((a) => y(f(a))));
  parts.push(shape("path", { d: curve, class: "axis", "stroke-width": 2.5 }));
  parts.push(shape("line", { x1: x(1), x2: x(1), y1: 50, y2: 400, class: "grid" }));
  parts.push(shape("text", { x: x(1), y: 420, class: "middle" }, "best α"));
  const dot = { cx: x(chart.alpha), cy: y(f(chart.alpha)), r: 8, fill: "currentcolor" };
  parts.push(shape("circle", dot));
  NAMES.forEach((name, row) => {
    const height = 296 + 44 * row;
    const gradient = chart.gradients[name];
    const end = clip(chart.alpha - scenery.arrow * gradient, scenery.alphas);
    parts.push(...arrow(x(chart.alpha), x(end), height, name));
    const number = `${gradient < 0 ? "−" : "+"}${Math.abs(gradient).toFixed(2)}`;
    const wrong = gradient * chart.gradients.exact < 0 ? " wrong way" : "";
    parts.push(shape("text", { x: right + 10, y: height - 4 }, name));
    parts.push(shape("text", { x: right + 10, y: height + 14 }, number + wrong));
  });
  return parts;
}

function drag({ model, el }, scenery, x, y) {
  const picture = el.querySelector("svg");
  let held = false;
  const move = (event) => {
    if (!held) return;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
    const back = (place, [from, to], [low, high]) => {
      const value = scale([from, to], [low, high])(place);
      return Math.round(100 * clip(value, [low, high])) / 100;
    };
    model.set("alpha", back(at.x, [LEFT, RIGHT], scenery.alphas));
    model.set("w", back(at.y, [BOTTOM, TOP], scenery.weights));
    model.save_changes();
  };
  picture.style.touchAction = "none";
  picture.style.userSelect = "none";
  picture.addEventListener("pointerdown", (event) => {
    const box = picture.getBoundingClientRect();
    if (event.clientX - box.left > (box.width * (RIGHT + 10)) / 960) return;
    held = true;
    picture.setPointerCapture(event.pointerId);
    event.preventDefault();
    move(event);
  });
  picture.addEventListener("pointermove", move);
  for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, () => (held = false));
}

function render(context) {
  const scenery = context.model.get("scenery");
  const x = scale(scenery.alphas, [LEFT, RIGHT]);
  const y = scale(scenery.weights, [BOTTOM, TOP]);
  const ground = land(scenery, x, y);
  const draw = (chart) => [...ground, ...point(chart, scenery, x, y), ...outer(chart, scenery)];
  stage(context, () => "0 0 960 466", draw);
  drag(context, scenery, x, y);
}

export default { render };
