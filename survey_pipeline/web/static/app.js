// What every page shares: keys for buttons, a word that is read aloud, no page left half sent.
"use strict";

// A button or link with data-key is pressed by that key, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  if (typing && event.key !== "Escape") return;
  // with Caps Lock or a full-width input method the letter is another one, the key is the same
  const key = event.key.length === 1 ? event.key.normalize("NFKC").toLowerCase() : event.key;
  const wanted = [...document.querySelectorAll("[data-key]")].find(
    (one) => one.dataset.key.split(" ").includes(key) && !one.disabled && one.offsetParent,
  );
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("input:not([type=radio]):not([type=checkbox]), textarea, select")) wanted.focus();
  else wanted.click();
});

// A form is sent once: its buttons rest until the answer is there.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  window.setTimeout(() => { delete form.dataset.sent; }, 4000);
});

// A filter or an order (data-stay) shows the same page differently: place and focus stay.
const STAY = "stay";
function keepPlace(event) {
  if (event.defaultPrevented || !event.target.closest("[data-stay]") || (event.type === "click" && !event.target.closest("a[data-stay]"))) return;
  const focus = document.activeElement?.id || "";
  sessionStorage.setItem(STAY, JSON.stringify({ path: location.pathname, y: window.scrollY, focus }));
}
document.addEventListener("submit", keepPlace);
document.addEventListener("click", keepPlace);
document.addEventListener("DOMContentLoaded", () => {
  const kept = JSON.parse(sessionStorage.getItem(STAY) || "null");
  sessionStorage.removeItem(STAY);
  if (!kept || kept.path !== location.pathname) return;
  document.getElementById(kept.focus)?.focus({ preventScroll: true });
  window.scrollTo(0, kept.y);
});

// On a live page (it has #cut-off), a server that is silent is said: what stands there may be old.
function cutOff(yes) {
  const said = document.getElementById("cut-off");
  if (said) said.hidden = !yes;
}
document.addEventListener("htmx:sendError", () => cutOff(true));
document.addEventListener("htmx:responseError", () => cutOff(true));
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) cutOff(false); });

// What the server says beside a part of a page (HX-Trigger: {"said": "..."}) is shown and read aloud.
document.addEventListener("said", (event) => {
  const place = document.getElementById("said");
  if (place) place.textContent = event.detail.value || "";
});
