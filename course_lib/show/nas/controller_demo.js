// Left: how likely the controller finds each choice. Right: what it has found.

function draw({ spent, best, mean, before, limits, budget, ...chart }) {
  const marks = [
    line("ghost", [before.spent, before.best], { name: "best of the run before" }),
    line("second", [spent, mean], { end: `batch ${mean.at(-1)?.toFixed(3)}` }),
    line("first", [spent, best], { end: `best ${best.at(-1)?.toFixed(3)}` }),
  ];
  const x = { title: "trials", limits: [0, budget] };
  return [...heat(chart), ...panel(PLACES.right, { x, y: { title: "value", limits }, marks })];
}

export default sideBySide(draw);
