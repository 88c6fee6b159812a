// Suggestions under a search field, by the combobox pattern of ARIA. The field works without them: Enter sends the form.
// Every word comes from the server.
const pause = 150; // milliseconds without a key before it is asked

export default (box) => {
  const field = box.querySelector("input");
  const list = document.createElement("ul");
  const voice = document.createElement("p");
  list.id = field.id + "-suggestions";
  list.className = "vd-suggest__list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.dataset.suggestLabel);
  list.hidden = true;
  voice.className = "ds-sr-only";
  voice.setAttribute("role", "status");
  box.append(list, voice);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    field.setAttribute(name, value);
  }

  let active = -1, timer = 0, under = null, asked = field.value.trim(), leaving = false;

  const mark = (n) => {
    const options = Array.from(list.children);
    active = n;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === n)));
    if (n < 0) { field.removeAttribute("aria-activedescendant"); return; }
    field.setAttribute("aria-activedescendant", options[n].id);
    options[n].scrollIntoView({ block: "nearest" });
  };
  const open = (is) => {
    list.hidden = !is;
    field.setAttribute("aria-expanded", String(is));
    if (!is) mark(-1);
  };
  const close = () => {
    clearTimeout(timer);
    if (under) under.abort();
    voice.textContent = "";
    open(false);
  };
  const show = ({ options, say }) => {
    list.replaceChildren(...options.map((option, i) => {
      const item = document.createElement("li");
      item.id = list.id + "-" + i;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.dataset.href = option.href;
      const text = document.createElement("span");
      text.textContent = option.text;
      if (option.lang) text.lang = option.lang;
      item.append(text);
      if (option.note) {
        const note = document.createElement("span");
        note.className = "vd-suggest__note";
        note.textContent = option.note;
        item.append(" ", note);
      }
      return item;
    }));
    mark(-1);
    open(options.length > 0 && document.activeElement === field);
    voice.textContent = list.hidden ? "" : say;
  };
  const ask = async () => {
    const typed = field.value.trim();
    asked = typed;
    if (under) under.abort();
    under = new AbortController();
    try {
      const answer = await fetch(box.dataset.suggest + "?q=" + encodeURIComponent(typed), { signal: under.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      if (typed === asked) show(found);
    } catch (failed) {
      if (failed.name !== "AbortError") close(); // the search itself still works
    }
  };
  const go = (n) => {
    const href = list.children[n].dataset.href;
    close();
    leaving = true;
    location.assign(href);
  };
  // A second press of Enter must not send the form while the page chosen is on its way.
  if (field.form) field.form.addEventListener("submit", (event) => { if (leaving) event.preventDefault(); });
  window.addEventListener("pageshow", () => { leaving = false; });

  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (!field.value.trim()) { asked = ""; close(); return; }
    if (field.value.trim() !== asked) timer = setTimeout(ask, pause);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const many = list.children.length;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && many > 0) {
      event.preventDefault();
      if (list.hidden) { open(true); if (event.altKey) return; }
      const down = event.key === "ArrowDown";
      // Past either end is the field itself, with what was typed.
      if (down) mark(active + 1 < many ? active + 1 : -1);
      else mark(active < 0 ? many - 1 : active - 1);
    } else if (event.key === "Enter") {
      if (!list.hidden && active >= 0) { event.preventDefault(); go(active); } else close();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  field.addEventListener("blur", close);
  // The field keeps the focus while somebody presses on an option.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) go(Array.from(list.children).indexOf(option));
  });
  if (field.value.trim() !== box.dataset.suggestBefore) field.dispatchEvent(new Event("input"));
};
