// What stands around the rows of a process tree: filters, tabs, legend, and the row picked.
window.linuxhunt_tree_parts = ({
  box, id, node, model, state, tree, table, glyph, found, number, processes, filter, turn, spread, go, refresh,
}) => {
  const labelled = (text, input) => {
    const label = node("label", "lh-field", text);
    input.setAttribute("aria-label", text); // a label's own text would be read with every option
    input.type === "checkbox" ? label.prepend(input) : label.append(input);
    return label;
  };
  const typed = (hint, size) => {
    const input = node("input");
    input.type = "text";
    input.placeholder = hint;
    input.size = size;
    input.spellcheck = false;
    return input;
  };
  const select = (options) => {
    const made = node("select");
    options.forEach(([value, text]) => { made.append(new Option(text, value)); });
    return made;
  };
  const button = (text, act) => {
    const made = node("button", "", text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };

  // ---- filters
  const words = typed("command, directory, user, pid …", 34);
  words.type = "search";
  const user = select([["", "everybody"]]);
  for (const [kind, means] of [["uid", "Ran as (uid)"], ["auid", "Logged in as (auid)"]]) {
    const group = node("optgroup");
    group.label = means;
    model.users[kind].forEach(({ value, name, number: times }) =>
      group.append(new Option(`${name ? `${name} (${value})` : value}: ${number(times)}`, value)));
    if (group.childElementCount) user.append(group);
  }
  const marked = model.marked.reduce((sum, one) => sum + one, 0);
  const picked = model.picked.reduce((sum, one) => sum + one, 0);
  const only = select([
    ["", "all"], ...(picked ? [["picked", `picked: ${number(picked)}`]] : []),
    ...(marked ? [["marked", `with a finding: ${number(marked)}`]] : []),
  ]);
  const times = Array.from({ length: model.count }, (_, row) => model.startOf(row)).filter((ms) => ms !== null);
  const edge = (pickOne) => (times.length ? model.time(times.reduce((a, b) => pickOne(a, b))).slice(0, 19) : "");
  const from = typed(edge(Math.min), 19), to = typed(edge(Math.max), 19);
  const below = node("input");
  below.type = "checkbox";
  const status = node("p", "lh-caption");
  status.setAttribute("role", "status");

  // 2026-03-13, 2026-03-13 02:14, ... 02:14:07.5; UTC. Null for nothing, NaN for anything else.
  const moment = (text) => {
    const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?$/.exec(text.trim());
    if (!text.trim()) return null;
    return parts ? Date.parse(`${parts[1]}T${parts[2] ?? "00:00"}Z`) : NaN;
  };
  const ask = () => {
    const window_ = [from, to].map((input) => {
      const ms = moment(input.value);
      input.setAttribute("aria-invalid", Number.isNaN(ms));
      return ms;
    });
    if (window_.some(Number.isNaN)) {
      status.textContent = "A time is written as 2026-03-13 02:14:07, in UTC.";
      return;
    }
    status.textContent = filter({
      words: words.value, user: user.value, only: only.value, from: window_[0], to: window_[1], below: below.checked,
    });
  };
  const clear = () => {
    [words, user, only, from, to].forEach((input) => { input.value = ""; });
    below.checked = false;
    ask();
  };
  let later;
  for (const input of [words, from, to])
    input.addEventListener("input", () => { clearTimeout(later); later = setTimeout(ask, 150); });
  for (const input of [user, only, below]) input.addEventListener("change", ask);
  words.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { clear(); event.preventDefault(); }
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    clearTimeout(later);
    ask();
    const list = state.tab === "tree" ? tree : table;
    if (list.rows().length) list.show(state.current, true);
    event.preventDefault();
  });

  // ---- tabs: the same rows as a tree, and by time
  const tabs = node("div", "lh-tabs");
  tabs.setAttribute("role", "tablist");
  const started = `Started (${[model.year, "UTC"].filter(Boolean).join(", ")})`;
  const heads = {
    tree: ["Process", "User ← login", started, "PID"],
    table: [started, "PID", "User ← login", "Process", "Directory"],
  };
  const panels = {}, switches = {};
  for (const [kind, title, list] of [["tree", "Tree", tree], ["table", "By time", table]]) {
    const panel = panels[kind] = node("div", `lh-panel lh-as-${kind}`);
    panel.id = `${id}-${kind}`;
    panel.setAttribute("role", "tabpanel");
    const head = node("div", "lh-heads");
    heads[kind].forEach((name) => head.append(node("span", "", name)));
    head.setAttribute("aria-hidden", "true");
    list.inner.setAttribute("aria-label", kind === "tree" ? "Processes, parents before children" : "Processes by time: start, pid, user, process, directory");
    panel.append(head, list.frame);
    const one = switches[kind] = button(title, () => show(kind));
    one.setAttribute("role", "tab");
    one.id = `${id}-${kind}-tab`;
    one.setAttribute("aria-controls", panel.id);
    panel.setAttribute("aria-labelledby", one.id);
    tabs.append(one);
  }
  const mark = (kind) => Object.keys(panels).forEach((name) => {
    panels[name].hidden = name !== kind;
    switches[name].setAttribute("aria-selected", name === kind);
    switches[name].tabIndex = name === kind ? 0 : -1;
  });
  const show = (kind) => {
    if (state.tab === kind) return;
    mark(kind);
    folds.hidden = kind !== "tree";
    turn(kind);
  };
  tabs.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    show(state.tab === "tree" ? "table" : "tree");
    switches[state.tab].focus();
    event.preventDefault();
  });

  // ---- colours
  const colour = select([["user", "user"], ["finding", "finding"]]);
  colour.value = state.by;
  const legend = node("p", "lh-caption lh-legend");
  const explain = () => {
    legend.replaceChildren();
    model.legend[state.by].forEach((entry) => {
      const one = node("span", "lh-entry");
      one.append(glyph(entry), ` ${entry[0]}: ${number(entry[4])}`);
      legend.append(one);
    });
    if (picked) legend.append(node("b", "lh-entry", `bold: ${number(picked)} picked`));
  };
  colour.addEventListener("change", () => { state.by = colour.value; explain(); refresh(); });

  // ---- the row picked
  const details = node("section", "lh-details");
  details.setAttribute("aria-label", "The process picked");
  const link = (row) => {
    const made = button(`${model.label(row).slice(0, 120)} (pid ${model.pid[row] ?? "unknown"})`, () => { show("tree"); go(row); });
    made.className = "lh-jump";
    return made;
  };
  const long = (name, row, look = "lh-code") => {
    const made = found(node("span", look), model.text(name, row));
    const whole = model.full(name, row);
    if (!whole) return made;
    const both = node("span");
    both.append(made, ` … first ${number(model.text(name, row).length)} of ${number(whole)} signs; the whole is in the frame of processes, EventUid `, node("span", "lh-code", model.record(row)));
    return both;
  };
  const lasted = (ms) => (ms === null ? "" : ms < 1000 ? ` (${ms} ms)` : ms < 120_000 ? ` (${(ms / 1000).toFixed(1)} s)` : ` (${number(Math.round(ms / 60_000))} min)`);
  const parentOf = (row) => {
    if (model.parent[row] >= 0) return link(model.parent[row]);
    const pid = model.ppid[row] === null ? "" : `pid ${model.ppid[row]}, `;
    if (model.looped.has(row)) return `${pid}in a loop of parents; shown as a root`;
    return pid + (model.inferred.has(row) ? "known by its pid only" : "not seen");
  };
  const theirs = (row) => {
    const all = model.end[row] - row - 1;
    return all > model.children[row] ? `, ${number(all)} with theirs` : "";
  };
  const describe = (row) => {
    const who = model.who(row);
    const ids = [["uid", who.uid], ["effective uid", who.euid === who.uid ? null : who.euid], ["logged in as auid", who.auid]]
      .filter(([, value]) => value !== null).map(([name, value]) => `${name} ${value}`).join(", ");
    const names = [who.name, who.person && who.person !== who.name ? `logged in as ${who.person}` : null].filter(Boolean);
    const list = node("dl", "lh-fields");
    const add = (title, value, wide) => {
      if (!value) return;
      const cell = node("dd", wide ? "lh-wide" : "");
      cell.append(value);
      list.append(node("dt", wide ? "lh-wide" : "", title), cell);
    };
    add("Finding", model.text("mark", row) && long("mark", row, ""), true);
    add("Command", model.text("command", row) && long("command", row), true);
    add("Directory", model.text("cwd", row) && long("cwd", row), true);
    add("File", model.text("exe", row) && long("exe", row), true);
    add("Name", model.text("comm", row) && long("comm", row));
    add("User", [...names, ids].filter(Boolean).join("; "));
    add("Result", [model.text("result", row), model.exit[row] === null ? "" : `exit code ${model.exit[row]}`].filter(Boolean).join(", "));
    add("Started", model.started(row));
    add("Ended", model.ended(row) ? model.ended(row) + lasted(model.lasted(row)) : "not seen");
    add("PID", String(model.pid[row] ?? "unknown"));
    add("Parent", parentOf(row), true);
    if (model.previous.has(row)) add("Ran before", link(model.previous.get(row)), true);
    add("Started by it", model.children[row] ? processes(model.children[row]) + theirs(row) : "");
    add("Terminal", who.tty);
    add("Session", [who.session, who.ses === null ? "" : `audit ses ${who.ses}`].filter(Boolean).join(", "));
    add("Host", who.host);
    add("Record", model.record(row));
    details.replaceChildren(list);
  };

  // ---- all together
  box.classList.add("lh-tree");
  const bar = node("div", "lh-bar");
  const between = node("span", "lh-between");
  between.append(labelled("Started from", from), labelled("to before", to));
  bar.append(
    labelled("Search", words), labelled("User", user), ...(picked || marked ? [labelled("Show", only)] : []),
    between, labelled("and what they started", below), button("Clear", clear),
  );
  const folds = node("span", "lh-folds");
  folds.append(button("Unfold all", () => spread(1)), button("Fold all", () => spread(0)));
  const second = node("div", "lh-bar");
  second.append(tabs, folds, labelled("Colour by", colour), status);
  const none = node("p", "lh-caption", "No process matches.");
  none.hidden = true;
  status.textContent = processes(model.count);
  box.append(bar, second, legend, panels.tree, panels.table, none, details);
  mark("tree");
  explain();
  return { describe, details, none, clear, tab: show };
};
