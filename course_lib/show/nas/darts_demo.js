// Left: the mixture on every edge. Right: both losses. Below: how far the search is.

function draw({ epoch, train, valid, epochs, ...chart }) {
  const marks = [
    line("first", [epoch, train], { end: `train ${train.at(-1)?.toFixed(2)}` }),
    line("second", [epoch, valid], { end: `valid ${valid.at(-1)?.toFixed(2)}` }),
  ];
  const x = { title: `epoch, of ${epochs}`, limits: [0, epochs] };
  const y = { title: "loss of the mixture", limits: [0, Math.max(2.5, ...train, ...valid)] };
  const bar = { x: 70, y: 398, height: 10, rx: 5 };
  return [
    ...heat(chart, "weight of each operation on each edge"),
    ...panel(PLACES.right, { x, y, marks }),
    shape("rect", { ...bar, width: 860, class: "axis", "stroke-opacity": 0.4 }),
    shape("rect", { ...bar, width: (860 * (epoch.at(-1) ?? 0)) / epochs, class: "bar" }),
  ];
}

export default sideBySide(draw);
