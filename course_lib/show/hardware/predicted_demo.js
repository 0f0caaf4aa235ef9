// Left: a dot per network, right where it lies on the line. Right: errors by convolutions.

function draw({ measured, predicted, device, groups, residuals }) {
  const ends = around(measured);
  const [low, middle, high] = [0, 1, 2].map((i) => residuals.map((row) => row[i]));
  const spread = groups.map((group, i) => line("bar-line", [[group, group], [low[i], high[i]]]));
  const heights = [0, ...low, ...high];
  return [
    ...panel(PLACES.left, {
      x: { title: `measured on ${device}, ms`, limits: ends },
      y: { title: "predicted, ms", limits: ends },
      marks: [
        dots("unseen", [measured, predicted], { name: "a network" }),
        line("own wide", [ends, ends], { name: "right" }),
      ],
    }),
    ...panel(PLACES.right, {
      x: { title: "convolutions in the cell", limits: around(groups), ticks: groups, say: String },
      y: { title: "predicted too high, %: median and quartiles", limits: around(heights) },
      marks: [
        line("axis", [around(groups), [0, 0]]),
        ...spread,
        dots("seen", [groups, middle], { name: "median" }),
      ],
    }),
  ];
}

export default sideBySide(draw);
