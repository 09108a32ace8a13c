// The desks of callers and readers: Enter sends the form, Escape leaves a field. After each answer
// of the server the new heading has the focus; after an error, what had it before.
"use strict";

htmx.config.defaultSettleDelay = 0; // a key that is pressed at once finds its button ready

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const form = document.querySelector("form.log");
  const field = event.target.closest("textarea, input:not([type=radio]):not([type=checkbox])");
  if (event.key === "Escape" && field) field.blur();
  if (event.key !== "Enter" || event.repeat || !form?.querySelector("#save")) return;
  if (field?.matches("textarea") && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); return; }
  if (event.target.closest("a, button, summary, select, input, textarea")) return; // their own Enter
  event.preventDefault();
  form.requestSubmit();
});

// Who is to be called again is asked when; a correction is asked why.
document.addEventListener("change", (event) => {
  if (event.target.matches("[name=result][value=again]")) document.getElementById("at")?.focus();
  if (event.target.matches("#correct:checked")) document.getElementById("why")?.focus();
});

// What can be taken back for a minute is offered for a minute.
function endOffer() {
  const last = document.getElementById("last");
  if (last) window.setTimeout(() => last.querySelector("form")?.remove(), 1000 * Number(last.dataset.lasts));
}
endOffer();

// How to find the control again that has the focus, once the desk has been drawn anew.
function place(element) {
  if (element.id) return `#${element.id}`;
  return element.name ? `[name="${element.name}"][value="${element.value}"]` : "";
}
let focused = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "desk") focused = place(document.activeElement);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "desk") return;
  endOffer();
  const problem = document.getElementById("log-problem");
  const before = problem && focused && document.querySelector(`#log ${focused}`);
  const heads = document.querySelectorAll("#desk [data-focus]");
  (before?.offsetParent ? before : heads[heads.length - 1])?.focus({ preventScroll: true });
  if (problem) problem.scrollIntoView({ block: "nearest" });
  else window.scrollTo(0, 0);
});
