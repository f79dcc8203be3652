"use strict";
(() => {
  // The most rows that a search opens: more than that nobody reads.
  const MOST_OPENED = 500;
  const CHUNK = 100;
  const ROW_HEIGHT = 36;
  const $ = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const list = document.querySelector("section.list");
  const [form, search, sort, clear, shown] = ["controls", "search", "sort", "clear", "shown"]
    .map((id) => (id === "controls" ? document.querySelector("form.controls") : $(id)));
  const filters = document.querySelector(".filters");
  const rows = all("details.row", list);
  const text = (element) => element?.textContent.toLowerCase() ?? "";

  // What is searched is read when it is searched first. A row stands for one client or for several that share what it says.
  let index = null;
  const read = () => index ??= rows.map((row, place) => {
    const others = all("ul.others > li", row);
    const telsys = row.dataset.telsys;
    const members = [{ element: null, telsys, text: "" }];
    let shared = "";
    if (others.length === 0) {
      members[0].text = text(row);
    } else {
      shared = all(".body > p:not(.own), tr:not(.own), tr.own > th", row).map(text).join(" ");
      members[0].text = [row.querySelector("summary"), ...all(".own", row)].map(text).join(" ");
      for (const element of others) members.push({ element, telsys: element.dataset.telsys ?? telsys, text: text(element) });
    }
    return { row, place, state: row.dataset.state, aside: "aside" in row.dataset, members, shared, opened: false,
      more: row.querySelector(".more") };
  });

  const chips = all(".chip", filters);
  const pressed = (name) => new Set(chips.filter((chip) => chip.ariaPressed === "true" && name in chip.dataset).map((chip) => chip.dataset[name]));
  const hide = (element, hidden) => { if (element.hidden !== hidden) element.hidden = hidden; };
  const tally = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);

  /** Shows the clients of one row that fit, and gives how many they are. */
  const fit = (one, query, counts) => {
    let hits = 0;
    const state = query.states.size === 0 || query.states.has(one.state);
    for (const member of one.members) {
      const said = query.words.every((word) => member.text.includes(word) || one.shared.includes(word));
      const server = query.servers.size === 0 || query.servers.has(member.telsys);
      if (said && server) tally(counts.states, one.state);
      if (said && state) tally(counts.servers, member.telsys);
      const fits = said && state && server;
      hits += fits ? 1 : 0;
      if (member.element) hide(member.element, !fits);
    }
    return hits;
  };

  const filter = () => {
    const query = { words: search.value.toLowerCase().split(/\s+/).filter(Boolean), states: pressed("state"), servers: pressed("telsys") };
    const counts = { states: new Map(), servers: new Map() };
    let [clients, opened] = [0, 0];
    for (const one of read()) {
      const hits = fit(one, query, counts);
      hide(one.row, hits === 0);
      if (!one.aside) clients += hits;
      if (one.more) {
        if (hits > 0 && hits < one.members.length) one.more.dataset.hits = ` · ${hits} found`;
        else delete one.more.dataset.hits;
      }
      const open = query.words.length > 0 && hits > 0 && opened < MOST_OPENED;
      opened += open ? 1 : 0;
      if (open && !one.row.open) one.row.open = one.opened = true;
      if (!open && one.opened) one.row.open = one.opened = false;
    }
    for (const chunk of all(".chunk", list)) {
      const visible = [...chunk.children].filter((row) => !row.hidden).length;
      hide(chunk, visible === 0);
      chunk.style.containIntrinsicBlockSize = `auto ${visible * ROW_HEIGHT}px`;
    }
    for (const chip of chips) {
      const found = "state" in chip.dataset ? counts.states.get(chip.dataset.state) : counts.servers.get(chip.dataset.telsys);
      chip.lastElementChild.textContent = found ?? 0;
    }
    const { all: total, noun } = form.dataset;
    shown.value = `${clients} of ${total} ${noun}`;
    clear.hidden = query.words.length + query.states.size + query.servers.size === 0;
  };

  const reset = () => {
    search.value = "";
    for (const chip of chips) chip.ariaPressed = "false";
    filter();
  };

  const order = () => {
    const collator = new Intl.Collator("en", { numeric: true });
    const by = (selector) => (one) => text(one.row.querySelector(selector));
    const places = new Map(chips.filter((chip) => "state" in chip.dataset).map((chip, place) => [chip.dataset.state, place]));
    const [key, compare] = {
      name: [by(".name"), collator.compare],
      scope: [by(".scope"), collator.compare],
      state: [(one) => places.get(one.state), (left, right) => left - right],
      size: [(one) => one.members.length * 1000 + Math.min(999, all("tr", one.row).length), (left, right) => right - left],
    }[sort.value] ?? [(one) => one.place, (left, right) => left - right];
    const keyed = read().map((one) => [key(one), one]);
    keyed.sort(([left, one], [right, other]) => compare(left, right) || one.place - other.place);
    const sorted = keyed.map(([, one]) => one.row);
    const chunks = all(".chunk", list);
    if (chunks.length === 0) list.replaceChildren(...sorted);
    chunks.forEach((chunk, place) => chunk.replaceChildren(...sorted.slice(place * CHUNK, (place + 1) * CHUNK)));
    if (!clear.hidden) filter();
  };

  const open = (open) => {
    for (const row of rows) if (!row.hidden && row.open !== open) row.open = open;
    for (const one of index ?? []) one.opened = false;
  };

  // A link to a client opens what holds it.
  const reveal = () => {
    let target = null;
    try { target = $(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    if (!target) return;
    if (target.closest("[hidden]")) reset();
    for (let one = target.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
    target.scrollIntoView({ block: "start" });
  };

  const copy = async (button) => {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
      getSelection().removeAllRanges();
    }
    button.textContent = "copied";
    setTimeout(() => { button.textContent = "copy"; }, 2000);
  };

  // Paper shows everything; afterwards it is as it was.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = all("details:not([open])");
    for (const one of unfolded) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of unfolded) one.open = false; });

  search.addEventListener("input", filter);
  sort.addEventListener("input", order);
  clear.addEventListener("click", () => { reset(); search.focus(); });
  $("expand").addEventListener("click", () => open(true));
  $("collapse").addEventListener("click", () => open(false));
  form.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("click", (event) => {
    const chip = event.target.closest(".chip");
    if (!chip) return;
    chip.ariaPressed = chip.ariaPressed === "true" ? "false" : "true";
    filter();
  });
  document.addEventListener("click", (event) => { if (event.target.matches(".copy")) copy(event.target); });
  for (const button of all(".copy")) button.hidden = false;
  form.hidden = filters.hidden = rows.length === 0;
  document.querySelector(".counts").hidden = rows.length > 0;
  addEventListener("hashchange", reveal);
  reveal();
})();
