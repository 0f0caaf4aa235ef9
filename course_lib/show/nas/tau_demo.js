// Left: one dot per architecture. Right: Kendall's tau with its interval as the sample grows.

function draw({ x: xs, y: ys, size, how, sizes, tau, low, high, place }) {
  const band = [[...sizes, ...sizes.toReversed()], [...high, ...low.toReversed()]];
  const here = [sizes[place], sizes[place]];
  const pairs = [
    dots("unseen", [xs.slice(size), ys.slice(size)], { name: "not yet" }),
    dots("seen", [xs.slice(0, size), ys.slice(0, size)], { name: "compared" }),
  ];
  const growth = [
    area("band", band, { name: "95 % interval" }),
    line("axis", [[sizes[0], sizes.at(-1)], [0, 0]]),
    line("first", [sizes, tau], { name: "tau" }),
    line("bar-line", [here, [low[place], high[place]]], { name: "at this size" }),
    dots("now", [here.slice(1), [tau[place]]]),
  ];
  const counts = { limits: [sizes[0], sizes.at(-1)], by: Math.log, ticks: sizes, say: (v) => `${v}` };
  return [
    ...panel(PLACES.left, {
      x: { title: "stand-alone accuracy (own training)", limits: around(xs) },
      y: { title: how, limits: around(ys) },
      marks: pairs,
    }),
    ...panel(PLACES.right, {
      x: { ...counts, title: "architectures compared" },
      y: { title: "Kendall's tau", limits: [Math.min(...low, -0.1), 1] },
      marks: growth,
    }),
  ];
}

export default sideBySide(draw);
