// How far a download of many certificates is. The browser does the downloading; this asks the server now and then how many
// are in the file. Without script, and where nothing is known, the download is the same.
(() => {
  "use strict";

  const box = document.querySelector("[data-archive-progress]");
  if (!box || !window.crypto) return;
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-archive-text]");
  const voice = box.querySelector("[role=status]");
  const number = new Intl.NumberFormat(document.documentElement.lang || "en");
  const every = 1000, patience = 20; // tries before the first answer, and after the last that was new

  const token = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const say = (words) => { text.textContent = voice.textContent = words; };
  const tone = (name) => {
    if (name) box.dataset.tone = name;
    else delete box.dataset.tone;
  };

  let turn = 0;
  const watch = async (mark, acts) => {
    const mine = ++turn;
    acts.after(box); // beside what was pressed
    let done = -1, tries = 0;
    tone("");
    say(box.dataset.begins);
    bar.removeAttribute("value");
    bar.hidden = box.hidden = false;
    while (tries++ < patience) {
      await new Promise((wake) => { setTimeout(wake, every); });
      let now = null;
      try {
        const answer = await fetch(box.dataset.archiveProgress + mark);
        if (answer.status === 200) now = await answer.json();
      } catch {
        // Offline for a moment: ask again.
      }
      if (mine !== turn) return;
      if (!now) continue;
      if (now.broken || now.done >= now.total) {
        bar.hidden = true;
        tone(now.broken ? "bad" : "ok");
        say(now.broken ? box.dataset.broken : box.dataset.ended);
        return;
      }
      if (now.done !== done) tries = 0;
      done = now.done;
      bar.max = now.total;
      bar.value = done;
      text.textContent = box.dataset.words.replace("{done}", number.format(done)).replace("{total}", number.format(now.total));
    }
    box.hidden = true; // nothing is known of it: the browser shows what it does
  };

  document.querySelectorAll("a[data-archive]").forEach((link) => {
    link.addEventListener("click", () => {
      const address = new URL(link.href), mark = token();
      address.searchParams.set("progress", mark);
      link.href = address.href;
      watch(mark, link.closest(".vd-acts"));
    });
  });
  document.querySelectorAll("form[data-archive]").forEach((form) => {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "progress";
    form.append(field);
    form.addEventListener("submit", () => {
      if (!form.querySelector("[name=number]:checked")) return; // the next page says what is missing
      field.value = token();
      watch(field.value, form.querySelector(":scope > .vd-acts"));
    });
  });
})();
