// The office's report: a file that is too large is refused before it is sent, and waiting is said.
"use strict";

const bring = document.getElementById("bring");
if (bring) {
  const file = document.getElementById("file");
  const problem = document.getElementById("file-problem");
  const tooLarge = () => Boolean(file.files[0] && file.files[0].size > Number(bring.dataset.most));
  file.addEventListener("change", () => {
    problem.textContent = tooLarge() ? bring.dataset.large : "";
    problem.hidden = !tooLarge();
  });
  // a file may be dropped on the form: it is then as if it had been chosen
  document.getElementById("drop-here").hidden = false;
  bring.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    bring.classList.add("over");
  });
  bring.addEventListener("dragleave", () => bring.classList.remove("over"));
  bring.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    bring.classList.remove("over");
    file.files = event.dataTransfer.files;
    file.dispatchEvent(new Event("change"));
    file.focus();
  });
  bring.addEventListener("submit", (event) => {
    if (!tooLarge()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    file.focus();
  });
}

for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    document.getElementById("said").textContent = form.dataset.busy;
    form.querySelector("button").setAttribute("aria-disabled", "true");
  });
}
