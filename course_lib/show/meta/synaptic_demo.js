// Left: a bar for each term of the rule. Right: how fast neurons learn by it, and by others.

const LOOKS = { learned: "first", delta: "second", Hebb: "ghost" };

function draw({ terms, coefficients, limits, places, lines }) {
  const row = (i) => terms.length - 1 - i;
  const bars = coefficients.map((size, i) => {
    const look = `own wide ${size > 0 ? "blue" : "red"}`;
    return line(look, [[0, size], [row(i), row(i)]]);
  });
  const zero = line("axis", [[0, 0], [-0.5, terms.length - 0.5]]);
  const names = { ticks: terms.map((_, i) => row(i)), say: (v) => terms[row(v)], title: "" };
  const curves = Object.keys(lines).map((name) => line(LOOKS[name], [places, lines[name]], { end: name }));
  return [
    ...panel([190, 450], {
      x: { title: "coefficient", limits },
      y: { ...names, limits: [-0.5, terms.length - 0.5] },
      marks: [...bars, zero],
    }),
    ...panel(PLACES.right, {
      x: { title: "presentations", limits: [0, places.at(-1)] },
      y: { title: "wrong answers, share", limits: [0, 0.5] },
      marks: curves,
    }),
  ];
}

export default sideBySide(draw);
