"use strict";
(() => {
  const table = document.getElementById("table-reports");
  const tools = document.querySelector(".tools");
  if (!table || !tools) return;
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.querySelectorAll("th[data-sort]")];
  const order = document.getElementById("order"), find = document.getElementById("find");
  const found = document.getElementById("found");
  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
  const columns = [...table.tHead.rows[0].querySelectorAll("th[data-column]")]
    .map((head) => head.textContent.toLowerCase());

  // By a key; what has none comes last, whichever way it is sorted
  const key = (row, by, column) => (by === "name" || by === "until" ? row.dataset[by]
    : row.querySelector(`td[data-column="${column}"]`).dataset[by]) || "";
  function sort(by, column, down) {
    const keyed = rows.map((row, place) => ({ row, place, key: by ? key(row, by, column) : "" }));
    keyed.sort((a, b) => (a.key === "") - (b.key === "")
      || (by === "name" || by === "until" ? compare(a.key, b.key) : a.key - b.key) * (down ? -1 : 1)
      || a.place - b.place);
    body.append(...keyed.map((one) => one.row));
    for (const head of heads) {
      const mine = head.dataset.sort === by && (head.dataset.column || "") === column;
      head.setAttribute("aria-sort", mine ? (down ? "descending" : "ascending") : "none");
    }
    order.value = [by, column].filter(Boolean).join(" ");
  }
  const first = { until: true, value: true }; // the latest day and the largest number come first
  for (const head of heads) {
    const words = head.querySelector(".by"), button = document.createElement("button");
    button.type = "button";
    button.append(...words.childNodes);
    words.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort"), by = head.dataset.sort;
      sort(by, head.dataset.column || "", now === "none" ? Boolean(first[by]) : now === "ascending");
    });
  }
  order.addEventListener("change", () => {
    const [by, column = ""] = order.value.split(" ");
    sort(by, column, Boolean(first[by]));
  });

  // A word that names shops keeps these; one that names notebooks only keeps their columns
  function search() {
    let shops = new Set(rows), shown = new Set(columns.keys());
    const asked = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const word of asked) {
      const named = rows.filter((row) => row.dataset.find.includes(word));
      const about = [...columns.keys()].filter((place) => columns[place].includes(word));
      if (named.length || !about.length) shops = new Set(named.filter((row) => shops.has(row)));
      else shown = new Set(about.filter((place) => shown.has(place)));
    }
    const ids = new Set([...shops].map((row) => row.dataset.shop));
    for (const one of document.querySelectorAll("[data-shop]")) {
      one.hidden = Boolean(one.dataset.shop) && !ids.has(one.dataset.shop);
    }
    for (const one of table.querySelectorAll("[data-column]")) one.hidden = !shown.has(+one.dataset.column);
    const counts = { shops: shops.size, all_shops: rows.length, notebooks: shown.size, all_notebooks: columns.length };
    const none = !shops.size || !shown.size;
    found.textContent = !asked.length ? "" : none ? tools.dataset.none
      : tools.dataset.found.replace(/\{(\w+)\}/g, (all, name) => counts[name] ?? all);
  }
  find.addEventListener("input", search);
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.hidden = false;
  if (find.value) search();
})();
