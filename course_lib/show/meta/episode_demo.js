// A row per class: its support images, then queries; under each query what the method calls it.

const [LEFT, TOP, GAP] = [96, 54, 12];
const ROOM = 960 - LEFT - 60;

function size({ support, query }) {
  const columns = support[0].length + query[0].length;
  return Math.min(64, Math.floor(ROOM / columns) - GAP, Math.floor(560 / support.length) - 30);
}

function picture(href, x, y, side) {
  return shape("image", { href, x, y, width: side, height: side, style: "image-rendering:pixelated" });
}

function query(href, answer, row, x, y, side) {
  const right = answer === row;
  const kind = right ? "own green" : "own red dashed";
  const frame = { x: x - 2, y: y - 2, width: side + 4, height: side + 4 };
  const words = `${right ? "✓" : "✗"} ${answer}`;
  const under = { x: x + side / 2, y: y + side + 18, class: right ? "middle" : "middle title" };
  return [
    picture(href, x, y, side),
    shape("rect", { ...frame, class: kind }),
    shape("text", under, words),
  ];
}

function draw(chart) {
  const { support, answers, method } = chart;
  const side = size(chart);
  const start = LEFT + support[0].length * (side + GAP) + 40;
  const right = answers.flatMap((row, i) => row.filter((answer) => answer === i)).length;
  const total = answers.flat().length;
  const title = `queries: ${right} of ${total} right, by ${method}`;
  const parts = [
    shape("text", { x: LEFT, y: 30, class: "title" }, "support"),
    shape("text", { x: start, y: 30, class: "title" }, title),
  ];
  support.forEach((row, i) => {
    const y = TOP + i * (side + 30);
    parts.push(shape("text", { x: LEFT - 12, y: y + side / 2 + 5, class: "end" }, `class ${i}`));
    row.forEach((href, k) => parts.push(picture(href, LEFT + k * (side + GAP), y, side)));
    chart.query[i].forEach((href, k) =>
      parts.push(...query(href, answers[i][k], i, start + k * (side + GAP), y, side)),
    );
  });
  return parts;
}

const height = (chart) => TOP + chart.support.length * (size(chart) + 30);

function render(context) {
  const { model } = context;
  const picture = stage(context, (chart) => `0 0 960 ${height(chart)}`, draw);
  model.on("change:chart", () => picture.setAttribute("viewBox", `0 0 960 ${height(model.get("chart"))}`));
}

export default { render };
