"use strict";
// The report around the molecule: the table of verdicts, its filter and order, links and print.
(function () {
  const molecule = window.epitopeMolecule, data = molecule.data;
  const $ = (selector, root) => (root || document).querySelector(selector);
  const $$ = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // --- table and molecule ---
  function mark(id) {
    $$("#table tbody tr").forEach(row => {
      const mine = row.dataset.card === id;
      row.classList.toggle("picked", mine);
      const button = $(".pick", row);
      if (button) button.setAttribute("aria-pressed", String(mine));
    });
  }
  function pick(id) { mark(id); if (data.sites[id]) molecule.show(data.sites[id]); }
  function reveal() {
    const panel = $("#viewer-panel"), box = panel.getBoundingClientRect();
    if (box.top < 0 || box.top > innerHeight * 0.6) panel.scrollIntoView({ behavior: still.matches ? "auto" : "smooth", block: "start" });
  }

  $("#table tbody").addEventListener("click", event => {
    const row = event.target.closest("tr");
    if (row && !event.target.closest("a")) pick(row.dataset.card);
  });
  document.addEventListener("click", event => {
    const button = event.target.closest(".show3d");
    if (!button) return;
    if (button.dataset.card) pick(button.dataset.card); else molecule.show(button.dataset.scene);
    reveal();
  });
  $("#viewer-panel").addEventListener("residue", event => {
    const id = event.detail.rows[0];
    if (!id) return;
    mark(id);
    if (!molecule.state.full) $("#row-" + id).scrollIntoView({ block: "nearest" });
  });

  // --- filter and sort ---
  const rows = $$("#table tbody tr"), selects = $$("#filters select"), find = $("#find");
  const words = new Map(rows.map(row => [row, row.textContent.toLowerCase()]));
  function filter() {
    const text = find.value.trim().toLowerCase();
    let count = 0;
    rows.forEach(row => {
      const fits = (!text || words.get(row).includes(text)) && selects.every(s => !s.value || row.dataset[s.dataset.question] === s.value);
      row.hidden = !fits;
      count += fits;
    });
    $("#shown").textContent = (count === rows.length ? "" : count + " of ") + rows.length + (rows.length === 1 ? " row" : " rows");
  }
  $("#filters").addEventListener("input", filter);
  $("#filters").addEventListener("submit", event => event.preventDefault());
  $("#filters").addEventListener("reset", () => setTimeout(filter));

  const GRAVITY = { "lost": 0, "at risk": 1, "not assessable": 2, "intact": 3, "": 4 };
  $$("#table thead th").forEach((head, column) => head.addEventListener("click", () => {
    const rising = head.getAttribute("aria-sort") !== "ascending", body = $("#table tbody");
    $$("#table thead th").forEach(h => h.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const name = $("button", head).textContent;
    const key = column === 0 ? row => Number(row.dataset.position || 1e6)
      : head.dataset.sort === "verdict" ? row => GRAVITY[row.dataset[name]] : row => row.cells[row.cells.length - 1].textContent.trim();
    const compare = (a, b) => { const x = key(a), y = key(b); return (x < y ? -1 : x > y ? 1 : 0) * (rising ? 1 : -1) || a.dataset.order - b.dataset.order; };
    rows.slice().sort(compare).forEach(row => body.append(row));
  }));
  rows.forEach(row => ["antigen", "fold", "epitope"].forEach((name, i) => { if (row.cells.length === 5) row.cells[i + 1].dataset.label = name; }));

  // --- links into closed cards, print ---
  function open() { const card = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1))); if (card && card.tagName === "DETAILS") card.open = true; }
  addEventListener("hashchange", open);
  addEventListener("beforeprint", () => { $$("details").forEach(d => { d.open = true; }); });

  filter();
  open();
})();
