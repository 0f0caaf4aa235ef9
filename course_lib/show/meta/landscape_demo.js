// Left: the mean loss of theta and each task's steps from it. Right: the mean loss after them.

const [TOP, BOTTOM] = [44, 384];
const PLACES = [[70, 460], [540, 930]]; // prettier-ignore
const KINDS = ["green dotted", "red dashed", "purple dash-dot"];

const clip = (value, [low, high]) => Math.min(Math.max(value, low), high);

function places({ amplitudes, phases }, ends) {
  const [x, y] = [scale(amplitudes, ends), scale(phases, [BOTTOM, TOP])];
  return ([a, p]) => [x(clip(a, amplitudes)), y(clip(p, phases))];
}

const along = (points) => path(points.map((p) => p[0]), points.map((p) => p[1]));

// A task's mark: triangle, square, diamond, as its colour's second channel
function taskMark([x, y], index) {
  const d = [`M${x},${y - 9}l9,16h-18z`, `M${x - 7},${y - 7}h14v14h-14z`, `M${x},${y - 10}l10,10l-10,10l-10,-10z`];
  return shape("path", { d: d[index], class: `spread solid ${KINDS[index]}` });
}

function ground(lines, at, ends, { amplitudes, phases }, title) {
  const parts = [shape("text", { x: ends[0], y: 22, class: "title" }, title)];
  const longest = {};
  lines.forEach(({ level, line }) => {
    if (!(longest[level]?.length > line.length)) longest[level] = line;
  });
  lines.forEach(({ line }) => {
    const d = along(line.map(at));
    parts.push(shape("path", { d, class: "axis contour", "stroke-opacity": 0.35 }));
  });
  const taken = [];
  Object.entries(longest).forEach(([level, line]) => {
    const [x, y] = at(line[Math.floor(line.length / 2)]);
    if (taken.some(([u, v]) => Math.hypot(x - u, y - v) < 24)) return;
    taken.push([x, y]);
    parts.push(shape("text", { x: clip(x, [ends[0] + 12, ends[1] - 12]), y: y + 4, class: "middle small halo" }, level));
  });
  const frame = { x: ends[0], y: TOP, width: ends[1] - ends[0], height: BOTTOM - TOP };
  parts.push(shape("rect", { ...frame, class: "axis", "stroke-opacity": 0.6 }));
  for (let a = amplitudes[0]; a <= amplitudes[1]; a++)
    parts.push(shape("text", { x: at([a, 0])[0], y: BOTTOM + 20, class: "middle" }, `${a}`));
  for (let p = Math.ceil(phases[0]); p <= phases[1]; p++)
    parts.push(shape("text", { x: ends[0] - 8, y: at([0, p])[1] + 5, class: "end" }, `${p}`));
  const middle = { x: (ends[0] + ends[1]) / 2, y: BOTTOM + 42, class: "middle" };
  parts.push(shape("text", middle, "amplitude of θ"));
  const turned = { x: -(TOP + BOTTOM) / 2, y: ends[0] - 38, transform: "rotate(-90)", class: "middle" };
  parts.push(shape("text", turned, "phase of θ"));
  return parts;
}

function arrow([x, y], [toX, toY], kind) {
  const angle = (Math.atan2(toY - y, toX - x) * 180) / Math.PI;
  const head = { d: "M4,0l-12,-6v12z", transform: `translate(${toX},${toY})rotate(${angle})` };
  return [
    shape("path", { d: along([[x, y], [toX, toY]]), class: `own wide ${kind}` }), // prettier-ignore
    shape("path", { ...head, class: `spread solid ${kind}` }),
  ];
}

function best(at, place, name, cross) {
  const [x, y] = at(place);
  const plus = `M${x - 9},${y}h18M${x},${y - 9}v18`;
  const star = `${plus}M${x - 6},${y - 6}l12,12M${x - 6},${y + 6}l12,-12`;
  const words = { x: x + 13, y: y - 8, class: "halo title" };
  return [
    shape("path", { d: cross ? plus : star, class: "own blue", "stroke-width": 4 }),
    shape("text", words, name),
  ];
}

function before(chart, scenery, at) {
  const parts = scenery.tasks.map((task, i) => taskMark(at(task), i));
  chart.paths.forEach((path, i) => {
    parts.push(shape("path", { d: along(path.map(at)), class: `own ${KINDS[i]} way` }));
    parts.push(...arrow(at(chart.theta), at(chart.arrows[i]), KINDS[i]));
  });
  return [...parts, ...best(at, chart.joint, "joint", true)];
}

