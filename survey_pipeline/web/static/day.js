// The operator's day: what somebody has unfolded stays so.
"use strict";

document.addEventListener("htmx:beforeSwap", (event) => {
  const open = [...event.target.querySelectorAll("details[open][id]")].map((one) => one.id);
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  }, { once: true });
});
