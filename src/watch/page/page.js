"use strict";
(() => {
  const PAUSE = 2000;
  const spoken = document.getElementById("spoken");
  const parts = () => [...document.querySelectorAll("[data-part]")];
  // Rows are known by what their first line says: what is open stays open, and what has the focus keeps it.
  const name = (details) => details.querySelector("summary")?.textContent ?? "";
  const keep = (part, fresh) => {
    const open = new Set([...part.querySelectorAll("details[open]")].map(name));
    for (const details of fresh.querySelectorAll("details")) if (open.has(name(details))) details.open = true;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = part.querySelector(".scroll")?.scrollTop ?? 0;
    const place = focused && [...part.querySelectorAll("summary, a, [tabindex]")].indexOf(focused);
    const words = focused?.textContent;
    part.replaceWith(fresh);
    const scroll = fresh.querySelector(".scroll");
    if (scroll) scroll.scrollTop = scrolled;
    if (focused) {
      const all = [...fresh.querySelectorAll("summary, a, [tabindex]")];
      (all.find((one) => one.textContent === words) ?? all[place])?.focus({ preventScroll: true });
    }
  };
  const closed = (part) => {
    const copy = part.cloneNode(true);
    for (const details of copy.querySelectorAll("details")) details.removeAttribute("open");
    return copy.outerHTML;
  };
  const take = (text) => {
    const next = new DOMParser().parseFromString(text, "text/html");
    for (const part of parts()) {
      const fresh = next.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!fresh || closed(part) === fresh.outerHTML) continue;
      if (part.dataset.outcome !== fresh.dataset.outcome) spoken.textContent = fresh.querySelector("h2").textContent;
      keep(part, document.importNode(fresh, true));
    }
    document.title = next.title;
  };
  const lost = () => {
    const verdict = document.querySelector(".verdict");
    const words = "icsync watch does not answer: this page is not up to date";
    if (verdict.textContent !== words) spoken.textContent = verdict.textContent = words;
  };
  const refresh = async () => {
    try {
      const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(10000) });
      if (answer.ok) take(await answer.text()); else lost();
    } catch {
      lost();
    }
    setTimeout(refresh, document.hidden ? PAUSE * 10 : PAUSE);
  };
  setTimeout(refresh, PAUSE);
})();
