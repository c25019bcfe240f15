"use strict";
(() => {
  const form = document.getElementById("ask");
  const file = document.getElementById("file");
  const drop = document.getElementById("drop");
  const without = document.getElementById("no-file");
  const state = document.getElementById("state");
  const box = document.getElementById("variants");
  const limit = Number(form.dataset.limit);

  const tooLarge = () => limit && file.files.length && file.files[0].size > limit;

  const looked = () => {
    without.hidden = !file.files.length;
    state.textContent = tooLarge() ? `${file.files[0].name} has more than ${Math.floor(limit / 2 ** 20)} MB` : "";
  };

  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    drop.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    file.files = event.dataTransfer.files;
    looked();
  });
  file.addEventListener("change", looked);
  without.addEventListener("click", () => {
    file.value = "";
    looked();
    box.focus();
  });
  box.addEventListener("keydown", (event) => {
    const alone = event.key === "Enter" && !event.shiftKey && !box.value.trim().includes("\n");
    if (alone || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      document.getElementById("assess").click();
    }
  });
  form.addEventListener("submit", (event) => {
    const example = event.submitter && event.submitter.name === "example";
    if (example) {
      file.value = "";
      looked();
    }
    if (tooLarge() || (!example && !box.value.trim() && !file.files.length)) {
      event.preventDefault();
      state.textContent = tooLarge() ? state.textContent : "Type a variant, choose a file, or click an example.";
      return;
    }
    state.textContent = "Measuring and drawing, this takes some seconds …";
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }), 0);
  });
  window.addEventListener("pageshow", () => {
    form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
    looked();
  });
})();