function after(chart, at) {
  const parts = [...best(at, chart.joint, "joint", true)];
  if (chart.steps) parts.push(...best(at, chart.maml, "MAML", false));
  if (chart.trail.length > 1) {
    parts.push(shape("path", { d: along(chart.trail.map(at)), class: "first trail" }));
    const [cx, cy] = at(chart.trail.at(-1));
    parts.push(shape("circle", { cx, cy, r: 5, class: "now" }));
  }
  return parts;
}

function words({ losses, steps, trail }) {
  const after = `after ${steps} inner step${steps === 1 ? "" : "s"}`;
  const [theta, joint, maml] = losses.map((loss) => loss.toFixed(3));
  const rows = [
    `Mean loss ${after}: ${theta} from θ, ${joint} from joint, ${maml} from the best.`,
    `Marks: the tasks' best θ; arrows: one step of each; line on the right: ${trail.length - 1} meta-steps.`,
  ];
  return rows.map((row, i) => shape("text", { x: PLACES[0][0], y: BOTTOM + 72 + 22 * i }, row));
}

function draw(chart, scenery) {
  const [left, right] = PLACES.map((ends) => places(scenery, ends));
  const title = `mean loss after ${chart.steps} inner step${chart.steps === 1 ? "" : "s"}`;
  return [
    ...ground(scenery.before, left, PLACES[0], scenery, "mean loss now; drag θ"),
    ...before(chart, scenery, left),
    ...ground(scenery.after, right, PLACES[1], scenery, title),
    ...after(chart, right),
    ...words(chart),
  ];
}

// theta as a handle in both panels: dragged by mouse or finger, in the left one by arrow keys, too
function handle(model, picture, ends, name) {
  const { amplitudes, phases } = model.get("scenery");
  const at = places({ amplitudes, phases }, ends);
  const [back, down] = [scale(ends, amplitudes), scale([BOTTOM, TOP], phases)];
  const knob = shape("g", { class: "handle", tabindex: 0, role: "slider", "data-knob": name });
  const range = { "aria-valuemin": amplitudes[0], "aria-valuemax": amplitudes[1] };
  const words = { "aria-label": "theta: drag, or arrow keys", "data-lm-suppress-shortcuts": "true" };
  for (const [key, value] of Object.entries({ ...range, ...words })) knob.setAttribute(key, value);
  knob.append(shape("circle", { r: 20, fill: "transparent" }), shape("circle", { r: 9, class: "grip" }));
  knob.append(shape("text", { x: -18, y: -10, class: "title halo" }, "θ"));
  const show = () => {
    const theta = model.get("theta");
    const [x, y] = at(theta);
    knob.setAttribute("transform", `translate(${x.toFixed(1)},${y.toFixed(1)})`);
    knob.setAttribute("aria-valuenow", theta[0].toFixed(2));
    knob.setAttribute("aria-valuetext", `amplitude ${theta[0].toFixed(2)}, phase ${theta[1].toFixed(2)}`);
  };
  const put = ([a, p]) => {
    model.set("theta", [clip(a, amplitudes), clip(p, phases)].map((v) => Math.round(1000 * v) / 1000));
    model.save_changes();
  };
  let held = false;
  knob.addEventListener("pointerdown", (event) => {
    held = true;
    knob.setPointerCapture(event.pointerId);
  });
  knob.addEventListener("pointermove", (event) => {
    if (!held) return;
    const point = new DOMPoint(event.clientX, event.clientY);
    const { x, y } = point.matrixTransform(picture.getScreenCTM().inverse());
    put([back(x), down(y)]);
  });
  for (const end of ["pointerup", "pointercancel"]) knob.addEventListener(end, () => (held = false));
  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  knob.addEventListener("keydown", (event) => {
    if (!(event.key in keys)) return;
    event.preventDefault();
    const size = event.shiftKey ? 0.5 : 0.05;
    put(model.get("theta").map((v, i) => v + size * keys[event.key][i]));
  });
  model.on("change:theta", show);
  show();
  picture.append(knob);
}

function render(context) {
  const { model } = context;
  const picture = stage(context, () => "0 0 960 484", (chart) => draw(chart, model.get("scenery")));
  PLACES.forEach((ends, i) => handle(model, picture, ends, ["theta", "theta-after"][i]));
  // an img may hold nothing to focus: the words stay with the group, the drawing says nothing
  picture.setAttribute("role", "group");
  picture.firstElementChild.setAttribute("aria-hidden", "true");
}

export default { render };
