// Pickers: an input with data-pick offers choices while one types (ARIA combobox, list
// autocomplete with manual selection). What is typed always stays possible.
(() => {
  "use strict";
  const WAIT_MS = 200;
  const prefix = document.currentScript?.src
    ? new URL(document.currentScript.src).pathname.replace(/\/static\/.*$/, "")
    : "";
  let numbers = 0;
  let open = null;

  const made = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    return element;
  };

  class Picker {
    constructor(input) {
      this.input = input;
      this.kind = input.dataset.pick;
      this.at = -1;
      this.found = { picks: [], chosen: "" };
      this.asking = null;
      this.timer = 0;
      const id = `picks-${++numbers}`;
      const label = input.labels?.[0]?.textContent.trim() || input.ariaLabel || "";
      this.list = made("ul", { id, role: "listbox", class: "picks", "aria-label": label });
      this.status = made("span", { role: "status", class: "picks-status" });
      this.list.hidden = true;
      // A copied row brings the frame of the row that it was copied from.
      const copied = input.closest(".picker");
      copied?.replaceWith(input);
      const frame = made("span", { class: "picker" });
      // What is moved loses the focus, which the browser may have given it already (autofocus).
      const held = document.activeElement === input || input.autofocus;
      input.before(frame);
      frame.append(input, this.list, this.status);
      if (held) input.focus();
      for (const [name, value] of Object.entries({
        role: "combobox",
        autocomplete: "off",
        "aria-autocomplete": "list",
        "aria-expanded": "false",
        "aria-controls": id,
      }))
        input.setAttribute(name, value);
      input.addEventListener("input", (event) => event.isTrusted && this.later());
      input.addEventListener("keydown", (event) => this.key(event));
      input.addEventListener("blur", () => this.close());
      // The press must not take the focus away before the choice is made.
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.choose([...this.list.children].indexOf(option));
      });
    }

    later() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), WAIT_MS);
    }

    async ask() {
      this.asking?.abort();
      const text = this.input.value.trim();
      if (!text) return this.close();
      const mine = (this.asking = new AbortController());
      const query = new URLSearchParams({ text });
      try {
        const answer = await fetch(`${prefix}/pick/${this.kind}?${query}`, {
          signal: mine.signal,
          headers: { Accept: "application/json" },
        });
        const json = answer.headers.get("content-type")?.startsWith("application/json");
        if (!answer.ok || !json) return this.close();
        const found = await answer.json();
        if (mine.signal.aborted || document.activeElement !== this.input) return;
        this.show(found);
      } catch (error) {
        // Offline, or overtaken by the next letter: typing goes on as without a picker.
        if (error.name !== "AbortError") this.close();
      }
    }

    show(found) {
      this.found = found;
      this.at = -1;
      this.list.replaceChildren(...found.picks.map((pick, i) => this.option(pick, i)));
      this.status.textContent = found.said;
      this.spread(found.picks.length > 0);
    }

    option(pick, i) {
      const id = `${this.list.id}-${i}`;
      const option = made("li", { id, role: "option", "aria-selected": "false" });
      const name = made("bdi", { class: "pick-name" }, pick.name);
      const note = [pick.note, pick.id.replace(/^https?:\/\//, "")].filter(Boolean).join(" · ");
      option.append(name, " ", made("span", { class: "pick-note", dir: "auto" }, note));
      return option;
    }

    spread(is) {
      if (is && open && open !== this) open.close();
      if (is) open = this;
      else if (open === this) open = null;
      this.list.hidden = !is;
      this.input.setAttribute("aria-expanded", String(is));
      if (!is) this.mark(-1);
    }

    close() {
      clearTimeout(this.timer);
      this.asking?.abort();
      if (this.list.hidden) return;
      this.spread(false);
      this.status.textContent = "";
    }

    mark(at) {
      this.list.children[this.at]?.setAttribute("aria-selected", "false");
      this.at = at;
      const option = this.list.children[at];
      option?.setAttribute("aria-selected", "true");
      option?.scrollIntoView({ block: "nearest" });
      if (option) this.input.setAttribute("aria-activedescendant", option.id);
      else this.input.removeAttribute("aria-activedescendant");
    }

    key(event) {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      const isOpen = !this.list.hidden;
      const last = this.found.picks.length - 1;
      if (event.key === "ArrowDown" && !isOpen) this.ask();
      else if (event.key === "ArrowDown") this.mark(this.at < last ? this.at + 1 : 0);
      else if (event.key === "ArrowUp" && isOpen) this.mark(this.at > 0 ? this.at - 1 : last);
      else if (event.key === "Home" && isOpen && this.at >= 0) this.mark(0);
      else if (event.key === "End" && isOpen && this.at >= 0) this.mark(last);
      else if (event.key === "Enter" && isOpen && this.at >= 0) this.choose(this.at);
      else if (event.key === "Escape" && isOpen) this.close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    choose(at) {
      const pick = this.found.picks[at];
      this.close();
      this.put(this.input, pick.value);
      const row = this.input.closest("[data-row]");
      for (const [name, value] of Object.entries(pick.fills))
        for (const field of row?.querySelectorAll(`[data-fill="${name}"]`) ?? [])
          if (field !== this.input && field.closest("[data-row]") === row) this.put(field, value);
      // A row within the row takes its part too, the first of its kind.
      for (const [name, value] of Object.entries(pick.fills)) {
        const field = row?.querySelector(`[data-fill-outer="${name}"]`);
        if (field && value) this.put(field, value);
      }
      this.status.textContent = this.found.chosen.replace("%s", pick.name);
    }

    put(field, value) {
      if (field.value === value) return;
      field.value = value;
      for (const kind of ["input", "change"])
        field.dispatchEvent(new Event(kind, { bubbles: true }));
    }
  }

  const known = new WeakSet();
  const enhance = (root) => {
    for (const input of root.querySelectorAll("input[data-pick]")) {
      if (known.has(input)) continue;
      known.add(input);
      new Picker(input);
    }
  };

  const begin = () => {
    enhance(document);
    new MutationObserver((changes) => {
      for (const change of changes)
        for (const node of change.addedNodes)
          if (node.nodeType === Node.ELEMENT_NODE && node.parentElement) enhance(node.parentElement);
    }).observe(document.body, { childList: true, subtree: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
