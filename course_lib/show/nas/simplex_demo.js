// Left: a triangle with a sample per dot and a handle to drag. Right: counts, bias and spread.

const [SIDE, LEFT, BOTTOM] = [400, 50, 388];
const TURN = Math.sqrt(0.75);
const CORNERS = [[0, 0], [1, 0], [0.5, TURN]]; // prettier-ignore
const COLOURS = ["#0173b2", "#d55e00", "#029e73"];

const spot = ([x, y]) => [LEFT + SIDE * x, BOTTOM - SIDE * y];
const mix = (z) => [0, 1].map((axis) => z.reduce((sum, w, k) => sum + w * CORNERS[k][axis], 0));
const place = (z) => spot(mix(z));

// Position in the picture -> probabilities, moved to the edge where they lie outside
function inside([px, py]) {
  const [x, y] = [(px - LEFT) / SIDE, (BOTTOM - py) / SIDE];
  const top = y / TURN;
  const raw = [1 - x - top / 2, x - top / 2, top].map((w) => Math.max(w, 0.005));
  const sum = raw.reduce((a, b) => a + b);
  return raw.map((w) => w / sum);
}

// Round dots as one path: a dot is a line of no length with round ends
function dots(flat, colour, opacity) {
  let d = "";
  for (let i = 0; i < flat.length; i += 2) {
    const [x, y] = spot([flat[i] / 1000, flat[i + 1] / 1000]);
    d += `M${x.toFixed(1)},${y.toFixed(1)}h0`;
  }
  const look = { stroke: colour, "stroke-width": 6, "stroke-linecap": "round" };
  return shape("path", { d, ...look, "stroke-opacity": opacity, class: "dots" });
}

function triangle({ names, dots: clouds, shares, mean, target, hard }) {
  const outline = CORNERS.map((corner) => spot(corner).join(",")).join(" ");
  const parts = [shape("polygon", { points: outline, class: "axis", "stroke-width": 1.5 })];
  clouds.forEach((flat, k) => parts.push(dots(flat, hard ? "#949494" : COLOURS[k], 0.5)));
  CORNERS.forEach((corner, k) => {
    const [cx, cy] = spot(corner);
    if (hard) {
      const r = 34 * Math.sqrt(shares[k]);
      parts.push(shape("circle", { cx, cy, r, fill: COLOURS[k], "fill-opacity": 0.6 }));
    }
    const where = k === 2 ? { x: cx + 44, y: cy + 4 } : { x: cx, y: cy + 48, class: "middle" };
    parts.push(shape("text", { ...where, style: `fill:${COLOURS[k]};font-weight:600` }, names[k]));
  });
  const [tx, ty] = place(target);
  const diamond = `M${tx},${ty - 9}l9,9l-9,9l-9,-9z`;
  parts.push(shape("path", { d: diamond, class: "axis", "stroke-width": 2.5 }));
  parts.push(shape("text", { x: tx + 13, y: ty + 5 }, "loss 0"));
  const [mx, my] = place(mean);
  const cross = `M${mx - 8},${my - 8}l16,16m0,-16l-16,16`;
  parts.push(shape("path", { d: cross, class: "axis", "stroke-width": 4 }));
  parts.push(shape("text", { x: mx + 16, y: my - 12 }, "mean"));
  return parts;
}

function counts({ names, shares, probabilities, samples, seed }) {
  const [left, right] = [600, 900];
  const x = scale([0, 1], [left, right]);
  const title = `nearest corner of ${samples.toLocaleString("en")} samples (noise ${seed})`;
  const parts = [shape("text", { x: left - 70, y: 30, class: "title" }, title)];
  names.forEach((name, k) => {
    const y = 46 + 40 * k;
    const bar = { x: left, y, width: x(shares[k]) - left, height: 26, fill: COLOURS[k] };
    parts.push(shape("rect", { ...bar, "fill-opacity": 0.65 }));
    const line = { d: `M${x(probabilities[k])},${y - 5}v36`, "stroke-dasharray": "5 3" };
    parts.push(shape("path", { ...line, class: "axis", "stroke-width": 3 }));
    parts.push(shape("text", { x: left - 10, y: y + 19, class: "end" }, name));
    const percent = `${(100 * shares[k]).toFixed(1)} %`;
    parts.push(shape("text", { x: right + 54, y: y + 19, class: "end" }, percent));
  });
  parts.push(shape("text", { x: left, y: 182 }, "bar: share of the samples; dashed: probability π"));
  return parts;
}

