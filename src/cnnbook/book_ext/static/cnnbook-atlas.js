// What an overview of the atlas can do beyond plain HTML: sort its maps by any number. The page is complete without it.
"use strict";

(() => {
  const table = document.querySelector("table.atlas-maps");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const value = (row, column) => {
    const said = row.cells[column].dataset.value;
    return said === undefined || said === "" ? -Infinity : Number(said);
  };
  const sort = (column, ascending) => {
    const sign = ascending ? 1 : -1;
    const first = (row) => value(row, 0);
    const compare = (a, b) => sign * (value(a, column) - value(b, column)) || first(a) - first(b);
    body.append(...[...rows].sort((a, b) => {
      const known = Number.isFinite(value(b, column)) - Number.isFinite(value(a, column));
      return known || compare(a, b);
    }));
  };
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (rows.every((row) => row.cells[column].dataset.value === undefined)) return;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: head.textContent });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") === "descending" || (column === 0 && head.getAttribute("aria-sort") !== "ascending");
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sort(column, ascending);
    });
  });
})();
