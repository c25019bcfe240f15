"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (selector, root) => (root || document).querySelector(selector);
  const $$ = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const state = { scene: null, viewer: null, labels: true, motion: 0 };
  // Field of view and camera distance are 3Dmol.js' defaults, as in the notebook renderer.
  const CAMERA_Z = 150, HALF_FIELD = Math.tan((10 * Math.PI) / 180);

  // --- the molecule ---
  function start() {
    if (typeof $3Dmol === "undefined") return;
    try {
      const viewer = $3Dmol.createViewer($("#canvas"), { backgroundColor: background(), antialias: true });
      if (!viewer || !$("#canvas canvas")) return;
      viewer.addModel(data.pdb, "pdb");
      state.viewer = viewer;
      document.documentElement.classList.add("has3d");
      viewer.setClickable({}, true, clicked);
      $("#canvas canvas").setAttribute("aria-hidden", "true");
    } catch (error) { state.viewer = null; document.documentElement.classList.remove("has3d"); }
  }
  function background() { return dark.matches ? "#14171b" : "#ffffff"; }

  function show(name, options) {
    const scene = data.scenes[name];
    if (!scene) return;
    state.scene = name;
    $("#scene-title").textContent = scene.title;
    $("#scene-text").textContent = scene.description;
    $("#canvas").setAttribute("aria-label", scene.title + ". " + scene.description);
    legend(scene.legend);
    $$(".tabs button").forEach(b => b.setAttribute("aria-pressed", String(b.dataset.scene === name)));
    if (!state.viewer) return;
    draw(scene);
    turn(target(scene.camera), !(options && options.at_once));
  }

  function draw(scene) {
    const viewer = state.viewer, pool = data.pool;
    viewer.removeAllLabels(); viewer.removeAllShapes(); viewer.removeAllSurfaces();
    viewer.setStyle({}, {});
    scene.styles.forEach(i => viewer.addStyle(pool[i][0], pool[i][1]));
    scene.surfaces.forEach(i => viewer.addSurface($3Dmol.SurfaceType.SES, pool[i][1], pool[i][0]));
    scene.lines.forEach(i => {
      const [start, end, color, dashed, text, shift] = pool[i];
      viewer.addCylinder({ start: xyz(start), end: xyz(end), radius: 0.1, color, dashed: Boolean(dashed), dashLength: 0.45, gapLength: 0.35 });
      const middle = start.map((v, k) => (v + end[k]) / 2);
      if (text && state.labels) viewer.addLabel(text, { position: xyz(middle), fontSize: 10, fontColor: "#20242A", backgroundColor: "#ffffff", backgroundOpacity: 0.75, inFront: true, alignment: "center", screenOffset: { x: shift[0], y: shift[1] } });
    });
    if (state.labels) scene.labels.forEach(i => {
      const [text, place, color, ink, shift] = pool[i];
      viewer.addLabel(text, Object.assign({ position: xyz(place), inFront: true, alignment: "center", screenOffset: { x: shift[0], y: shift[1] }, borderColor: color },
        ink ? { fontSize: 13, fontColor: ink, backgroundColor: color, backgroundOpacity: 0.92, borderThickness: 0 }
          : { fontSize: 11, fontColor: "#20242A", backgroundColor: "#FFFFFF", backgroundOpacity: 0.72, borderThickness: 1 }));
    });
    viewer.setSlab(scene.slab[0], scene.slab[1]);
    viewer.render();
  }

  function xyz(v) { return { x: v[0], y: v[1], z: v[2] }; }

  function target(camera) {
    const box = $("#canvas").getBoundingClientRect();
    const aspect = box.height > 0 ? box.width / box.height : 1;
    const half = Math.max(camera.half[1], camera.half[0] / aspect);
    return [-camera.centre[0], -camera.centre[1], -camera.centre[2], CAMERA_Z - half / HALF_FIELD, ...camera.quaternion];
  }

  function turn(to, gently) {
    const viewer = state.viewer, from = viewer.getView().slice(0, 8), motion = ++state.motion;
    if (!gently || still.matches) { viewer.setView(to); return; }
    const begun = performance.now(), lasts = 450;
    (function step(now) {
      if (motion !== state.motion) return;
      const t = Math.min(1, Math.max(0, (now - begun) / lasts)), ease = t * t * (3 - 2 * t);
      viewer.setView(t < 1 ? between(from, to, ease) : to);
      if (t < 1) requestAnimationFrame(step);
    })(begun);
  }
  function between(a, b, t) {
    const out = [0, 1, 2, 3].map(i => a[i] + (b[i] - a[i]) * t);
    const dot = a[4] * b[4] + a[5] * b[5] + a[6] * b[6] + a[7] * b[7], sign = dot < 0 ? -1 : 1;
    const q = [4, 5, 6, 7].map(i => a[i] + (sign * b[i] - a[i]) * t), length = Math.hypot(...q) || 1;
    return out.concat(q.map(v => v / length));
  }

  function clicked(atom) {
    const known = data.residues[atom.chain + ":" + atom.resi + (atom.icode || "").trim()];
    const place = $("#residue");
    place.textContent = "";
    if (!known) { place.textContent = atom.resn + " " + atom.resi + ", chain " + atom.chain + " (" + data.binder + ")"; return; }
    const [, name, note, rows] = known;
    const strong = document.createElement("strong");
    strong.textContent = name;
    place.append(strong, ": " + note + ". ");
    rows.forEach((id, i) => {
      const link = document.createElement("a");
      link.href = "#row-" + id; link.textContent = data.names[id];
      place.append(i ? ", " : "Variants here: ", link);
    });
    if (rows.length) { mark(rows[0]); const row = $("#row-" + rows[0]); row.scrollIntoView({ block: "nearest" }); }
  }

  function legend(entries) {
    const list = $("#legend");
    list.textContent = "";
    entries.forEach(([meaning, color]) => {
      const item = document.createElement("li"), swatch = document.createElement("i");
      swatch.style.background = color;
      item.append(swatch, meaning);
      list.append(item);
    });
  }

  // --- table and molecule ---
  function mark(id) {
    $$("#table tbody tr").forEach(row => {
      const mine = row.dataset.card === id;
      row.classList.toggle("picked", mine);
      const button = $(".pick", row);
      if (button) button.setAttribute("aria-pressed", String(mine));
    });
  }
  function pick(id) { mark(id); if (data.sites[id]) show(data.sites[id]); }
  function reveal() {
    const panel = $("#viewer-panel"), box = panel.getBoundingClientRect();
    if (box.top < 0 || box.top > innerHeight * 0.6) panel.scrollIntoView({ behavior: still.matches ? "auto" : "smooth", block: "start" });
  }

  $("#table tbody").addEventListener("click", event => {
    const row = event.target.closest("tr");
    if (row && !event.target.closest("a")) pick(row.dataset.card);
  });
  document.addEventListener("click", event => {
    const button = event.target.closest(".show3d, .tabs button");
    if (!button) return;
    if (button.dataset.card) pick(button.dataset.card); else show(button.dataset.scene);
    if (button.classList.contains("show3d")) reveal();
  });

  $(".controls").addEventListener("click", event => {
    const kind = event.target.dataset.turn, viewer = state.viewer;
    if (!kind || !viewer) return;
    if (kind === "reset") show(state.scene);
    else if (kind === "labels") { state.labels = !state.labels; event.target.setAttribute("aria-pressed", String(state.labels)); draw(data.scenes[state.scene]); }
    else if (kind === "png") save(viewer.pngURI(), state.scene + ".png");
    else if (kind === "in" || kind === "out") viewer.zoom(kind === "in" ? 1.25 : 0.8);
    else viewer.rotate({ left: -20, right: 20, up: -20, down: 20 }[kind], kind === "left" || kind === "right" ? "y" : "x");
  });
  function save(address, name) { const link = document.createElement("a"); link.href = address; link.download = name; link.click(); }

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

  // --- links into closed cards, themes, print ---
  function open() { const card = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1))); if (card && card.tagName === "DETAILS") card.open = true; }
  addEventListener("hashchange", open);
  dark.addEventListener("change", () => { if (state.viewer) state.viewer.setBackgroundColor(background()); });
  addEventListener("resize", () => { if (state.viewer) state.viewer.resize(); });
  addEventListener("beforeprint", () => { $$("details").forEach(d => { d.open = true; }); });

  filter();
  open();
  show("overview");
  window.epitopeReport = { state, show, pick, clicked };
  // The table can be used before the molecule is there.
  requestAnimationFrame(() => setTimeout(() => { start(); show(state.scene, { at_once: true }); window.epitopeReport.ready = true; }));
})();
