// What script adds to pages that already work without it. It owns no words: every text comes from data-* attributes.
(() => {
  "use strict";

  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const plural = new Intl.PluralRules(document.documentElement.lang || "en");

  // data-minutes-one, -few, -many, -other hold one sentence for each plural form of the page's language.
  const counted = (data, name, n) => {
    const form = plural.select(n);
    const text = data[name + form[0].toUpperCase() + form.slice(1)] || data[name + "Other"] || "";
    return text.replace("{n}", new Intl.NumberFormat(document.documentElement.lang || "en").format(n));
  };

  // The reserved seat. The server's clock counts: data-now is its time when it wrote the page.
  const hold = (box) => {
    const ends = Date.parse(box.dataset.expires);
    const ahead = Date.parse(box.dataset.now) - Date.now();
    if (Number.isNaN(ends) || Number.isNaN(ahead)) return;
    const left = box.querySelector("[data-hold-left]");
    const voice = box.querySelector("[data-hold-say]");
    const secondsLeft = () => Math.max(0, Math.ceil((ends - Date.now() - ahead) / 1000));
    const say = (text) => { if (voice && text) voice.textContent = text; };

    const over = () => {
      box.dataset.over = "";
      say(box.dataset.say0);
      all("[data-hold-live]", box).forEach((e) => { e.hidden = true; });
      all("[data-hold-over]").forEach((e) => { e.hidden = false; });
    };

    let before = Math.max(61, secondsLeft()); // a page opened in the last minute says so at once
    const show = () => {
      const now = secondsLeft();
      if (left) left.textContent = now > 60 ? counted(box.dataset, "minutes", Math.ceil(now / 60)) : counted(box.dataset, "seconds", now);
      all("[data-hold-from]", box).forEach((e) => { e.hidden = now > Number(e.dataset.holdFrom) || now === 0; });
      if (before > 300 && now <= 300 && now > 60) say(box.dataset.say5);
      if (before > 60 && now <= 60 && now > 0) say(box.dataset.say1);
      // In the last minute everybody sees the warning, not those alone who have it read out.
      if (voice) voice.classList.toggle("ds-sr-only", now > 60 || now === 0);
      all("[data-hold-before]", box).forEach((e) => { e.hidden = now <= 60; });
      before = now;
      if (now === 0) { clearInterval(timer); over(); }
    };
    const timer = setInterval(show, 1000);
    show();
  };

  // An error summary takes the focus, so that it is read first.
  const errors = () => {
    const summary = document.querySelector("[data-error-summary]");
    if (!summary) return;
    summary.tabIndex = -1;
    summary.focus();
  };

  // A copy button stands hidden in the page and appears only where the browser can copy.
  const copying = (button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    const label = button.querySelector("[data-copy-label]") || button;
    const before = label.textContent;
    button.addEventListener("click", async () => {
      const from = document.getElementById(button.dataset.copy);
      if (!from) return;
      try {
        await navigator.clipboard.writeText((from.value ?? from.textContent).trim());
        label.textContent = button.dataset.done;
      } catch {
        label.textContent = button.dataset.failed || before;
      }
      setTimeout(() => { label.textContent = before; }, 4000);
    });
  };

  // The first press sends; further presses of the same form are swallowed while it is under way.
  const once = (form) => {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) { event.preventDefault(); return; }
      if (event.defaultPrevented) return;
      sent = true;
      const button = event.submitter;
      // After this tick, so that the button's own name and value still travel.
      setTimeout(() => {
        if (!button) return;
        button.setAttribute("aria-disabled", "true");
        if (button.dataset.busy) button.textContent = button.dataset.busy;
      });
    });
    // Coming back with the browser's Back button shows the page as it was left: let it send again.
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      sent = false;
      all("[aria-disabled]", form).forEach((e) => e.removeAttribute("aria-disabled"));
    });
  };

  // The city of a time zone as the server names it: from its list, else by the zone's own name. None for UTC and its like.
  const cityOf = (zone) => {
    const list = document.querySelector("[data-cities]");
    const named = list && list.dataset.cities.split(";").find((pair) => pair.startsWith(zone + "="));
    if (named) return named.slice(zone.length + 1);
    const place = /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/(?:.*\/)?([^/]+)$/.exec(zone);
    return place ? place[1].replaceAll("_", " ") : "";
  };

  // A further line with the time where the device is, where that differs from what the page tells: the time of the place
  // and, of a reader of whom the server knows it, the time where that reader serves.
  const ownTime = (time) => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const at = new Date(time.dateTime);
    if (!zone || Number.isNaN(at.getTime())) return;
    const beside = time.nextElementSibling;
    const served = beside && beside.matches("[data-own-time]") ? beside : null;
    const clock = (timeZone) => new Intl.DateTimeFormat(document.documentElement.lang, { timeZone, weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
    try {
      const told = [time.dataset.zone].concat(served ? served.dataset.ownTime : []);
      if (told.some((other) => clock(other) === clock(zone))) return;
    } catch {
      return; // an unknown zone name: say nothing rather than something wrong
    }
    const city = cityOf(zone), sentence = city ? time.dataset.zoneNote : time.dataset.zonePlain;
    const note = document.createElement("span");
    note.className = "vd-hold__zone";
    note.textContent = sentence.replace("{time}", clock(zone)).replace("{city}", city).replace("{zone}", zone);
    (served || time).after(" ", note);
  };

  // The seats of an edition as they change: told by the server, or asked for now and then where it cannot tell. What comes
  // takes the place of what has the same id; the reader's next step stays as it was loaded. Nothing moves.
  const live = (box) => {
    const voice = box.querySelector("[data-live-voice]");
    const stale = box.querySelector("[data-live-stale]");
    let latest = "", text = box.dataset.liveSay, said = text, spokenAt = 0, speaking = 0;

    // Read aloud at most every ten seconds, and then what is the case by that time.
    const speak = () => {
      speaking = 0;
      if (text === said) return;
      said = voice.textContent = text;
      spokenAt = Date.now();
    };
    const later = () => setTimeout(() => show(latest));
    const show = (html) => {
      latest = html;
      const now = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
      if (!now) return;
      all(":scope > [id]", now).forEach((piece) => {
        const old = document.getElementById(piece.id);
        if (!old || old.outerHTML === piece.outerHTML) return;
        if (old.contains(document.activeElement)) old.addEventListener("focusout", later, { once: true });
        else old.replaceWith(piece);
      });
      if (stale) stale.hidden = now.dataset.liveTakeable === box.dataset.liveTakeable;
      text = now.dataset.liveSay;
      if (!speaking) speaking = setTimeout(speak, Math.max(0, spokenAt + 10000 - Date.now()));
    };

    let stream = null, timer = 0, turn = 0, asked = 0;
    const stop = () => {
      turn++;
      clearTimeout(timer);
      if (stream) stream.close();
      stream = null;
    };
    // A page that nobody sees holds no connection: a browser has few for one site.
    const listen = () => {
      stop();
      if (document.hidden) return;
      if (!window.EventSource) { askLater(); return; }
      stream = new EventSource(box.dataset.live);
      timer = setTimeout(askLater, 10000); // something in between keeps the stream back
      stream.onmessage = (event) => { clearTimeout(timer); show(event.data); };
      stream.onerror = () => { if (stream && stream.readyState === EventSource.CLOSED) askLater(); };
    };
    const askLater = () => {
      stop();
      timer = setTimeout(ask, 10000 + Math.random() * 5000);
    };
    const ask = async () => {
      const mine = turn;
      try {
        const answer = await fetch(box.dataset.liveAsk);
        if (answer.status === 204 || mine !== turn) return; // enrolment has closed, or the page is hidden
        if (answer.ok) show(await answer.text());
      } catch {
        // Offline: ask again.
      }
      if (mine === turn) (++asked % 10 ? askLater : listen)(); // there may be room by now
    };
    document.addEventListener("visibilitychange", listen);
    window.addEventListener("pagehide", stop);
    window.addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
    listen();
  };

  // The catalogue's filters at once: the same page is fetched, and what differs takes its place. The address is the page's
  // own, so that it can be kept, sent and gone back from; where anything fails, the browser goes there by itself.
  const inPlace = (form) => {
    const voice = form.querySelector("[data-inplace-voice]");
    const parts = ["filters-chosen", "filters", "found"];
    let shown = location.pathname + location.search, turn = 0, under = null;

    const addressOf = () => {
      const values = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (value) values.append(name, value);
      const query = values.toString();
      return form.action + (query ? "?" + query : "");
    };
    const opened = (root) => all("details", root).map((d) => d.open);
    const take = (page) => {
      const focused = document.activeElement && document.activeElement.id;
      const inside = form.contains(document.activeElement);
      parts.forEach((id) => {
        const old = document.getElementById(id), now = page.getElementById(id);
        if (!old || !now) return;
        const folds = opened(old);
        old.replaceWith(now);
        // The same groups stand in the same order; one that somebody has opened stays open.
        all("details", now).forEach((d, i) => { d.open = d.open || Boolean(folds[i]); });
      });
      const q = page.getElementById("q"), own = document.getElementById("q");
      if (q && own && own !== document.activeElement) own.value = q.value;
      all(".vd-menu__list a[hreflang]").forEach((link) => {
        const now = page.querySelector('.vd-menu__list a[hreflang="' + link.hreflang + '"]');
        if (now) link.href = now.href;
      });
      document.title = page.title;
      if (inside) {
        const again = (focused && document.getElementById(focused)) || document.getElementById("hits");
        if (again && again !== document.activeElement) again.focus({ preventScroll: true });
      }
      const head = document.querySelector("#hits h2");
      if (voice && head) voice.textContent = head.textContent;
    };
    const go = async (address, keep) => {
      const mine = ++turn;
      if (under) under.abort();
      under = new AbortController();
      try {
        const answer = await fetch(address, { signal: under.signal, headers: { Accept: "text/html" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (mine !== turn) return;
        if (!page.getElementById("found")) throw new Error("another page");
        if (keep) history.pushState(null, "", answer.redirected ? answer.url : address);
        shown = location.pathname + location.search;
        take(page);
      } catch (failed) {
        if (failed.name !== "AbortError" && mine === turn) location.assign(address);
      }
    };

    form.dataset.inplace = "on";
    form.addEventListener("change", (event) => {
      if (event.target.matches("input[type=checkbox]")) go(addressOf(), true);
    });
    form.addEventListener("click", (event) => {
      const link = event.target.closest(".vd-chips a, nav.vd-switch a, .vd-empty a");
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      go(link.href, true);
    });
    window.addEventListener("popstate", () => {
      if (shown !== location.pathname + location.search) go(location.href, false);
    });
  };

  // Suggestions come with the first use of the field: who does not search does not load them.
  const suggesting = (box) => {
    const field = box.querySelector("input");
    const before = field.value.trim();
    const load = async () => {
      box.dataset.suggestBefore = before;
      try {
        (await import(box.dataset.suggestScript)).default(box);
      } catch {
        // Without them the field searches as it is.
      }
    };
    if (document.activeElement === field) load();
    else field.addEventListener("focus", load, { once: true });
  };

  // What was typed into a form stays when the reader goes on in another language. Nothing secret is kept, and it is
  // taken out at once.
  const typed = () => {
    const path = () => location.pathname.replace(/^\/[^/]+/, "");
    const fields = () => all("form[method=post] :is(input, select, textarea)[name]")
      // What a form says it has seen stays with what was typed beside it.
      .filter((f) => !["hidden", "password", "file", "submit"].includes(f.type) || f.name.startsWith("seen-") || f.name.startsWith("source-"));
    const boxed = (f) => f.type === "checkbox" || f.type === "radio";
    const key = "varde-typed";
    try {
      const kept = JSON.parse(sessionStorage.getItem(key) || "null");
      sessionStorage.removeItem(key);
      const now = fields();
      if (kept && kept.path === path() && kept.values.length === now.length) {
        now.forEach((f, i) => {
          if (kept.values[i].name !== f.name) return;
          if (boxed(f)) f.checked = kept.values[i].value;
          else f.value = kept.values[i].value;
        });
      }
      document.addEventListener("click", (event) => {
        const link = event.target.closest(".vd-menu__list a[hreflang]");
        if (!link || fields().length === 0) return;
        const values = fields().map((f) => ({ name: f.name, value: boxed(f) ? f.checked : f.value }));
        sessionStorage.setItem(key, JSON.stringify({ path: new URL(link.href).pathname.replace(/^\/[^/]+/, ""), values }));
      });
    } catch {
      // Without storage a form begins anew.
    }
  };

  // Menus close on Escape, on a press elsewhere and when the focus goes on: an open one could cover what has it.
  const menus = () => {
    const close = (menu) => { menu.open = false; };
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      all(".vd-menu[open]").forEach((menu) => {
        close(menu);
        if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      });
    });
    const elsewhere = (event) => all(".vd-menu[open]").filter((menu) => !menu.contains(event.target)).forEach(close);
    document.addEventListener("click", elsewhere);
    document.addEventListener("focusin", elsewhere);
  };

  typed();
  all("[data-expires][data-now]").forEach(hold);
  all("[data-copy]").forEach(copying);
  all("form").filter((f) => f.method === "post").forEach(once);
  all("time[data-zone-note]").forEach(ownTime);
  all("[data-live]").forEach(live);
  all("[data-suggest]").forEach(suggesting);
  all("form[data-inplace]").forEach(inPlace);
  all("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
  menus();
  errors();
})();
