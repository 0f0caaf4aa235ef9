// A heat map: probabilities as colours and numbers.

const CIVIDIS = [[0, 34, 78], [65, 77, 107], [124, 123, 120], [188, 175, 111], [254, 232, 56]];

function cividis(share) {
  const place = Math.min(Math.max(share, 0), 1) * (CIVIDIS.length - 1);
  const low = Math.min(Math.floor(place), CIVIDIS.length - 2);
  const mix = CIVIDIS[low].map((c, i) => c + (place - low) * (CIVIDIS[low + 1][i] - c));
  return `rgb(${mix.map(Math.round)})`;
}

// One column per decision, one row per choice.
function heat({ heat: table, decisions, choices }, title = "probability of each choice") {
  const narrow = decisions.length > 9;
  const [left, top, width, height] = [92, 50, 390, narrow ? 190 : 290];
  const same = choices.every((names) => names.join() === choices[0].join());
  const w = width / decisions.length;
  const h = height / Math.max(...choices.map((names) => names.length));
  const parts = [shape("text", { x: left, y: 22, class: "title" }, title)];
  decisions.forEach((decision, i) => {
    const middle = { x: left + (i + 0.5) * w, class: "middle" };
    const turned = { x: -top - height - 6, y: middle.x + 4, transform: "rotate(-90)", class: "small end" };
    const place = narrow ? turned : { ...middle, y: top - 8 };
    parts.push(shape("text", place, decision));
    choices[i].forEach((name, j) => {
      const p = table[i][j];
      const y = top + j * h;
      const cell = { x: left + i * w, y, width: w - 1, height: h - 1, fill: cividis(p) };
      parts.push(shape("rect", cell));
      const ink = `fill:${p > 0.55 ? "#000" : "#fff"}`;
      const short = 6.5 * name.length < w ? name : "";
      const text = narrow ? short : same ? p.toFixed(2) : `${name}: ${p.toFixed(2)}`;
      const kind = narrow ? "small middle" : "middle";
      parts.push(shape("text", { ...middle, y: y + h / 2 + 5, class: kind, style: ink }, text));
    });
  });
  if (same)
    choices[0].forEach((name, j) =>
      parts.push(shape("text", { x: left - 6, y: top + (j + 0.5) * h + 5, class: "end" }, name)),
    );
  return parts;
}
