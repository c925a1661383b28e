// Warns two minutes before a session ends, makes it last by any key, and keeps what was typed when
// it has ended: the page waits until its person has signed in again in another tab.
"use strict";

(() => {
  const body = document.body;
  const bar = document.getElementById("lasting");
  if (!bar || !body.dataset.session) return;

  const WARN_S = 120;
  let timer = 0;
  let state = "";
  let ends = 0;

  const show = (which, at = "") => {
    state = which;
    const words = which && document.getElementById(`lasting-${which}`);
    bar.replaceChildren(...(words ? [words.content.cloneNode(true)] : []));
    const place = bar.querySelector(".at");
    if (place) place.textContent = at;
    bar.querySelector("button")?.addEventListener("click", extend);
  };

  const renew = (mark) => {
    body.dataset.csrf = mark;
    for (const field of document.querySelectorAll("input[name='csrf']")) field.value = mark;
  };

  const wait = (seconds) => {
    clearTimeout(timer);
    ends = Date.now() + seconds * 1000;
    const warn = Math.max(seconds - WARN_S, seconds / 2);
    timer = setTimeout(look, Math.min(Math.max(warn, 1) * 1000, 2 ** 31 - 1));
  };

  const SHORT = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  const clock = () => new Date(ends).toLocaleTimeString([], SHORT);

  // What the server says counts: other tabs may have made the session last.
  const heard = (answer, asked = "") => {
    if (answer.person === "") return show("ended");
    if (answer.person !== body.dataset.person) return show("other", answer.person);
    renew(answer.csrf);
    ends = Date.now() + answer.ends_in * 1000;
    if (asked === "look" && answer.ends_in <= WARN_S) {
      show("soon", clock());
      clearTimeout(timer);
      timer = setTimeout(look, answer.ends_in * 1000 + 1000);
      return;
    }
    if (["ended", "other"].includes(state)) show("back");
    else if (asked !== "stale") show("");
    wait(answer.ends_in);
  };

  const later = () => { clearTimeout(timer); timer = setTimeout(look, 15000); };

  const look = () => fetch(body.dataset.session, { headers: { Accept: "application/json" } })
    .then((answer) => answer.json())
    .then((answer) => heard(answer, "look"))
    .catch(later);

  const extend = () => {
    if (state !== "soon") return;
    state = "asking";
    fetch(bar.dataset.extend, { method: "POST", headers: { "X-CSRF-Token": body.dataset.csrf } })
      .then((answer) => (answer.ok ? answer.json().then((told) => heard(told)) : show("ended")))
      .catch(() => { state = "soon"; });
  };
  addEventListener("keydown", extend);

  // Something was sent too late: nothing of the page is replaced.
  const late = (told) => {
    if (told === "stale") {
      show("stale");
      fetch(body.dataset.session).then((a) => a.json()).then((a) => heard(a, "stale")).catch(later);
    } else if (told === "ended") {
      clearTimeout(timer);
      show("ended");
    }
    return Boolean(told);
  };
  addEventListener("htmx:before:response", (event) => {
    const told = event.detail.ctx.response.raw.headers.get("Excudit-Session");
    if (late(told)) event.preventDefault();
  });
  // Other scripts of ours hand over answers of their own: excudit.late(response) is true when the
  // session had ended.
  if (window.excudit) {
    window.excudit.late = (answer) => late(answer.headers.get("Excudit-Session"));
  }
  const returned = () => {
    if (document.visibilityState === "visible" && ["ended", "other"].includes(state)) look();
  };
  addEventListener("focus", returned);
  document.addEventListener("visibilitychange", returned);

  wait(Number(body.dataset.endsIn));
})();
