// Accounts or keys for all offices: made part by part, joined into one file that the browser saves.
"use strict";

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function save(name, lines) {
  const way = document.createElement("a");
  way.href = URL.createObjectURL(new Blob(["\uFEFF", ...lines], { type: "text/csv;charset=utf-8" }));
  way.download = name;
  way.click();
  window.setTimeout(() => URL.revokeObjectURL(way.href), 60000);
}

async function askForPart(form, after) {
  const body = new URLSearchParams(new FormData(form));
  body.set("after", after);
  const answer = await fetch(form.action, { method: "POST", body });
  const isFile = answer.ok && (answer.headers.get("Content-Type") || "").startsWith("text/csv");
  if (!isFile) throw new Error(String(answer.status));
  return { text: await answer.text(), told: (name) => answer.headers.get(name) };
}

async function makeAll(form) {
  const said = form.querySelector("[role=status]");
  const bar = form.querySelector("progress");
  const stay = (event) => event.preventDefault();
  const lines = [];
  const sums = { made: 0, refused: 0, all: 0 };
  let after = "";
  let left = 1;
  window.addEventListener("beforeunload", stay);
  bar.hidden = false;
  try {
    while (left > 0) {
      const part = await askForPart(form, after);
      // every part begins with the same headings
      lines.push(lines.length ? part.text.slice(part.text.indexOf("\n") + 1) : part.text);
      sums.made += Number(part.told("X-Made"));
      sums.refused += Number(part.told("X-Refused"));
      left = Number(part.told("X-Left"));
      after = decodeURIComponent(part.told("X-Last"));
      sums.all = sums.made + sums.refused + left;
      bar.max = sums.all;
      bar.value = sums.all - left;
      said.textContent = filled(form.dataset.going, sums);
    }
  } catch {
    // what was made until here is saved all the same
  }
  window.removeEventListener("beforeunload", stay);
  bar.hidden = true;
  if (lines.length) save(form.dataset.file, lines);
  said.textContent = filled(left > 0 ? form.dataset.broken : sums.refused ? form.dataset.some : form.dataset.done, sums);
}

for (const form of document.querySelectorAll("form[data-bulk]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    await makeAll(form);
    button.disabled = false;
  });
}
