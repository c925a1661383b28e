// The queue says how many rows are selected, and lets all rows of the page be selected at once.
"use strict";

(() => {
  const start = () => {
    const form = document.getElementById("bulk");
    const rows = [...document.querySelectorAll("input[name='chosen'][form='bulk']")];
    if (!form || !rows.length) return;
    const told = form.querySelector("[data-selected]");
    const tell = () => {
      const every = form.elements.every?.checked;
      const count = rows.filter((row) => row.checked).length;
      told.textContent = every ? "" : told.dataset.selected.replace("{n}", count);
    };
    addEventListener("change", (event) => {
      if (event.target.name === "chosen" || event.target.name === "every") tell();
    });
    tell();
    const page = document.getElementById("page-rows");
    page.hidden = false;
    page.addEventListener("change", () => {
      for (const row of rows) row.checked = page.checked;
      tell();
    });
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
