// Two histograms on one scale: score function on the left, reparametrised on the right.

const COLOURS = ["#0173b2", "#029e73"];

// Small shares count: the height is the root of the share.
const height = (share) => 300 - 210 * Math.sqrt(share);

function outline(shares, x, edges) {
  const xs = shares.flatMap((_, i) => [x(edges[i]), x(edges[i + 1])]);
  return path(xs, shares.flatMap((share) => [height(share), height(share)]));
}

function panel({ name, mean, sd, outside, shares, other }, { edges, exact }, left, colour) {
  const right = left + 400;
  const x = scale([edges[0], edges.at(-1)], [left, right]);
  const bars = `${outline(shares, x, edges)}V300H${left}Z`;
  const signed = (v) => `${v < 0 ? "−" : "+"}${Math.abs(v).toFixed(4)}`;
  const parts = [
    shape("text", { x: left, y: 26, class: "title", style: `fill:${colour}` }, name),
    shape("text", { x: left, y: 48 }, `mean ${signed(mean)}   sd ${sd.toFixed(4)}`),
  ];
  [0.01, 0.1, 0.5, 1].forEach((share) => {
    const y = height(share);
    parts.push(shape("line", { x1: left, x2: right, y1: y, y2: y, class: "grid" }));
    parts.push(shape("text", { x: left - 6, y: y + 4, class: "end" }, `${100 * share} %`));
  });
  parts.push(shape("path", { d: bars, fill: colour, "fill-opacity": 0.65 }));
  parts.push(shape("path", { d: outline(other.shares, x, edges), class: "ghost" }));
  const limit = (v) => Math.min(Math.max(v, edges[0]), edges.at(-1));
  parts.push(shape("path", { d: `M${x(exact)},72V300`, class: "axis", "stroke-width": 2.5 }));
  parts.push(shape("path", { d: `M${x(limit(mean))},72V300`, class: "second" }));
  [edges[0], 0, edges.at(-1)].forEach((v, i) => {
    const kind = ["", "middle", "end"][i];
    parts.push(shape("text", { x: x(v), y: 320, class: kind }, v.toFixed(2)));
  });
  const compared = `dotted: ${other.name}, sd ${other.sd.toFixed(4)}`;
  parts.push(shape("text", { x: left, y: 346 }, compared));
  if (outside > 0) {
    const words = `${(100 * outside).toFixed(1)} % lie outside and count in the outermost bars`;
    parts.push(shape("text", { x: left, y: 370 }, words));
  }
  return parts;
}

function draw(chart) {
  const parts = chart.panels.flatMap((one, i) => panel(one, chart, 56 + 484 * i, COLOURS[i]));
  const words = `line: exact slope ${chart.exact.toFixed(4)}; dashed: mean of the estimates; samples no. ${chart.seed}`;
  return [...parts, shape("text", { x: 56, y: 402 }, words)];
}

export default { render: (context) => stage(context, () => "0 0 960 414", draw) };
