// A chosen file's text goes into the field beside it: forms are sent as text.
"use strict";
document.addEventListener("change", (event) => {
  const into = event.target.dataset?.into;
  const file = event.target.files?.[0];
  if (!into || !file) return;
  file.text().then((text) => { document.getElementById(into).value = text; });
});
