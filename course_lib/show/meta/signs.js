// Signed numbers as squares: full where positive, hollow where negative, large where large.

function signs({ title, rows, columns, values, largest }, [left, right]) {
  const cell = Math.min((right - left) / columns.length, 280 / rows.length);
  const [x, y] = [(j) => left + (j + 0.5) * cell, (i) => TOP + (i + 0.5) * cell];
  const frame = { x: left, y: TOP, width: columns.length * cell, height: rows.length * cell };
  const squares = values.flatMap((row, i) =>
    row.map((value, j) => {
      const side = 0.92 * cell * Math.sqrt(Math.min(Math.abs(value ?? 0) / largest, 1));
      const place = { x: x(j) - side / 2, y: y(i) - side / 2, width: side, height: side };
      return shape("rect", { ...place, class: value > 0 ? "positive" : "negative" });
    }),
  );
  return [
    shape("text", { x: left - 48, y: 22, class: "title" }, title),
    shape("rect", { ...frame, class: "axis", "stroke-opacity": 0.6 }),
    ...squares,
    ...rows.map((name, i) => shape("text", { x: left - 8, y: y(i) + 5, class: "end" }, name)),
    ...columns.map((name, j) =>
      shape("text", { x: x(j), y: TOP + rows.length * cell + 20, class: "middle" }, name),
    ),
  ];
}
