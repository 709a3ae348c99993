// What the table of all claims can do beyond plain HTML: filter, search, sort. The page is complete without it.
"use strict";

(() => {
  const table = document.querySelector("table.claims-all");
  const tools = document.querySelector(".claims-tools");
  if (!table || !tools) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const search = tools.querySelector("input");
  const buttons = [...tools.querySelectorAll("button")];
  const count = tools.querySelector("output");

  const filter = () => {
    const pressed = buttons.filter((button) => button.getAttribute("aria-pressed") === "true");
    const wanted = new Set(pressed.map((button) => button.dataset.verdict));
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const fits = (!wanted.size || wanted.has(row.dataset.verdict)) && asked.every((word) => words.get(row).includes(word));
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} claims`;
  };

  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
      filter();
    });
  }
  search.addEventListener("input", filter);

  const order = new Map(rows.map((row, place) => [row, place]));
  const heads = [...table.tHead.rows[0].cells];
  const sort = (column, ascending) => {
    const key = (row) => (column === 0 ? order.get(row) : row.cells[column].textContent.trim().toLowerCase());
    const compare = (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : order.get(a) - order.get(b));
    body.append(...[...rows].sort((a, b) => (ascending ? compare(a, b) : compare(b, a))));
  };
  heads.forEach((head, column) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: head.textContent });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sort(column, ascending);
    });
  });
  tools.hidden = false;

  const open = () => {
    const row = location.hash.startsWith("#claim-") && document.getElementById(location.hash.slice(1));
    const details = row && row.querySelector("details");
    if (details) details.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
