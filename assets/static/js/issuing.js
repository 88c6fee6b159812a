// While the certificates of a course are made, the list of those that are there is fetched anew until they all are. Without
// script a link does the same.
(() => {
  "use strict";

  const every = 3000, most = 200;
  let asked = 0;
  const ask = async () => {
    const old = document.getElementById("issued");
    if (!old || !("issuing" in old.dataset) || asked++ > most) return;
    if (!document.hidden && !old.contains(document.activeElement)) {
      try {
        const answer = await fetch(location.pathname + location.search);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const now = page.getElementById("issued");
        if (answer.ok && now && now.outerHTML !== old.outerHTML) {
          const words = now.querySelector("[role=status]");
          const text = words.textContent;
          words.textContent = old.querySelector("[role=status]").textContent;
          old.replaceWith(now);
          setTimeout(() => { words.textContent = text; }); // said aloud as a change of what was there
        }
      } catch {
        // Offline: ask again.
      }
    }
    setTimeout(ask, every);
  };
  setTimeout(ask, every);
})();
