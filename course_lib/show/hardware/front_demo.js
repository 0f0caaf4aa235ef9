// Left: networks on the chosen device, its front, the limit. Right: the same front on another one.

function side(place, device, cloud, marks, y) {
  return panel(place, {
    x: { title: `milliseconds on ${device}`, limits: around(cloud[0]) },
    y,
    marks: [dots("unseen", cloud), ...marks],
  });
}

function draw({ device, other, cloud, front, own, best, limit, measured }) {
  const y = { title: "accuracy, %", limits: around([...cloud[0][1], ...front[0][1]]) };
  const left = [
    line("own blue", steps(...front[0]), { name: "front" }),
    line("own dashed", [[limit, limit], y.limits], { name: "limit" }),
    dots("ring", best),
    ...(measured[0].length ? [crosses("own red", measured, { name: "measured here" })] : []),
  ];
  const right = [
    line("own green", steps(...own), { name: "own front" }),
    dots("seen", front[1], { name: `front of ${device}` }),
  ];
  return [...side(PLACES.left, device, cloud[0], left, y), ...side(PLACES.right, other, cloud[1], right, y)];
}

export default sideBySide(draw);
