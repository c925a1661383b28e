// Choosing datasets: reading a source can take a while, so the page says what it reads.
(() => {
  "use strict";
  const SILENT_MS = 1000;
  let timer = 0;

  const reads = (element) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const place = document.querySelector(".reading");
      if (place) place.textContent = element.dataset.reads;
    }, SILENT_MS);
  };

  addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-reads]");
    if (form) reads(form);
  });
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-reads]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) reads(link);
  });
  // Back from the page that was read: the words are about nothing any more.
  addEventListener("pageshow", () => {
    clearTimeout(timer);
    const place = document.querySelector(".reading");
    if (place) place.textContent = "";
  });
})();
