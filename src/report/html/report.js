"use strict";
(() => {
  const form = document.querySelector(".controls");
  const [search, action, telsys, shown] = ["search", "action", "telsys", "shown"].map((id) => document.getElementById(id));
  const rows = [...document.querySelectorAll("details.row")].map((row) => ({
    row, action: row.dataset.action, telsys: row.dataset.telsys.split(" "),
    clients: Number(row.dataset.clients), text: row.textContent.toLowerCase(),
  }));
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let clients = 0;
    for (const one of rows) {
      const visible = (!action.value || one.action === action.value)
        && (!telsys.value || one.telsys.includes(telsys.value))
        && words.every((word) => one.text.includes(word));
      one.row.hidden = !visible;
      clients += visible ? one.clients : 0;
    }
    shown.value = `${clients} of ${rows.reduce((sum, one) => sum + one.clients, 0)} clients`;
  };
  for (const control of [search, action, telsys]) control.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = rows.length === 0;
  filter();
})();
