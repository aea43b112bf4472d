// Draws a process tree: bar, tree or table of the rows in sight, and the row picked, whole.
(window.linuxhunt_draw ??= {}).tree = (box, sent) => {
  const model = window.linuxhunt_processes(sent);
  const HIGH = 24, SEEN = 18, SPARE = 8, INDENT = 14, LEVELS = 12, SIGNS = 400;
  const node = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const number = (value) => value.toLocaleString("en-US");
  const processes = (value) => `${number(value)} ${value === 1 ? "process" : "processes"}`;
  const id = `lh-tree-${Math.random().toString(36).slice(2, 10)}`;

  const state = { by: model.colour, tab: "tree", current: 0, words: "", found: null, kept: null };
  state.open = opened();
  state.calm = state.open; // what was open before a filter opened more

  function opened() {
    const goals = model.picked.some(Boolean) ? model.picked : model.marked;
    if (goals.some(Boolean)) return model.leading(goals);
    return new Uint8Array(model.count).fill(model.count <= 200 ? 1 : 0);
  }

  // ---- the rows in sight, and no others, are in the page ------------------------------------
  const listing = (kind, rowRole, fill) => {
    const frame = node("div", "lh-scroll");
    const inner = node("div", "lh-inner");
    inner.setAttribute("role", kind);
    frame.append(inner);
    const held = new Map();
    let rows = [], places = new Map();
    const paint = (again) => {
      const first = Math.max(0, Math.floor(frame.scrollTop / HIGH) - SPARE);
      const last = Math.min(rows.length, first + SEEN + 2 * SPARE);
      const wanted = new Set();
      if (places.has(state.current)) wanted.add(state.current); // else the focus would be lost
      for (let at = first; at < last; at++) wanted.add(rows[at]);
      for (const [row, line] of held) if (!wanted.has(row)) { line.remove(); held.delete(row); }
      let before = null;
      for (const row of [...wanted].sort((a, b) => places.get(a) - places.get(b))) {
        let line = held.get(row);
        if (!line) {
          line = node("div", "lh-row");
          line.setAttribute("role", rowRole);
          line.dataset.row = row;
          held.set(row, line);
          fill(line, row, places.get(row));
        } else if (again) fill(line, row, places.get(row));
        line.style.top = `${places.get(row) * HIGH}px`;
        line.tabIndex = row === state.current ? 0 : -1;
        line.setAttribute("aria-selected", row === state.current);
        const next = before ? before.nextSibling : inner.firstChild;
        if (next !== line) inner.insertBefore(line, next); // a reader goes through them in order
        before = line;
      }
    };
    frame.addEventListener("scroll", () => paint(false));
    return {
      frame, inner, paint, rows: () => rows, place: (row) => places.get(row),
      set(given) {
        rows = given;
        places = new Map(rows.map((row, at) => [row, at]));
        inner.style.height = `${Math.max(rows.length, 1) * HIGH}px`;
        frame.style.height = `${Math.min(Math.max(rows.length, 1), SEEN) * HIGH + 2}px`;
        if (!places.has(state.current) && rows.length) state.current = rows[0];
        paint(true);
      },
      show(row, focus) {
        const top = places.get(row) * HIGH, room = SEEN * HIGH;
        if (top < frame.scrollTop || top + HIGH > frame.scrollTop + room)
          frame.scrollTop = top - room / 3;
        paint(false);
        if (focus) held.get(row)?.focus({ preventScroll: true });
      },
    };
  };

  const glyph = ([, colour, sign, shape]) => {
    const made = node("span", `lh-glyph lh-mark-${shape}`, sign);
    made.style.color = colour;
    made.setAttribute("aria-hidden", "true");
    return made;
  };
  const found = (into, text) => {
    const at = state.words ? text.toLowerCase().indexOf(state.words.toLowerCase()) : -1;
    if (at < 0) {
      into.append(text);
      return into;
    }
    const stop = at + state.words.length;
    into.append(text.slice(0, at), node("mark", "", text.slice(at, stop)), text.slice(stop));
    return into;
  };
  // As much of a command as a line can hold, from just before what was searched for.
  const part = (text) => {
    const at = state.words ? text.toLowerCase().indexOf(state.words.toLowerCase()) : -1;
    const from = at > 30 ? at - 12 : 0;
    return `${from ? "…" : ""}${text.slice(from, from + SIGNS)}${text.length > from + SIGNS ? "…" : ""}`;
  };
  const named = (row, into) => {
    into.append(glyph(model.legend[state.by][model.groupOf(row, state.by)]));
    if (model.marked[row]) {
      const chip = node("span", "lh-note", `▼ ${model.text("mark", row)}`);
      chip.title = model.text("mark", row);
      into.append(chip);
    }
    if (model.hosts > 1 && (state.tab === "table" || model.parent[row] < 0))
      into.append(node("span", "lh-soft", `${model.who(row).host ?? "host unknown"}:`));
    const text = model.label(row);
    into.append(found(node("span", "lh-code lh-command"), part(text)));
    if (model.full("command", row)) into.append(node("span", "lh-soft", `first ${number(text.length)} of ${number(model.full("command", row))} signs`));
    if (model.text("result", row) && model.text("result", row) !== "Success")
      into.append(node("span", "lh-failed", `✕ ${model.text("result", row)}`));
  };
  const told = (line, row) => {
    line.classList.toggle("lh-picked", Boolean(model.picked[row]));
    line.classList.toggle("lh-context", Boolean(state.found && !state.found[row]));
  };
  const cells = (line, ...texts) => texts.forEach((text) => line.append(node("span", "lh-item", text)));

  const tree = listing("tree", "treeitem", (line, row) => {
    line.replaceChildren();
    told(line, row);
    const folds = model.children[row] > 0, level = Math.min(model.depth[row], LEVELS);
    const main = node("span", "lh-main");
    main.style.setProperty("--lh-deep", `${level * INDENT}px`);
    const twist = node("span", "lh-twist", folds ? (state.open[row] ? "▾" : "▸") : "");
    twist.setAttribute("aria-hidden", "true");
    main.append(twist);
    if (model.depth[row] > LEVELS) main.append(node("span", "lh-soft", `level ${number(model.depth[row] + 1)}`));
    named(row, main);
    if (folds && !state.open[row]) main.append(node("span", "lh-soft", `+ ${number(model.end[row] - row - 1)}`));
    line.append(main);
    cells(line, model.who(row).text, model.brief(model.startOf(row)), String(model.pid[row] ?? ""));
    if (folds) line.setAttribute("aria-expanded", Boolean(state.open[row]));
    line.setAttribute("aria-level", model.depth[row] + 1);
    line.setAttribute("aria-posinset", model.number[row]);
    line.setAttribute("aria-setsize", model.parent[row] < 0 ? model.roots : model.children[model.parent[row]]);
  });
  const table = listing("grid", "row", (line, row, place) => {
    line.replaceChildren();
    told(line, row);
    cells(line, model.brief(model.startOf(row)), String(model.pid[row] ?? ""), model.who(row).text);
    const main = node("span", "lh-main");
    named(row, main);
    line.append(main);
    cells(line, model.text("cwd", row));
    line.childNodes.forEach((cell) => cell.setAttribute("role", "gridcell"));
    line.setAttribute("aria-rowindex", place + 2);
  });
  const list = () => (state.tab === "tree" ? tree : table);

  // ---- what is shown -------------------------------------------------------------------------
  const refresh = () => {
    const rows = state.tab === "tree" ? model.inSight(state.open, state.kept) : model.inTime(state.found);
    list().set(rows);
    parts.none.hidden = rows.length > 0;
    parts.details.hidden = !rows.length;
    table.inner.setAttribute("aria-rowcount", rows.length + 1);
  };
  const pick = (row, focus) => {
    state.current = row;
    list().show(row, focus);
    parts.describe(row);
  };
  const reveal = (row) => {
    for (let above = model.parent[row]; above >= 0; above = model.parent[above]) state.open[above] = 1;
  };
  const fold = (row, open) => {
    if (!model.children[row]) return;
    state.open[row] = open;
    refresh();
  };
  const go = (row) => { // a relative of the row picked, wherever it is
    if (state.kept && !state.kept[row]) parts.clear();
    reveal(row);
    refresh();
    pick(row, true);
  };
  const filter = (asked) => {
    state.words = asked.words;
    if (!state.found) state.calm = state.open;
    state.found = model.find(asked);
    state.kept = state.found && model.withAbove(state.found);
    state.open = state.found ? model.leading(state.found) : state.calm;
    const first = state.found ? state.found.indexOf(1) : -1;
    if (first >= 0 && !state.found[state.current]) state.current = first;
    reveal(state.current);
    refresh();
    if (list().rows().length) pick(state.current, false);
    const sum = (rows) => rows.reduce((all, one) => all + one, 0);
    if (!state.found) return processes(model.count);
    const hits = sum(state.found), above = sum(state.kept) - hits;
    const says = `${number(hits)} of ${processes(model.count)} ${hits === 1 ? "matches" : "match"}`;
    return above ? `${says}; ${number(above)} in italics lead to them` : says;
  };
  const turn = (tab) => {
    state.tab = tab;
    if (tab === "tree") reveal(state.current);
    refresh();
    if (list().rows().length) list().show(state.current, false);
  };
  const spread = (open) => {
    state.open = new Uint8Array(model.count).fill(open);
    if (!open) while (model.parent[state.current] >= 0) state.current = model.parent[state.current];
    refresh();
    if (list().rows().length) pick(state.current, false);
  };

  const parts = window.linuxhunt_tree_parts({
    box, id, node, model, state, tree, table, glyph, found, number, processes, filter, turn, spread, go, refresh,
  });
  window.linuxhunt_tree_keys({ box, model, state, list, pick, fold, go: (row) => (parts.tab("tree"), go(row)), frames: [tree, table] });

  refresh();
  const goals = model.picked.some(Boolean) ? model.picked : model.marked;
  const grave = goals[model.gravest] ? model.gravest : goals.findIndex((goal, row) => goal && model.marked[row]);
  pick(Math.max(grave < 0 ? goals.indexOf(1) : grave, 0), false);
};
