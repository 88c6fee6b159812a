// What the tests ask of a page that is shown. Run through the browser's protocol, so the page's policy stays as it is.
({
  // Once letters and pictures are there, and what was announced for the next frame is done.
  async settled() {
    await document.fonts.ready;
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    return true;
  },

  count: (selector) => document.querySelectorAll(selector).length,

  moved: () => window.moved,

  has: (selector) => document.activeElement?.matches(selector) ?? false,

  // What is read aloud from here on, and what has been since it was last asked.
  listen() {
    window.said = [];
    for (const region of document.querySelectorAll("[aria-live], [role=status], [role=alert]")) {
      new MutationObserver(() => window.said.push(region.textContent.trim())).observe(region, { childList: true, characterData: true, subtree: true });
    }
    return window.said.length === 0;
  },

  spoken: () => window.said.splice(0),

  facts() {
    const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
    return {
      title: document.title,
      lang: document.documentElement.lang,
      headings: [...document.querySelectorAll("h1")].filter((e) => e.checkVisibility()).map((e) => e.textContent.trim()),
      doubled: ids.filter((id, i) => ids.indexOf(id) !== i),
      // References that lead nowhere.
      lost: [...document.querySelectorAll("[aria-describedby], [aria-labelledby], [aria-controls], label[for]")].flatMap((e) =>
        ["aria-describedby", "aria-labelledby", "aria-controls", "for"].flatMap((name) =>
          (e.getAttribute(name) || "").split(/\s+/).filter((id) => id && !document.getElementById(id)))),
    };
  },

  // Every text that is seen or read aloud, with the language it is said to be in.
  texts() {
    const all = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const text = walk.currentNode.data.trim().replace(/\s+/g, " "), parent = walk.currentNode.parentElement;
      if (text && !parent.closest("script, style, svg, noscript, template")) all.push({ text, lang: parent.closest("[lang]")?.lang ?? "" });
    }
    return all;
  },

  // What a summary of errors promises: it has the focus, and each of its links leads to a field that says what is wrong.
  errors() {
    const summary = document.querySelector("[data-error-summary]");
    if (!summary) return [];
    const wrong = document.activeElement === summary ? [] : ["the focus is not on the summary of errors"];
    for (const link of summary.querySelectorAll("a[href]")) {
      const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!field) { wrong.push(`${link.hash} leads nowhere`); continue; }
      link.click();
      if (document.activeElement !== field) wrong.push(`${link.hash} does not bring the focus to its field`);
      const described = field.closest("fieldset[aria-describedby]") || field;
      const said = (described.getAttribute("aria-describedby") || "").split(/\s+/).map((id) => document.getElementById(id)?.textContent || "").join(" ");
      if (!said.trim()) wrong.push(`the field of ${link.hash} does not say what is wrong with it`);
      if (field.matches("input, select, textarea") && field.getAttribute("aria-invalid") !== "true") wrong.push(`the field of ${link.hash} is not said to be wrong`);
    }
    summary.focus();
    return wrong;
  },

  // The element with the focus: whether it is seen that it has it, and whether something lies over it.
  focused() {
    const e = document.activeElement;
    if (!e || e === document.body) return { name: "", wrong: [] };
    const marks = [e, e.closest("label"), e.closest("fieldset, .ds-field"), ...(e.labels ?? [])].filter(Boolean);
    const styles = () => marks.map((m) => { const s = getComputedStyle(m); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor, s.textDecorationThickness].join(); }).join("|");
    const wrong = [];
    const r = e.getBoundingClientRect();
    const x = Math.min(Math.max(r.left + r.width / 2, 0), innerWidth - 1), y = r.top + Math.min(r.height / 2, innerHeight / 2);
    const box = [...e.getClientRects()].find((b) => b.width > 1 && b.height > 1) ?? r;
    const over = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20)) ?? document.elementFromPoint(x, y);
    if (!over) wrong.push("is out of sight");
    // A menu that the reader has opened lies over the page until Escape closes it, which is theirs to press.
    else if (!over.closest(".vd-menu[open]") && !marks.some((m) => m.contains(over) || over.contains(m))) wrong.push(`lies behind <${over.localName} class="${over.className.baseVal ?? over.className}">`);
    const having = styles();
    e.blur();
    const lacking = styles();
    e.focus({ preventScroll: true });
    if (having === lacking) wrong.push("looks the same with the focus");
    return { name: `<${e.localName} id="${e.id}" class="${e.className.baseVal ?? e.className}"> ${e.textContent.trim().replace(/\s+/g, " ").slice(0, 40)}`, wrong };
  },

  // The same of everything that takes the focus, in turn.
  focus() {
    const wrong = [];
    for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")) {
      if (!e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
      e.focus();
      if (document.activeElement !== e) { wrong.push(`takes no focus: ${e.outerHTML.slice(0, 100)}`); continue; }
      const told = this.focused();
      wrong.push(...told.wrong.map((w) => `${told.name} ${w}`));
    }
    document.activeElement?.blur();
    scrollTo(0, 0);
    return wrong.slice(0, 5);
  },

  // What moves for a reader who has asked for rest.
  moving() {
    const long = (list) => list.split(",").some((d) => parseFloat(d) > 0.001);
    const found = [...document.querySelectorAll("*")].filter((e) => { const s = getComputedStyle(e); return long(s.transitionDuration) && s.transitionProperty !== "none" || s.animationName !== "none" && long(s.animationDuration); });
    return [...new Set(found.map((e) => `<${e.localName} class="${e.className.baseVal ?? e.className}">`))].slice(0, 5)
      .concat(document.getAnimations().filter((a) => a.playState === "running").map((a) => `${a.animationName || a.transitionProperty} runs`));
  },

  open() {
    document.querySelectorAll("main details:not([open])").forEach((e) => { e.open = true; });
    return true;
  },

  // What does not fit the window: scrolling sideways, boxes beyond the edge, cut text, text over text.
  sideways() {
    const edge = document.documentElement.clientWidth;
    const name = (e) => `<${e.localName} class="${e.className.baseVal ?? e.className}"> ${e.textContent.trim().replace(/\s+/g, " ").slice(0, 50)}`;
    const within = (e, is) => { for (; e && e !== document.body; e = e.parentElement) if (is(e, getComputedStyle(e))) return true; return false; };
    // Read aloud alone, or out of the way until it has the focus.
    const unseen = (e) => within(e, (e, style) => e.matches(".vd-skip, .ds-sr-only") || style.clipPath !== "none");
    // Meant to lie over the page: bars that stay in sight, menus that are open.
    const floats = (e) => within(e, (e, style) => /fixed|sticky/.test(style.position) || e.matches(".vd-menu__list"));
    // Shortened on purpose: the title of a course on its later days in the calendar, which its first day has in full.
    const shortened = ".vd-month__on a";
    const wrong = [];
    if (document.scrollingElement.scrollWidth > edge) wrong.push(`the page is ${document.scrollingElement.scrollWidth} wide in ${edge}`);
    const pieces = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode, parent = node.parentElement;
      if (!node.data.trim() || !parent.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) || parent.closest("option, script, style") || parent.matches(shortened) || unseen(parent)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const r of range.getClientRects()) {
        if (r.width < 2 || r.height < 2) continue;
        if (r.right > edge + 1 || r.left < -1) wrong.push(`beyond the edge: ${name(parent)}`);
        if (!floats(parent)) pieces.push({ r, parent });
      }
      for (let e = parent; e && e !== document.body; e = e.parentElement) {
        if (/hidden|clip/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1) { wrong.push(`cut: ${name(e)}`); break; }
      }
    }
    pieces.sort((a, b) => a.r.top - b.r.top);
    for (let i = 0; i < pieces.length; i++) {
      for (let k = i + 1; k < pieces.length && pieces[k].r.top < pieces[i].r.bottom - 4; k++) {
        const a = pieces[i], b = pieces[k];
        if (a.parent === b.parent) continue;
        const across = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
        const down = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
        if (across > 3 && down > a.r.height / 3) wrong.push(`one over the other: ${name(a.parent)} and ${name(b.parent)}`);
      }
    }
    return [...new Set(wrong)].slice(0, 5);
  },

  // axe's opinion. known holds {rule, selector, over, without} of what it cannot decide at first: it is asked again while
  // the style "without" holds, of elements that lie under "over".
  async axe(known, tags) {
    // A bar changes its height while axe thinks: where a word was under it then, it still was.
    const box = (e) => e.getBoundingClientRect();
    const before = new Map(known.filter((k) => k.over).flatMap((k) => [...document.querySelectorAll(k.over)].map((o) => [o, box(o)])));
    const result = await axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations", "incomplete"], elementRef: true, preload: false });
    const used = new Set();
    const near = 4; // a rim and a shadow hinder too
    const meet = (a, b) => a.top - near < b.bottom && b.top < a.bottom + near;
    const under = (e, over) => [...document.querySelectorAll(over)].some((o) => !o.contains(e) && [box(o), before.get(o) ?? box(o)].some((b) => meet(b, box(e))));
    const matching = (rule, node) => known.findIndex((k) => k.rule === rule && node.element?.matches(k.selector) && (!k.over || under(node.element, k.over)));
    // Found once: what the page does meanwhile, as a countdown, must not change it.
    const entries = new Map(result.incomplete.flatMap((r) => r.nodes.map((n) => [n, matching(r.id, n)])));
    const again = { violations: [], incomplete: [] };
    for (const [i, k] of known.entries()) {
      const nodes = result.incomplete.filter((r) => r.id === k.rule).flatMap((r) => r.nodes).filter((n) => entries.get(n) === i).map((n) => n.element);
      if (nodes.length === 0) continue;
      used.add(i);
      const style = new CSSStyleSheet();
      style.replaceSync(k.without);
      document.adoptedStyleSheets.push(style);
      const decided = await axe.run({ include: nodes }, { runOnly: { type: "rule", values: [k.rule] }, resultTypes: ["violations", "incomplete"], elementRef: true, preload: false });
      document.adoptedStyleSheets.pop();
      again.violations.push(...decided.violations);
      again.incomplete.push(...decided.incomplete);
    }
    const told = (list, keep) => list.flatMap((r) => r.nodes.filter((n) => keep(r.id, n)).map((n) =>
      `${r.id}: ${n.target.join(" ")}: ${[...n.any, ...n.all, ...n.none].map((c) => c.message).join("; ")} ${n.html.slice(0, 160)}`));
    return {
      violations: told([...result.violations, ...again.violations], () => true),
      unexplained: told(result.incomplete, (rule, node) => entries.get(node) < 0).concat(told(again.incomplete, () => true).map((u) => `without what hinders: ${u}`)),
      used: [...used],
      rules: [...result.violations, ...result.incomplete, ...result.passes, ...result.inapplicable].map((r) => r.id),
    };
  },
})
