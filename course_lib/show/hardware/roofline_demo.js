// Left: the roof and the layers under it. Right: the time of every operator, and its overhead.

const powers = ([low, high]) => {
  const ends = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const all = Array.from({ length: ends[1] - ends[0] + 1 }, (_, i) => 10 ** (ends[0] + i));
  return all.filter((_, i) => all.length < 7 || i % 2 === 0);
};
const short = (v) => {
  const [unit, name] = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]].find(([u]) => v >= u) ?? [1, ""];
  return `${Number((v / unit).toPrecision(2))}${name}`;
};

function draw({ across, roof, intensity, reached, milliseconds, overhead, device }) {
  const x = [across[0], across.at(-1)];
  const y = [Math.min(...reached, ...roof) / 2, Math.max(...roof) * 2];
  const order = milliseconds.map((_, i) => i + 1);
  const start = milliseconds.map(() => overhead);
  return [
    ...panel(PLACES.left, {
      x: { title: "multiply-accumulates per byte", limits: x, by: Math.log, ticks: powers(x), say: short },
      y: { title: `MACs per second: ${device}`, limits: y, by: Math.log, ticks: powers(y), say: short },
      marks: [line("own", [across, roof], { name: "roof" }), dots("seen", [intensity, reached], { name: "a layer" })],
    }),
    ...panel(PLACES.right, {
      x: { title: "operator", limits: [0, milliseconds.length + 1] },
      y: { title: "milliseconds", limits: [0, Math.max(...milliseconds)] },
      marks: [
        dots("seen", [order, milliseconds], { name: "an operator" }),
        line("bar-line", [order, start], { name: "to start one" }),
      ],
    }),
  ];
}

export default sideBySide(draw);
