// The participant list while somebody types: found and filtered in place, so that marks that are not saved yet stay.
// Without script the form does the same with a new page.
(() => {
  "use strict";

  const find = document.querySelector("[data-roster-find]");
  const table = document.querySelector("[data-roster]");
  const marks = document.querySelector("[data-roster-marks]");
  if (!find || !table || !marks) return;

  // As the server folds names: small letters without marks, and plain ones for those that have none to take off.
  const plain = { "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n", "ґ": "г" };
  const fold = (text) => text.normalize("NFKD").replace(/[\p{Mn}\p{Cf}]/gu, "").toLowerCase().replace(/[łøđðþæœßıħŧŋґ]/g, (letter) => plain[letter]);

  const rows = Array.from(table.tBodies[0].rows, (row) => ({ row, name: fold(row.cells[0].textContent) }));
  const shown = find.querySelector("[data-roster-shown]");
  const voice = shown.querySelector("[role=status]");
  const none = marks.querySelector("[data-roster-none]");
  const save = marks.querySelector("[data-roster-save]"); // not on a list that is closed
  const number = new Intl.NumberFormat(document.documentElement.lang || "en");

  // The address says what is shown, and so do the half days, the orders and what saving comes back to.
  let later = 0;
  const remember = () => {
    const { q: { value: q }, unmarked: { value: unmarked } } = marks.elements;
    const put = (address) => {
      const url = new URL(address, location.href);
      for (const [name, value] of [["q", q], ["unmarked", unmarked]]) {
        if (value) url.searchParams.set(name, value);
        else url.searchParams.delete(name);
      }
      return url.pathname + url.search + url.hash;
    };
    history.replaceState(history.state, "", put(location.href));
    document.querySelectorAll("#presence ~ .vd-halfdays a, [data-roster-find] .vd-switch a, .vd-menu__list a[hreflang]")
      .forEach((link) => { link.href = put(link.href); });
  };

  const show = () => {
    const words = fold(find.elements.q.value).split(/\s+/).filter(Boolean);
    const unmarked = find.elements.unmarked.checked;
    let count = 0;
    rows.forEach(({ row, name }) => {
      row.hidden = !words.every((word) => name.includes(word)) || (unmarked && row.dataset.mark !== "none");
      if (!row.hidden) count++;
    });
    none.hidden = count > 0;
    table.hidden = count === 0;
    if (save) save.hidden = false; // there may be marks that are not saved yet
    shown.hidden = words.length === 0 && !unmarked;
    voice.textContent = shown.hidden ? "" : find.dataset.words.replace("{n}", number.format(count));
    marks.elements.q.value = find.elements.q.value.trim();
    marks.elements.unmarked.value = unmarked ? "yes" : "";
    clearTimeout(later);
    later = setTimeout(remember, 300); // browsers do not let an address change with each letter
  };

  shown.querySelector("a").addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    find.elements.q.value = "";
    find.elements.unmarked.checked = false;
    show();
    find.elements.q.focus();
  });

  find.elements.q.addEventListener("input", show);
  find.elements.unmarked.addEventListener("change", show);
  find.addEventListener("submit", (event) => { event.preventDefault(); show(); });
})();
