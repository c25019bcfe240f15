"use strict";
// The molecule: pictures, camera, layers, distances, keys. Every fact comes with the data; nothing is fetched.
window.epitopeMolecule = (function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const panel = document.getElementById("viewer-panel");
  const $ = selector => panel.querySelector(selector);
  const $$ = selector => Array.from(panel.querySelectorAll(selector));
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const state = { scene: null, viewer: null, ready: false, labels: true, motion: 0, layers: {}, full: false, chosen: null, measured: [] };
  const alone = panel.hasAttribute("data-alone");
  // Field of view and camera distance are 3Dmol.js' defaults, as in the notebook renderer.
  const CAMERA_Z = 150, HALF_FIELD = Math.tan((10 * Math.PI) / 180);
  const KINDS = { centroid: "side-chain centroids", min: "nearest heavy atoms", ca: "Cα", cb: "Cβ" };

  // --- drawing ---
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
    state.layers = {};
    $("#scene-title").textContent = scene.title;
    $("#scene-text").textContent = scene.description;
    $("#canvas").setAttribute("aria-label", scene.title + ". " + scene.description);
    legend(scene.legend);
    $$("[data-scene]").forEach(b => b.setAttribute("aria-pressed", String(b.dataset.scene === name)));
    draw();
    if (state.viewer) turn(target(scene.camera), !(options && options.at_once));
  }

  // What is drawn: the picture, less what is hidden, with what is added to it.
  const number = item => Array.isArray(item) ? item[0] : item;
  function held(layer, scene) {
    return ["styles", "surfaces"].some(kind => scene[kind].some(i => data.layers[layer].goes[kind].includes(i)));
  }
  function shown(layer) { return layer in state.layers ? state.layers[layer] : held(layer, data.scenes[state.scene]); }
  function drawing() {
    const scene = data.scenes[state.scene], out = {}, names = Object.keys(data.layers);
    const hidden = names.filter(name => !shown(name)), added = names.filter(name => shown(name) && !held(name, scene));
    ["styles", "surfaces", "labels", "lines"].forEach(kind => {
      const items = scene[kind].concat(...added.map(name => data.layers[name].adds[kind]));
      const gone = new Set(hidden.flatMap(name => data.layers[name].goes[kind]));
      const once = new Map(items.filter(item => !gone.has(number(item))).map(item => [number(item), item]));
      out[kind] = Array.from(once.values(), item => Array.isArray(item) ? [data.pool[item[0]], item.slice(1)] : data.pool[item]);
    });
    return out;
  }

  function draw() {
    $$("[data-layer]").forEach(b => b.setAttribute("aria-pressed", String(shown(b.dataset.layer))));
    const viewer = state.viewer;
    if (!viewer) return;
    const { styles, surfaces, labels, lines } = drawing(), slab = data.scenes[state.scene].slab;
    viewer.removeAllLabels(); viewer.removeAllShapes(); viewer.removeAllSurfaces();
    viewer.setStyle({}, {});
    styles.forEach(([selection, style]) => viewer.addStyle(selection, style));
    surfaces.forEach(([selection, style]) => viewer.addSurface($3Dmol.SurfaceType.SES, style, selection));
    lines.forEach(([[from, to, color, dashed, text], shift]) => line(from, to, color, dashed, state.labels ? text : "", shift));
    if (state.labels) labels.forEach(([[text, place, color, ink], shift]) => {
      viewer.addLabel(text, Object.assign({ position: xyz(place), inFront: true, alignment: "center", screenOffset: { x: shift[0], y: shift[1] }, borderColor: color },
        ink ? { fontSize: 13, fontColor: ink, backgroundColor: color, backgroundOpacity: 0.92, borderThickness: 0 }
          : { fontSize: 11, fontColor: "#20242A", backgroundColor: "#FFFFFF", backgroundOpacity: 0.72, borderThickness: 1 }));
    });
    state.measured.forEach(stretch);
    viewer.setSlab(slab[0], slab[1]);
    viewer.render();
  }
  function stretch({ ends, distance }) {
    const kind = $("#measure-kind").value;
    if (ends[kind]) line(...ends[kind], dark.matches ? "#ffffff" : "#20242A", true, distance[kind].toFixed(2) + " Å", [0, 0], 14);
  }
  function line(from, to, color, dashed, text, shift, size) {
    state.viewer.addCylinder({ start: xyz(from), end: xyz(to), radius: 0.1, color, dashed: Boolean(dashed), dashLength: 0.45, gapLength: 0.35 });
    if (text) state.viewer.addLabel(text, { position: xyz(middle([from, to])), fontSize: size || 10, fontColor: "#20242A", backgroundColor: "#ffffff", backgroundOpacity: 0.8, inFront: true, alignment: "center", screenOffset: { x: shift[0], y: shift[1] } });
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

  function legend(entries) {
    $("#legend").replaceChildren(...entries.map(([meaning, color]) => {
      const swatch = element("i");
      swatch.style.background = color;
      return element("li", swatch, meaning);
    }));
  }
  function element(name, ...content) { const made = document.createElement(name); made.append(...content); return made; }

  // --- a residue ---
  function clicked(atom) {
    const key = atom.chain + ":" + atom.resi + (atom.icode || "").trim(), known = data.residues[key], place = $("#residue");
    if (!known) { place.textContent = atom.resn + " " + atom.resi + ", chain " + atom.chain; return; }
    const [, name, note, rows] = known;
    place.replaceChildren(element("strong", name), ": " + note + ". ");
    rows.forEach((id, i) => {
      const link = element("a", data.names[id]);
      link.href = "#row-" + id;
      place.append(i ? ", " : "Variants here: ", link);
    });
    panel.dispatchEvent(new CustomEvent("residue", { detail: { key, rows } }));
    if ($("#measure").open) choose(key);
  }

  // --- distances, as `epitope distances` measures them ---
  const atoms = new Map();
  data.pdb.split("\n").filter(record => record.startsWith("ATOM")).forEach(record => {
    const key = record[21] + ":" + record.slice(22, 27).trim();
    if (!atoms.has(key)) atoms.set(key, []);
    atoms.get(key).push({ name: record.slice(12, 16).trim(), at: [30, 38, 46].map(i => Number(record.slice(i, i + 8))) });
  });
  const spelled = new Map();
  Object.entries(data.residues).reverse().forEach(([key, [typed, name]]) => [key, typed, name].forEach(word => spelled.set(word.toLowerCase(), key)));

  function middle(places) { return places.length ? [0, 1, 2].map(k => places.reduce((sum, p) => sum + p[k], 0) / places.length) : null; }
  function points(key) {
    const mine = atoms.get(key), named = name => (mine.find(atom => atom.name === name) || {}).at;
    return {
      centroid: middle(mine.filter(atom => !data.main_chain.includes(atom.name)).map(atom => atom.at)),
      ca: named("CA") || null,
      cb: named("CB") || data.cb[key] || null,
    };
  }
  function length(a, b) { return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]); }
  function distances(first, second) {
    const a = points(first), b = points(second), ends = {};
    ["centroid", "ca", "cb"].forEach(kind => { ends[kind] = a[kind] && b[kind] ? [a[kind], b[kind]] : null; });
    const pairs = atoms.get(first).flatMap(p => atoms.get(second).map(q => [p.at, q.at]));
    ends.min = pairs.reduce((best, pair) => length(...pair) < length(...best) ? pair : best);
    const distance = Object.fromEntries(Object.keys(KINDS).map(kind => [kind, ends[kind] && length(...ends[kind])]));
    return { first, second, ends, distance, stumps: [first, second].filter(key => data.stumps.includes(key)) };
  }
  function find(text) {
    const word = text.trim().toLowerCase();
    return spelled.get(word) || Object.keys(data.residues).find(key => key.split(":")[1].toLowerCase() === word);
  }
  function name(key) { return data.residues[key][1]; }
  function tell(text) { $("#measure-said").textContent = text; }
  function choose(key) {
    if (state.chosen && state.chosen !== key) { measure(state.chosen, key); return; }
    state.chosen = key;
    $("#measure-from").value = name(key);
    tell("From " + name(key) + " to which residue?");
  }
  function measure(first, second) {
    const found = distances(first, second);
    state.chosen = null;
    state.measured.push(found);
    const row = element("tr", element("th", name(first) + " – " + name(second)), ...Object.keys(KINDS).map(kind => {
      const cell = element("td", found.distance[kind] === null ? "–" : found.distance[kind].toFixed(2));
      cell.className = "num";
      return cell;
    }));
    row.firstChild.scope = "row";
    if (found.stumps.length) row.firstChild.append(element("small", "side chain of " + found.stumps.map(name).join(" and ") + " not wholly seen"));
    $("#measured tbody").append(row);
    $("#measured").hidden = false;
    $("#measure-from").value = name(first); $("#measure-to").value = name(second);
    const values = Object.entries(KINDS).filter(([kind]) => found.distance[kind] !== null).map(([kind, word]) => word + " " + found.distance[kind].toFixed(2) + " Å");
    tell(name(first) + " to " + name(second) + ": " + values.join(", ") + ".");
    if (state.viewer) { stretch(found); state.viewer.render(); }
  }
  function clear() {
    state.measured = []; state.chosen = null;
    $("#measured tbody").replaceChildren();
    $("#measured").hidden = true;
    $("#measure-from").value = $("#measure-to").value = "";
    tell("Click two residues, or name them.");
    draw();
  }
  $("#residue-names").append(...Object.values(data.residues).map(([, word]) => { const option = element("option"); option.value = word; return option; }));
  $("#measure form").addEventListener("submit", event => {
    event.preventDefault();
    const words = [$("#measure-from").value, $("#measure-to").value], keys = words.map(find), missing = words.find((_, i) => !keys[i]);
    if (missing !== undefined) tell(missing ? "No residue " + missing + " is seen here." : "Name two residues, such as " + Object.values(data.residues)[0][0] + ".");
    else if (keys[0] === keys[1]) tell("Name two different residues.");
    else measure(...keys);
  });
  $("#measure form").addEventListener("reset", event => { event.preventDefault(); clear(); });
  $("#measure-kind").addEventListener("change", draw);

  // --- buttons and keys ---
  const TURNS = { left: [-20, "y"], right: [20, "y"], up: [-20, "x"], down: [20, "x"] };
  panel.addEventListener("click", event => {
    const button = event.target.closest("button"), act = button && button.dataset.act, viewer = state.viewer;
    if (!button) return;
    if (button.dataset.scene) show(button.dataset.scene);
    else if (button.dataset.layer) { state.layers[button.dataset.layer] = !shown(button.dataset.layer); draw(); }
    else if (act === "full") full(!state.full);
    else if (act === "help") $("#keys").showModal();
    else if (act === "close") $("#keys").close();
    else if (act === "reset") show(state.scene);
    else if (act === "labels") { state.labels = !state.labels; button.setAttribute("aria-pressed", String(state.labels)); draw(); }
    else if (!viewer) return;
    else if (act === "png") save(viewer.pngURI(), state.scene + ".png");
    else if (act === "in" || act === "out") viewer.zoom(act === "in" ? 1.25 : 0.8);
    else if (act in TURNS) viewer.rotate(...TURNS[act]);
  });
  function save(address, name) { const link = element("a"); link.href = address; link.download = name; link.click(); }

  function full(wanted) {
    if (!document.fullscreenEnabled) fill(wanted);  // a phone's browser: the panel covers the page
    else if (wanted) panel.requestFullscreen().catch(() => fill(true));
    else if (document.fullscreenElement) document.exitFullscreen();
    else fill(false);
  }
  function fill(on) {
    state.full = on;
    panel.classList.toggle("full", on);
    $("[data-act=full]").setAttribute("aria-pressed", String(on));
  }
  document.addEventListener("fullscreenchange", () => fill(document.fullscreenElement === panel));

  // A key works while the molecule has the focus or is all there is, so that none is taken from the rest of the page.
  const WRITTEN = { "+": "Plus", "=": "Plus", "-": "Minus" }, SIGNS = { Plus: "+", Minus: "−", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("#keys").open || !(alone || state.full || panel.contains(event.target))) return;
    if (event.key === "Escape") {
      if (state.measured.length || state.chosen) clear(); else if (state.full) full(false);
      return;
    }
    if (event.target.matches("input, select")) return;
    const key = WRITTEN[event.key] || event.key, button = $$("[aria-keyshortcuts]").find(b => b.getAttribute("aria-keyshortcuts").toLowerCase() === key.toLowerCase());
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  $("#keys tbody").append(...$$("[aria-keyshortcuts]").map(b => {
    const key = b.getAttribute("aria-keyshortcuts"), head = element("th", element("kbd", SIGNS[key] || key));
    head.scope = "row";
    return element("tr", head, element("td", b.getAttribute("aria-label") || b.textContent));
  }));
  $(".stage").addEventListener("pointerdown", () => $(".stage").focus({ preventScroll: true }));
  dark.addEventListener("change", () => { if (state.viewer) { state.viewer.setBackgroundColor(background()); draw(); } });
  new ResizeObserver(() => { if (state.viewer) state.viewer.resize(); }).observe($(".stage"));

  show(Object.keys(data.scenes)[0]);
  // The rest of the page can be used before the molecule is there.
  requestAnimationFrame(() => setTimeout(() => { start(); show(state.scene, { at_once: true }); state.ready = true; }));
  return { data, state, show, clicked, drawing, measure, distances, find };
})();
