// Left: the fast weights at this moment. Right: what would be recalled now.

function draw({ panels: [fast, margins] }) {
  return [...signs(fast, PLACES.left), ...signs(margins, [650, 930])];
}

export default sideBySide(draw);
