// The operator's day: what somebody has unfolded stays so, and a server that is silent is said.
"use strict";

document.addEventListener("htmx:beforeSwap", (event) => {
  const open = [...event.target.querySelectorAll("details[open][id]")].map((one) => one.id);
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  }, { once: true });
});

function cutOff(yes) {
  const said = document.getElementById("cut-off");
  if (said) said.hidden = !yes;
}
document.addEventListener("htmx:sendError", () => cutOff(true));
document.addEventListener("htmx:responseError", () => cutOff(true));
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) cutOff(false); });