function gauges({ bias, sd, exact }) {
  const [left, right, low, high] = [600, 900, 0.001, 20];
  const log = (v) => Math.log10(Math.min(Math.max(v, low), high));
  const x = (v) => scale([log(low), log(high)], [left, right])(log(v));
  const parts = [shape("text", { x: left - 70, y: 226, class: "title" }, "gradient of one sample")];
  [["bias", bias, "#d55e00"], ["sd", sd, "#0173b2"]].forEach(([name, value, fill], i) => {
    const y = 242 + 44 * i;
    parts.push(shape("rect", { x: left, y, width: right - left, height: 28, class: "grid", fill: "none" }));
    parts.push(shape("rect", { x: left, y, width: x(value) - left, height: 28, fill, "fill-opacity": 0.75 }));
    parts.push(shape("text", { x: left - 10, y: y + 20, class: "end" }, name));
    parts.push(shape("text", { x: right + 54, y: y + 20, class: "end" }, value.toFixed(3)));
  });
  [0.001, 0.01, 0.1, 1, 10].forEach((v) => {
    parts.push(shape("line", { x1: x(v), x2: x(v), y1: 242, y2: 314, class: "grid" }));
    parts.push(shape("text", { x: x(v), y: 334, class: "middle" }, `${v}`));
  });
  const mark = { d: `M${x(exact)},234v88`, "stroke-dasharray": "5 3", class: "axis", "stroke-width": 3 };
  parts.push(shape("path", mark));
  const words = `dashed: length of the exact gradient, ${exact.toFixed(3)}`;
  parts.push(shape("text", { x: left, y: 362 }, words));
  return parts;
}

// The probabilities as a handle: dragged by mouse or finger, moved by the arrow keys
function handle(model, picture) {
  const knob = shape("g", { class: "handle", tabindex: 0, role: "slider", "data-knob": "probabilities" });
  knob.setAttribute("aria-label", "probabilities of the three choices: drag, or arrow keys");
  knob.setAttribute("data-lm-suppress-shortcuts", "true");
  knob.setAttribute("aria-valuemin", 0);
  knob.setAttribute("aria-valuemax", 1);
  knob.append(shape("circle", { r: 22, fill: "transparent" }), shape("circle", { r: 9, class: "grip" }));
  knob.append(shape("text", { x: 14, y: 20, class: "title" }, "π"));
  const show = (z) => {
    const [x, y] = place(z);
    knob.setAttribute("transform", `translate(${x.toFixed(1)},${y.toFixed(1)})`);
    knob.setAttribute("aria-valuenow", z[0].toFixed(3));
    const said = model.get("chart").names.map((name, k) => `${name} ${z[k].toFixed(2)}`);
    knob.setAttribute("aria-valuetext", said.join(", "));
  };
  let held = false;
  const put = (at) => {
    const z = inside(at);
    show(z);
    model.set("probabilities", z);
    model.save_changes();
  };
  const where = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY);
    const { x, y } = point.matrixTransform(picture.getScreenCTM().inverse());
    return [x, y];
  };
  knob.addEventListener("pointerdown", (event) => {
    held = true;
    knob.setPointerCapture(event.pointerId);
  });
  knob.addEventListener("pointermove", (event) => held && put(where(event)));
  const release = () => {
    held = false;
    show(model.get("probabilities"));
  };
  knob.addEventListener("pointerup", release);
  knob.addEventListener("pointercancel", release);
  const keys = { ArrowLeft: [-8, 0], ArrowRight: [8, 0], ArrowUp: [0, -8], ArrowDown: [0, 8] };
  knob.addEventListener("keydown", (event) => {
    if (!(event.key in keys)) return;
    event.preventDefault();
    const [x, y] = place(model.get("probabilities"));
    put([x + keys[event.key][0], y + keys[event.key][1]]);
  });
  model.on("change:probabilities", () => held || show(model.get("probabilities")));
  show(model.get("probabilities"));
  picture.append(knob);
  // an img may hold nothing to focus: the words stay with the group, the drawing says nothing
  picture.setAttribute("role", "group");
  picture.firstElementChild.setAttribute("aria-hidden", "true");
}

function draw(chart) {
  return [...triangle(chart), ...counts(chart), ...gauges(chart)];
}

function render(context) {
  const picture = stage(context, () => "0 0 960 448", draw);
  handle(context.model, picture);
}

export default { render };
