// The ballot counts while it is filled in, and warns before answers that are not saved are lost.
// It works without this script. Nothing is kept in the browser.
"use strict";

const paper = document.getElementById("paper");
let unsaved = false;
let at = -1;

if (paper) {
  const votes = [...paper.querySelectorAll(".vote")];
  const open = (vote) => !vote.querySelector(":checked");

  const count = () => {
    document.getElementById("answered").textContent = votes.filter((one) => !open(one)).length;
    for (const place of document.querySelectorAll("[data-of]")) {
      const mine = votes.filter((one) => one.dataset.in === place.dataset.of);
      place.textContent = mine.filter((one) => !open(one)).length;
    }
    document.getElementById("unsaved").hidden = !unsaved;
    document.getElementById("onward").hidden = !votes.some(open);
  };

  paper.addEventListener("change", () => { unsaved = true; count(); });
  paper.addEventListener("submit", () => { unsaved = false; });
  paper.addEventListener("focusin", (event) => {
    const vote = event.target.closest(".vote");
    if (vote) at = votes.indexOf(vote);
  });
  document.getElementById("onward").addEventListener("click", (event) => {
    event.preventDefault();
    const next = votes.slice(at + 1).find(open) || votes.find(open);
    next?.scrollIntoView({ block: "center" });
    next?.querySelector("input").focus({ preventScroll: true });
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  count();
}
