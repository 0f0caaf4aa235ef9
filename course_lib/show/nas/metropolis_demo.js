// Left: the value at each step, refused proposals as crosses. Right: where the chain has been.

function draw({ first, trace, proposed, accepted, edges, visited, stationary }) {
  const y = { title: "value", limits: around(edges) };
  const at = trace.map((_, i) => first + i);
  const refused = at.map((_, i) => i).filter((i) => !accepted[i]);
  const [visits, goal] = [visited, stationary].map((shares) => histogram(edges, shares).toReversed());
  const walk = [
    crosses("refused", [at, proposed].map((row) => refused.map((i) => row[i])), { name: "refused" }),
    line("first", steps(at, trace), { name: "current" }),
    dots("now", [at.slice(-1), trace.slice(-1)]),
  ];
  const stays = [area("bar", visits, { name: "visited" }), line("second", goal, { name: "stationary" })];
  const x = { title: "step", limits: [first, first + Math.max(trace.length, 50) - 1] };
  const left = panel(PLACES.left, { x, y, marks: walk });
  return [...left, ...panel(PLACES.right, { x: { ...SHARES, title: "share of steps" }, y, marks: stays })];
}

export default sideBySide(draw);
