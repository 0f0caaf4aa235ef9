// Left: a lane per worker, its jobs as bars, the higher the rung. Right: the best so far of both.

// Bars from one point to the next, in pairs; with a number where it fits.
function bars(height, number) {
  const draw = (look, xs, ys) =>
    xs.filter((_, i) => i % 2).flatMap((end, i) => {
      const [start, middle] = [xs[2 * i], ys[2 * i]];
      const width = Math.max(end - start - 1, 0.5);
      const place = { x: start, y: middle - height / 2, width, height, class: look };
      const inside = { x: (start + end) / 2, y: middle + 4, class: "small middle halo" };
      const label = width > 9 && height > 9 ? [shape("text", inside, number)] : [];
      return [shape("rect", place), ...label];
    });
  return mark(draw, [0, 26], [0, 0]);
}

function lanes({ rungs, workers, now, horizon, title }) {
  const lane = Math.min(40, 270 / workers);
  const marks = rungs.map(({ fidelity, workers: who, starts, ends }, rung) => {
    const height = lane * (0.4 + (0.5 * rung) / Math.max(1, rungs.length - 1));
    const points = [starts.flatMap((start, i) => [start, ends[i]]), who.flatMap((w) => [-w, -w])];
    const name = rung ? `${fidelity}` : `${fidelity} epoch${fidelity > 1 ? "s" : ""}`;
    const { sample } = bars(4 + 4 * rung, rung)("", [[], []]); // a legend's row is low
    return { ...bars(height, rung)(`rung${rung % 4}`, points, { name }), sample };
  });
  marks.push(line("rule", [[now, now], [-workers - 0.6, -0.4]]));
  const every = workers > 8 ? 3 : 1;
  const ticks = Array.from({ length: workers }, (_, i) => -1 - i).filter((_, i) => i % every === 0);
  const y = { title, limits: [-workers - 0.6, -0.4], ticks, say: (v) => `${-v}` };
  return panel(PLACES.left, { x: { title: "seconds", limits: [0, horizon] }, y, marks });
}

function found({ incumbents, now, horizon, limits }) {
  const look = { asynchronous: "first", synchronous: "second" };
  const marks = Object.entries(incumbents).map(([name, [times, values]]) =>
    line(look[name], steps(times, values), { name: `${name} ${values.at(-1).toFixed(3)}` }),
  );
  marks.push(line("rule", [[now, now], limits]));
  const y = { title: "best validation accuracy so far", limits };
  return panel(PLACES.right, { x: { title: "seconds", limits: [0, horizon] }, y, marks });
}

export default sideBySide((chart) => [...lanes(chart), ...found(chart)]);
