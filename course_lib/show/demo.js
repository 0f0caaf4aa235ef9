// What all demos share: knobs, buttons, presets, code to copy, and a stage for an SVG picture.
// A demo's own file is appended to this one and exports `render`.

const FOCUSABLE = ["button", "input", "select", "summary", "textarea"];

function html(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  // Lab's own keys match the focused element itself, so each one must say that they are not meant
  if (FOCUSABLE.includes(tag)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function shape(tag, attributes = {}, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

// value -> position, linear
function scale([low, high], [start, end]) {
  return (value) => start + ((value - low) / (high - low || 1)) * (end - start);
}

function path(xs, ys) {
  return xs.map((x, i) => `${i ? "L" : "M"}${x.toFixed(1)},${ys[i].toFixed(1)}`).join("");
}

// Round values between the limits, and how they are written.
function roundTicks([low, high]) {
  const raw = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + 1e-9 * step; v += step) ticks.push(v);
  return { ticks, say: (v) => v.toFixed(digits).replace(/^-(?=[0.]+$)/, "") };
}

// Horizontal grid lines with numbers, at round values unless the axis has ticks, and a title above.
function verticalAxis(y, axis, left, right) {
  const { ticks, say, title } = { ...roundTicks(axis.limits), ...axis };
  const lines = ticks.flatMap((v) => [
    shape("line", { x1: left, x2: right, y1: y(v), y2: y(v), class: "grid" }),
    shape("text", { x: left - 8, y: y(v) + 5, class: "end" }, say(v)),
  ]);
  return [shape("text", { x: left - 48, y: 22, class: "title" }, title), ...lines];
}

function knob(model, spec) {
  const get = () => model.get(spec.trait);
  const put = (value) => {
    model.set(spec.trait, value);
    model.save_changes();
  };
  const common = { "aria-label": spec.label, "data-knob": spec.trait };
  const shown = html("output", {});
  let input;
  if (spec.kind === "switch") {
    input = html("input", { ...common, type: "checkbox", change: () => put(input.checked) });
  } else if (spec.kind === "number") {
    const change = () => (input.value === "" ? refresh() : put(Math.trunc(Number(input.value))));
    input = html("input", { ...common, type: "number", min: 0, step: 1, change });
  } else if (spec.kind === "choice") {
    input = html("select", { ...common, change: () => put(input.value) });
    input.append(...spec.values.map((value) => html("option", { value }, value)));
  } else {
    const move = () => put(spec.values[Number(input.value)]);
    const range = { type: "range", min: 0, max: spec.values.length - 1, step: 1 };
    input = html("input", { ...common, ...range, input: move });
  }
  const refresh = () => {
    if (spec.kind === "switch") input.checked = get();
    else if (spec.kind === "number" || spec.kind === "choice") input.value = get();
    else {
      const gaps = spec.values.map((value) => Math.abs(value - get()));
      input.value = gaps.indexOf(Math.min(...gaps));
      shown.textContent = get();
      input.setAttribute("aria-valuetext", `${get()}`);
    }
  };
  model.on(`change:${spec.trait}`, refresh);
  refresh();
  const parts = spec.kind === "slider" ? [input, shown] : [input];
  return html("label", { class: "knob" }, `${spec.label} `, ...parts);
}

function buttons(model) {
  const send = (message) => model.send(message);
  const made = model.get("actions").map((action) => {
    const title = `${action.label} (key ${action.key})`;
    const click = () => send({ do: action.name });
    const button = html("button", { type: "button", title, "data-do": action.name, click });
    button.textContent = action.label;
    return button;
  });
  const enable = () => {
    const focused = made.find((button) => button === document.activeElement);
    made.forEach((button, i) => {
      const when = model.get("actions")[i].when;
      button.disabled = when !== "always" && model.get("running") !== (when === "running");
    });
    // a disabled button drops the focus, and the demo's keys with it
    if (focused?.disabled) focused.closest(".demo").focus();
  };
  model.on("change:running", enable);
  enable();
  return made;
}

function presets(model) {
  return model.get("presets").map((preset, index) => {
    const click = () => model.send({ do: "preset", index });
    const attributes = { type: "button", class: "preset", title: preset.comment, click };
    return html("button", { ...attributes, "data-preset": index }, preset.name);
  });
}

function follow(model, trait, element) {
  const refresh = () => (element.textContent = model.get(trait));
  model.on(`change:${trait}`, refresh);
  refresh();
  return element;
}

function codeToCopy(model) {
  const code = follow(model, "code", html("pre", {}));
  const copy = html("button", { type: "button", "data-do": "copy" }, "Copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(model.get("code"));
    copy.textContent = "Copied";
  });
  model.on("change:code", () => (copy.textContent = "Copy"));
  return html("details", {}, html("summary", {}, "as Python"), code, copy);
}

// Build the demo into `el`; `draw(chart)` returns the children of an SVG of that view box, which
// is returned for a demo that adds parts of its own.
function stage({ model, el }, viewBox, draw, extra = []) {
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  el.classList.add("demo");
  el.tabIndex = -1;
  const picture = shape("svg", { viewBox: viewBox(model.get("chart")), role: "img" });
  const layer = shape("g"); // what a demo puts on top of it, such as a handle, outlives a redraw
  picture.append(layer);
  const redraw = () => layer.replaceChildren(...draw(model.get("chart")));
  const relabel = () => picture.setAttribute("aria-label", model.get("label"));
  model.on("change:chart", redraw);
  model.on("change:label", relabel);
  redraw();
  relabel();
  const row = (name, parts) => html("div", { class: name }, ...parts);
  el.append(
    follow(model, "question", html("p", { class: "question" })),
    row("controls", [...buttons(model), ...model.get("knobs").map((k) => knob(model, k))]),
    row("controls", presets(model)),
    ...extra,
    follow(model, "note", html("p", { class: "note", role: "status" })),
    picture,
    codeToCopy(model),
  );
  el.addEventListener("keydown", (event) => {
    if (event.target.matches("textarea, select, input[type=number]")) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const usable = ({ name }) => !el.querySelector(`[data-do=${name}]`).disabled;
    const action = model.get("actions").find((a) => a.key === event.key && usable(a));
    if (action) model.send({ do: action.name });
  });
  return picture;
}
