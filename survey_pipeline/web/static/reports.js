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
