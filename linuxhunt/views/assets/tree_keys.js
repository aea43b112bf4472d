// Mouse and keys in a process tree, as the ARIA Authoring Practices describe for trees.
window.linuxhunt_tree_keys = ({ box, model, state, list, pick, fold, go, frames }) => {
  const PAGE = 15, PAUSE = 800;
  let typed = "", last = 0;

  // The next row whose command, or the file's name in it, begins with what was typed.
  const ahead = (key) => {
    const now = performance.now();
    typed = now - last < PAUSE ? typed + key : key;
    last = now;
    const rows = list().rows(), at = list().place(state.current);
    const begins = typed.length > 1 ? 0 : 1; // one letter again and again goes on
    for (let step = begins; step <= rows.length; step++) {
      const row = rows[(at + step) % rows.length];
      const label = model.label(row).toLowerCase();
      const file = label.split(" ", 1)[0].split("/").pop();
      if (label.startsWith(typed) || file.startsWith(typed)) return pick(row, true);
    }
  };

  const act = (key) => {
    const rows = list().rows(), at = list().place(state.current), row = state.current;
    const to = (place) => pick(rows[Math.min(Math.max(place, 0), rows.length - 1)], true);
    const tree = state.tab === "tree";
    const folds = tree && model.children[row] > 0;
    switch (key) {
      case "ArrowDown": return to(at + 1);
      case "ArrowUp": return to(at - 1);
      case "PageDown": return to(at + PAGE);
      case "PageUp": return to(at - PAGE);
      case "Home": return to(0);
      case "End": return to(rows.length - 1);
      case "ArrowRight":
        if (folds && !state.open[row]) { fold(row, 1); return pick(row, true); }
        return folds && model.parent[rows[at + 1]] === row ? to(at + 1) : undefined;
      case "ArrowLeft":
        if (folds && state.open[row]) { fold(row, 0); return pick(row, true); }
        return tree && model.parent[row] >= 0 ? pick(model.parent[row], true) : undefined;
      case "Enter":
        if (!tree) return go(row);
        fold(row, state.open[row] ? 0 : 1);
        return pick(row, true);
      default: return ahead(key.toLowerCase());
    }
  };
  // JupyterLab takes letters typed here for commands, such as one that deletes the cell. With Ctrl
  // or Command held it may: to save, for one.
  const guard = (held) => { box.toggleAttribute("data-lm-suppress-shortcuts", !held); };
  guard(false);
  box.addEventListener("keydown", ({ key }) => { if (key === "Control" || key === "Meta") guard(true); });
  box.addEventListener("keyup", () => guard(false));
  box.addEventListener("focusin", () => guard(false));
  window.addEventListener("blur", () => guard(false));

  const known = new Set(["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "PageDown", "PageUp", "Home", "End", "Enter"]);

  for (const { frame } of frames) {
    frame.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (!known.has(event.key) && (event.key.length !== 1 || (event.key === " " && !typed))) return;
      event.preventDefault();
      event.stopPropagation();
      if (list().rows().length) act(event.key);
    });
    frame.addEventListener("click", (event) => {
      const line = event.target.closest(".lh-row");
      if (!line) return;
      const row = Number(line.dataset.row);
      if (event.target.closest(".lh-twist") && model.children[row]) fold(row, state.open[row] ? 0 : 1);
      pick(row, true);
    });
    frame.addEventListener("dblclick", (event) => {
      const line = event.target.closest(".lh-row");
      if (!line || event.target.closest(".lh-twist")) return;
      const row = Number(line.dataset.row);
      if (state.tab === "table") return go(row);
      fold(row, state.open[row] ? 0 : 1);
      pick(row, true);
    });
  }
};
