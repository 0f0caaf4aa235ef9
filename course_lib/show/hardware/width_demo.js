// Left: a dot per network, operations against time. Right: their rank correlation over the widths.

const LOOKS = ["blue", "red dashed", "green dotted", "purple dash-dot", "grey"];

function draw({ macs, milliseconds, device, widths, place, correlation }) {
  const rows = Object.entries(correlation);
  const here = [[widths[place]], [correlation[device][place]]];
  return [
    ...panel(PLACES.left, {
      x: { title: "multiply-accumulates, millions", limits: around(macs) },
      y: { title: `milliseconds on ${device}`, limits: [0, 1.05 * Math.max(...milliseconds)] },
      marks: [dots("seen", [macs, milliseconds], { name: "a network" })],
    }),
    ...panel(PLACES.right, {
      x: { title: "channels", limits: [widths[0], widths.at(-1)], by: Math.log, ticks: widths, say: String },
      y: { title: "rank correlation of the two", limits: [Math.min(0, ...rows.flatMap(([, row]) => row)), 1] },
      marks: [
        ...rows.map(([name, row], i) => line(`own ${LOOKS[i % LOOKS.length]}`, [widths, row], { name })),
        dots("ring", here),
      ],
    }),
  ];
}

export default sideBySide(draw);
