const { lab, columns, rows } = JSON.parse(document.getElementById("data").textContent);
const at = Object.fromEntries(columns.map((name, place) => [name, place]));
const part = (id) => document.getElementById(id);
const answers = document.querySelectorAll("article.text");
let place = 0;

// A draft belongs to a text, and to the points and the comment that the gradebook held.
const key = (row) => ["written", lab, ...["student", "cell", "id", "given"].map((name) => row[at[name]])].join("/");
const bare = (text) => text.replace(/^'/, "");
const entered = (row) => ({ points: row[at.points], comment: bare(row[at.comment]) });
const draft = (row) => ({ ...entered(row), ...JSON.parse(localStorage.getItem(key(row)) ?? "{}") });
const keep = (row, change) => localStorage.setItem(key(row), JSON.stringify({ ...draft(row), ...change }));
const changed = (row) => JSON.stringify(draft(row)) !== JSON.stringify(entered(row));

function table() {
  const guarded = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  const filled = rows.map((row) => {
    const line = [...row], { points, comment } = draft(row);
    line[at.points] = points;
    line[at.comment] = guarded(comment);
    return line;
  });
  const line = (fields) => fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(",");
  return "\ufeff" + [columns, ...filled].map((fields) => `${line(fields)}\r\n`).join("");
}

function tell(said = "") {
  const read = rows.filter((row) => draft(row).points !== "").length;
  const open = rows.filter(changed).length;
  const rest = open ? `, ${open} changed and not yet in the gradebook` : "";
  part("state").textContent = `${read} of ${rows.length} read${rest}. ${said}`;
  const { points } = draft(rows[place]);
  for (const button of part("scores").children) {
    button.setAttribute("aria-pressed", String(button.textContent === points));
  }
}

function scores(most) {
  const buttons = Array.from({ length: Math.min(Math.floor(most), 20) + 1 }, (_, score) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = String(score);
    button.addEventListener("click", () => give(String(score)));
    return button;
  });
  part("scores").replaceChildren(...buttons);
}

function show(wanted) {
  answers[place].hidden = true;
  place = (wanted + rows.length) % rows.length;
  const row = rows[place];
  answers[place].hidden = false;
  part("title").textContent = `Answer ${place + 1} of ${rows.length}`;
  part("who").textContent = `${row[at.name]} (${row[at.student]})`.trim();
  part("most").textContent = row[at.max];
  for (const question of document.querySelectorAll(".question")) question.hidden = question.dataset.cell !== row[at.cell];
  scores(Number(row[at.max]));
  part("points").value = draft(row).points;
  part("comment").value = draft(row).comment;
  check("");
  tell();
  part("work").focus();
  scrollTo(0, 0);
}

function check(said) {
  part("wrong").textContent = said;
  part("points").setAttribute("aria-invalid", String(said !== ""));
}

function give(text) {
  const row = rows[place], most = Number(row[at.max]);
  const points = text.trim().replace(",", "."), number = Number(points);
  const right = points === "" || (number >= 0 && number <= most);
  check(right ? "" : `expected a number from 0 to ${most}`);
  if (!right) return;
  keep(row, { points: points === "" ? "" : String(number) });
  if (document.activeElement !== part("points")) part("points").value = draft(row).points;
  tell();
}

function nextWaiting() {
  const order = rows.map((_, step) => (place + 1 + step) % rows.length);
  const found = order.find((other) => draft(rows[other]).points === "");
  if (found === undefined) tell("Every answer has points.");
  else show(found);
}

const actions = {
  ArrowRight: () => show(place + 1),
  ArrowLeft: () => show(place - 1),
  Enter: nextWaiting,
  w: nextWaiting,
  x: () => give("10"),
  c: () => part("comment").focus(),
};
addEventListener("keydown", (event) => {
  const { target, key: pressed } = event;
  if (target.matches("textarea, input[type=text]")) {
    if (pressed === "Escape") part("work").focus();
    return;
  }
  if (!part("keys").checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (pressed === "Enter" && target.matches("button, input, summary")) return;
  const act = /^\d$/.test(pressed) ? () => give(pressed) : actions[pressed];
  if (act) {
    event.preventDefault();
    act();
  }
});

part("points").addEventListener("input", (event) => give(event.target.value));
part("comment").addEventListener("input", (event) => {
  keep(rows[place], { comment: event.target.value });
  tell();
});
part("back").addEventListener("click", () => show(place - 1));
part("next").addEventListener("click", () => show(place + 1));
part("waiting").addEventListener("click", nextWaiting);
part("names").addEventListener("change", (event) => {
  part("who").hidden = !event.target.checked;
});
part("download").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
  link.download = `${lab}_written.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
});
part("copy").hidden = !navigator.clipboard;
part("copy").addEventListener("click", () => navigator.clipboard.writeText(table()).then(() => tell("Copied."), () => tell("The browser does not let this page copy: download it.")));
show(Math.max(0, rows.findIndex((row) => draft(row).points === "")));
