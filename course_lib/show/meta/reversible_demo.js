// Left: the way there and two ways back. Right: how far each is off; zero is at the bottom.

function draw({ low, high, there, plain, exact, error, nothing, worst }) {
  const paths = [
    line("first", there, { name: "there" }),
    line("second", plain, { name: "back, plain floats" }),
    dots("own green", exact, { name: "back, buffer" }),
  ];
  const undone = error.map((_, i) => i);
  const errors = [
    line("second", [undone, error], { name: "plain floats" }),
    line("own green wide", [undone, undone.map(() => nothing)], { name: "with the buffer: exactly 0" }),
  ];
  const power = (v) => (v === nothing ? "0" : v === 0 ? "1" : `1e${v}`);
  const ticks = [nothing, -8, -6, -4, -2, 0, 2, worst];
  const x = { title: "first weight", limits: [low[0], high[0]] };
  const y = { title: "second weight", limits: [low[1], high[1]] };
  const off = { title: "error of a weight", limits: [nothing - 0.3, worst], ticks, say: power };
  return [
    ...panel(PLACES.left, { x, y, marks: paths }),
    ...panel(PLACES.right, { x: { title: "steps undone", limits: [0, error.length - 1] }, y: off, marks: errors }),
  ];
}

export default sideBySide(draw);
