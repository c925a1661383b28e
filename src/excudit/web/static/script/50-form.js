// The metadata form saves itself a moment after typing stops. Without this script the same form
// is saved by its buttons.
"use strict";

// Browsers that cannot show what is folded open it, where there is room.
if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 60.001rem)").matches) {
  for (const fold of document.querySelectorAll(".fold")) fold.open = true;
}

(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const PAUSE_MS = 1500;
  const AGAIN_MS = 10000;
  const KEPT_ALIVE = 60000;
  const status = document.getElementById("saved");
  status.dataset.unsaved = form.dataset.unsaved;
  let timer = 0;
  let saving = null;
  let changes = 0;
  let kept = 0;

  const dirty = () => changes !== kept;
  const mark = () => { status.dataset.state = dirty() ? "unsaved" : ""; };
  const tell = (words) => { if (status.textContent !== words) status.textContent = words; };
  const later = (wait) => { clearTimeout(timer); timer = setTimeout(save, wait); };

  const typed = () => { changes += 1; mark(); later(PAUSE_MS); };
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);

  // One save at a time; what was typed meanwhile follows.
  const save = async () => {
    clearTimeout(timer);
    if (saving) await saving;
    if (!dirty()) return true;
    saving = send();
    const went = await saving;
    saving = null;
    if (went && dirty()) later(PAUSE_MS);
    return went;
  };

  const send = async () => {
    const upTo = changes;
    const sent = new FormData(form);
    const body = new URLSearchParams(sent);
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        redirect: "manual",
        headers: { Accept: "application/json" },
        keepalive: String(body).length < KEPT_ALIVE,
      });
      const told = answer.headers.get("content-type")?.startsWith("application/json");
      if (!told) return missed(answer);
      const found = await answer.json();
      if (found.words) tell(found.words);
      if (answer.ok) take(found, sent, upTo);
      else if (found.problems) paint(found.problems, true);
      return answer.ok;
    } catch {
      tell(form.dataset.failed);
      later(AGAIN_MS);
      return false;
    }
  };

  const missed = (answer) => {
    const out = answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
    tell(out ? form.dataset.signedOut : form.dataset.failed);
    if (!out) later(AGAIN_MS);
    return false;
  };

  const take = (found, sent, upTo) => {
    kept = upTo;
    mark();
    form.elements.base.value = found.base;
    form.elements.edition.value = found.edition;
    for (const [name, text] of Object.entries(found.filled)) {
      const field = form.elements[name];
      if (field && field.value === (sent.get(name) ?? "").replace(/\r\n/g, "\n")) field.value = text;
    }
    if (!dirty()) form.dispatchEvent(new Event("excudit:saved", { bubbles: true }));
    document.getElementById("citation").textContent = found.citation;
    paint(found.problems, false);
    count(found.counts);
  };

  // Words beside the fields. A row that somebody is filling in is not told what it lacks yet.
  const paint = (problems, all) => {
    const busy = document.activeElement?.closest("[data-row], .field");
    for (const place of form.querySelectorAll(".field")) {
      const field = place.querySelector("input, select, textarea");
      const words = problems[field.name] ?? "";
      const shown = place.querySelector(".error");
      if (words && !shown && !all && busy?.contains(place)) continue;
      if (words === (shown?.textContent ?? "")) continue;
      shown?.remove();
      place.classList.toggle("wrong", Boolean(words));
      const hint = place.querySelector(".hint")?.id;
      const error = `${field.id}-error`;
      if (words) {
        const line = document.createElement("p");
        line.className = "error";
        line.id = error;
        line.textContent = words;
        (place.querySelector(".hint") ?? place.querySelector("label")).after(line);
        field.setAttribute("aria-invalid", "true");
      } else field.removeAttribute("aria-invalid");
      const told = [words && error, hint].filter(Boolean).join(" ");
      if (told) field.setAttribute("aria-describedby", told);
      else field.removeAttribute("aria-describedby");
    }
    for (const link of document.querySelectorAll("#problems a[data-for]")) {
      const field = document.getElementById(link.dataset.for);
      if (field && !problems[field.name]) link.closest("li").remove();
    }
    const list = document.getElementById("problems");
    if (list && !list.querySelector("li")) list.remove();
  };

  const count = (counts) => {
    const words = document.querySelector(".sections").dataset;
    for (const place of document.querySelectorAll(".tally[data-section]")) {
      const [must, may] = counts[place.dataset.section] ?? [0, 0];
      place.replaceChildren();
      if (must) {
        const bold = document.createElement("b");
        bold.textContent = words.must.replace("#", must);
        place.append(bold);
      } else if (may) place.append(words.may.replace("#", may));
    }
  };

  // A button may not overtake a save that is under way: it would meet its own change as another's.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!saving) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    saving.then(() => form.requestSubmit(button));
  });

  // So do the forms beside it: what is submitted or undone is what is seen.
  for (const other of document.querySelectorAll(".sheet-do form.press")) {
    other.addEventListener("submit", async (event) => {
      if (!dirty() && !saving) return;
      event.preventDefault();
      if (await save()) other.submit();
    });
  }

  // Links of the page wait for the save; the browser's own ways out are guarded.
  addEventListener("click", async (event) => {
    const link = event.target.closest?.(".sheet-side a[href], #problems a[href]:not([data-for])");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!link || !plain || !(dirty() || saving)) return;
    event.preventDefault();
    if (await save()) location.assign(link.href);
  });
  addEventListener("visibilitychange", () => { if (document.hidden) save(); });
  addEventListener("keydown", (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    save();
  });
})();
