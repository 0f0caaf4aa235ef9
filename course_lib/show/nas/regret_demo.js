// Left: median regret over the trainings. Right: how likely each search beats the one chosen.

const ROUND = [1, 2, 5].flatMap((m) => [0.01, 0.1, 1, 10, 100, 1000].map((power) => m * power));

function powers(title, limits) {
  const ticks = ROUND.filter((v) => limits[0] <= v && v <= limits[1]);
  return { title, limits, by: Math.log, ticks, say: (v) => `${+v.toPrecision(1)}` };
}

function regrets({ budgets, budget, lines, bands, limits }) {
  const marks = [
    ...bands.map(({ look, low, high }) => {
      const around = [[...budgets, ...budgets.toReversed()], [...high, ...low.toReversed()]];
      return area(`spread ${look}`, around);
    }),
    line("ghost", [[budget, budget], limits]),
    ...lines.map(({ name, look, y }) => line(`own ${look}`, [budgets, y], { end: name, keyed: true })),
  ];
  const y = powers("median regret, points", limits);
  return panel([70, 400], { x: powers("trainings", [budgets[0], budgets.at(-1)]), y, marks });
}

function chances({ wins, against, seeds, all }) {
  const row = (i) => wins.length - 1 - i;
  const marks = [
    line("axis", [[0.5, 0.5], [-0.5, wins.length - 0.5]]),
    ...wins.flatMap(({ look, low, high, estimate }, i) => [
      line(`own wide ${look}`, [[low, high], [row(i), row(i)]]),
      dots(`own ${look}`, [[estimate], [row(i)]], { name: i ? "" : `${seeds} seeds` }),
    ]),
    dots("ring", [wins.map((win) => win.all), wins.map((_, i) => row(i))], { name: `all ${all} seeds` }),
  ];
  const ticks = wins.map((_, i) => row(i));
  const y = { ticks, say: (v) => wins[row(v)].name, limits: [-0.5, wins.length - 0.5] };
  const title = `P(win against ${against}), 95 %`;
  return panel([640, 930], { x: { title, limits: [0, 1] }, y: { ...y, title: "" }, marks });
}

export default sideBySide((chart) => [...regrets(chart), ...chances(chart)]);
