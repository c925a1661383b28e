// The page of a publication follows its run: what is open stays open, and nobody is lost.
"use strict";

(() => {
  const here = () => document.getElementById("progress");
  if (!here()) return;

  // The server does not know what the reader has opened.
  htmx.config.morphIgnore.push("open");

  // A button that is gone leaves the reader at the headline, where the news is.
  let within = false;
  addEventListener("htmx:before:swap", () => {
    within = here()?.contains(document.activeElement) ?? false;
  });
  addEventListener("htmx:after:swap", () => {
    const lost = !document.activeElement || document.activeElement === document.body;
    if (within && lost) document.getElementById("headline")?.focus({ preventScroll: true });
  });

  // Somebody else was faster: the page as it is now says what happened.
  addEventListener("htmx:response:error", (event) => {
    const refused = event.detail.ctx.response.raw.status;
    if (event.target.id === "retry-form" && refused < 500) location.reload();
  });
})();
