// Makes pages better that work without it. Other scripts of ours say things through
// `excudit.say(words)`, and mark a form as saved by the event "excudit:saved" on it.
"use strict";

(() => {
  const live = () => document.getElementById("live");

  // Politely, to those who hear the page; the same words twice are heard twice.
  const say = (words) => {
    const place = live();
    if (!place) return;
    place.textContent = "";
    requestAnimationFrame(() => { place.textContent = words; });
  };
  window.excudit = { say };

  const focusWhatMatters = () => {
    const first = document.getElementById("summary") || document.querySelector(".said");
    if (first && !location.hash) first.focus();
  };

  // Forms with data-guard: leaving asks first, but only while something typed is not saved.
  const typed = new Set();
  const guarded = (event) => event.target.closest?.("form[data-guard]");
  const note = (event) => { const form = guarded(event); if (form) typed.add(form); };
  const saved = (event) => { const form = guarded(event); if (form) typed.delete(form); };
  addEventListener("input", note);
  addEventListener("change", note);
  addEventListener("submit", saved);
  addEventListener("excudit:saved", saved);
  addEventListener("beforeunload", (event) => {
    const unsaved = [...typed].some((form) => form.isConnected);
    if (unsaved) event.preventDefault();
  });

  // Links of an error summary lead into the field itself, also where it stands in a closed part.
  addEventListener("click", (event) => {
    const link = event.target.closest?.(".summary a[href^='#']");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    for (let part = field.closest("details"); part; part = part.parentElement.closest("details")) {
      part.open = true;
    }
    if (!field.matches("input, select, textarea, button, a[href], [tabindex]")) field.tabIndex = -1;
    field.focus();
    field.scrollIntoView({ block: "center" });
  });

  // htmx: what is sent carries the session's own mark; what fails is said; focus is never lost.
  addEventListener("htmx:config:request", (event) => {
    const mark = document.body.dataset.csrf;
    if (mark) event.detail.ctx.request.headers["X-CSRF-Token"] = mark;
  });
  const lost = () => say(document.body.dataset.lost);
  addEventListener("htmx:error", lost);
  addEventListener("htmx:response:error", (event) => {
    if (event.detail.ctx.response.raw.status >= 500) lost();
  });
  addEventListener("htmx:after:swap", (event) => {
    if (document.activeElement && document.activeElement !== document.body) return;
    const before = event.detail.ctx.sourceElement;
    if (!before || !before.isConnected || !before.matches("button, a, input")) return;
    before.focus({ preventScroll: true });
  });

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", focusWhatMatters);
  else focusWhatMatters();
})();
