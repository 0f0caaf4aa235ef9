// Left: the fitness over the generations. Right: what neurons learn by the best tree.

const LOOKS = { evolved: "first", delta: "second", Hebb: "ghost" };

function draw({ best, middle, generations, places, lines }) {
  const at = best.map((_, i) => i);
  const fit = [
    line("second", [at, middle], { name: "median" }),
    line("first", [at, best], { name: "best" }),
    dots("own red", [at.slice(-1), middle.slice(-1)]),
    dots("now", [at.slice(-1), best.slice(-1)]),
  ];
  const curves = Object.keys(lines).map((name) => line(LOOKS[name], [places, lines[name]], { end: name }));
  const share = { title: "wrong answers, share", limits: [0, 0.5] };
  return [
    ...panel(PLACES.left, {
      x: { title: "generation", limits: [0, generations - 1] },
      y: { title: "fitness (small is fit)", limits: [0, 0.6] },
      marks: fit,
    }),
    ...panel(PLACES.right, {
      x: { title: "presentations of unseen functions", limits: [0, places.at(-1)] },
      y: share,
      marks: curves,
    }),
  ];
}

export default sideBySide(draw);
