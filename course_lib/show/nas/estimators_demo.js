// Two histograms on one scale: score function on the left, reparametrised on the right.

function one({ name, mean, sd, outside, shares, other }, { edges, exact }, look) {
  const beyond = outside ? ` (${(100 * outside).toFixed(1)} % beyond: in the end bars)` : "";
  const signed = `${mean < 0 ? "−" : "+"}${Math.abs(mean).toFixed(4)}`;
  const compared = `${other.name.split(", ").at(-1)}, sd ${other.sd.toFixed(4)}`;
  const marks = [
    area(look, histogram(edges, shares)),
    line("rule", [[exact, exact], [0, 1]], { name: "exact" }),
    line("second", [[mean, mean], [0, 1]], { name: "mean" }),
    line("ghost", histogram(edges, other.shares), { name: compared }),
  ];
  const x = { title: `one-sample estimate${beyond}`, limits: [edges[0], edges.at(-1)] };
  return { x, y: { ...SHARES, title: `${name}: mean ${signed}, sd ${sd.toFixed(4)}` }, marks };
}

function draw(chart) {
  const [score, pathwise] = chart.panels;
  const left = panel(PLACES.left, one(score, chart, "bar blue"));
  return [...left, ...panel(PLACES.right, one(pathwise, chart, "bar"))];
}

export default sideBySide(draw);
