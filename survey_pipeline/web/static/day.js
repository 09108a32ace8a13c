// The operator's day: what somebody has unfolded stays so, whichever part is renewed first.
"use strict";

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.target.id;
  const open = [...event.target.querySelectorAll("details[open][id]")].map((one) => one.id);
  if (!open.length) return;
  const unfold = (settled) => {
    if (settled.target.id !== part) return;
    document.removeEventListener("htmx:afterSettle", unfold);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  };
  document.addEventListener("htmx:afterSettle", unfold);
});
