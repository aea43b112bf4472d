// What a process tree knows: the payload of tree_payload.py unpacked, each row's family, filters.
// Nothing of the page is in here. A row is its place in pre-order.
window.linuxhunt_processes = (sent) => {
  const count = sent.rows;
  const summed = (steps) => {
    let sum = 0;
    return steps.map((step) => (step === null ? null : (sum += step)));
  };

  // Depths in pre-order tell who is whose parent, and where each subtree ends.
  const { depth } = sent;
  const parent = new Int32Array(count).fill(-1);
  const end = new Int32Array(count).fill(count); // the place after the last descendant
  const number = new Int32Array(count); // among its siblings, from 1
  const children = new Int32Array(count);
  let roots = 0;
  const line = [];
  for (let row = 0; row < count; row++) {
    while (line.length > depth[row]) end[line.pop()] = row;
    if (line.length) parent[row] = line[line.length - 1];
    number[row] = parent[row] < 0 ? ++roots : ++children[parent[row]];
    line.push(row);
  }

  const pid = summed(sent.pid);
  const ppid = sent.ppid.map((step, row) =>
    step === null ? null : step + (parent[row] < 0 ? 0 : pid[parent[row]] ?? 0));
  const start = summed(sent.start);
  const stop = sent.end.map((step, row) => (step === null ? null : step + (start[row] ?? 0)));
  const lines = summed(sent.line);
  const previous = new Map(sent.previous);
  const marked = new Uint8Array(count);
  sent.texts.mark.codes.forEach((code, row) => { marked[row] = code >= 0; });
  const picked = new Uint8Array(count);
  sent.focus.forEach((row) => { picked[row] = 1; });
  const inferred = new Set(sent.inferred);
  const looped = new Set(sent.looped);

  const text = (name, row) => {
    const { codes, texts } = sent.texts[name];
    return codes[row] < 0 ? "" : texts[codes[row]];
  };
  // How many signs a text has in full, where it was shortened; else 0.
  const full = (name, row) => sent.texts[name].cut[sent.texts[name].codes[row]] ?? 0;
  const label = (row) =>
    text("command", row) || text("exe", row) || `[${text("comm", row) || "unknown"}]`;

  const whos = sent.whos.map(
    ([host, uid, auid, euid, ses, tty, session, name, person, group]) => {
      const as = name ?? (uid === null ? "?" : String(uid));
      const login = person ?? (auid === null ? "" : String(auid));
      return { host, uid, auid, euid, ses, tty, session, name, person, group, text: login && auid !== uid ? `${as} ← ${login}` : as };
    });
  const who = (row) => whos[sent.who[row]];
  const groupOf = (row, by) => {
    if (by === "user") return who(row).group;
    return marked[row] ? sent.marked[sent.texts.mark.codes[row]] : sent.legend.finding.length - 1;
  };
  const hosts = new Set(whos.map(({ host }) => host)).size;

  const exact = start.some((ms) => ms % 1000) || stop.some((ms) => ms % 1000);
  const stamp = (ms) => new Date(ms).toISOString().replace("T", " ");
  const time = (ms) => (ms === null ? "" : stamp(ms).slice(0, exact ? 23 : 19));
  const years = new Set(start.filter((ms) => ms !== null).map((ms) => stamp(ms).slice(0, 4)));
  const year = years.size === 1 ? [...years][0] : ""; // said once, over the column
  const brief = (ms) => time(ms).slice(year && 5);
  // All the digits that there are.
  const whole = (ms, beyond) => (ms === null ? "" : `${stamp(ms).slice(0, exact || beyond ? 23 : 19)}${
    beyond ? String(beyond).padStart(6, "0") : ""} UTC`);

  // Texts in small letters, made when first searched.
  let small;
  const holding = (words) => {
    small ??= Object.entries(sent.texts).map(([, { codes, texts }]) => ({ codes, texts: texts.map((t) => t.toLowerCase()) }));
    const hits = small.map(({ codes, texts }) => ({ codes, has: texts.map((t) => t.includes(words)) }));
    const users = whos.map(({ text: user, host, tty, session }) =>
      [user, host, tty, session].some((item) => item?.toLowerCase().includes(words)));
    const digits = /^\d+$/.test(words) ? Number(words) : null;
    const [, file, at] = /^(.*):(\d+)$/.exec(words) ?? []; // a record's id: file and line
    const inFile = file && sent.texts.record.texts.map((name) => name.toLowerCase().endsWith(file));
    return (row) =>
      hits.some(({ codes, has }) => codes[row] >= 0 && has[codes[row]]) || users[sent.who[row]] ||
      (digits !== null && (pid[row] === digits || ppid[row] === digits)) ||
      (inFile && lines[row] === Number(at) && inFile[sent.texts.record.codes[row]]);
  };

  // wanted: words, user ("uid 0", "auid 1000"), from and to in milliseconds, only ("picked",
  // "marked"), below (also what the found ones started). Null where nothing is asked for.
  const find = ({ words, user, from, to, only, below }) => {
    const tests = [];
    if (words) tests.push(holding(words.toLowerCase()));
    if (user) {
      const [kind, id] = user.split(" ");
      const fits = whos.map((item) => String(item[kind]) === id);
      tests.push((row) => fits[sent.who[row]]);
    }
    if (from !== null) tests.push((row) => start[row] !== null && start[row] >= from);
    if (to !== null) tests.push((row) => start[row] !== null && start[row] < to);
    if (only === "picked") tests.push((row) => picked[row]);
    if (only === "marked") tests.push((row) => marked[row]);
    if (!tests.length) return null;
    const found = new Uint8Array(count);
    for (let row = 0; row < count; row++) found[row] = tests.every((test) => test(row));
    if (below)
      for (let row = 0; row < count; row++) found[row] ||= parent[row] >= 0 && found[parent[row]];
    return found;
  };
  // The rows given and all above them.
  const withAbove = (rows) => {
    const kept = rows.slice();
    for (let row = count - 1; row >= 0; row--) if (kept[row] && parent[row] >= 0) kept[parent[row]] = 1;
    return kept;
  };
  // Those that have one of the rows given below them.
  const leading = (rows) => {
    const led = new Uint8Array(count);
    for (let row = count - 1; row >= 0; row--)
      if ((rows[row] || led[row]) && parent[row] >= 0) led[parent[row]] = 1;
    return led;
  };
  // What is in sight: rows that are kept (all where that is null) and below no folded one.
  const inSight = (open, kept) => {
    const rows = [];
    for (let row = 0; row < count; row = open[row] ? row + 1 : end[row])
      if (!kept || kept[row]) rows.push(row);
    return rows;
  };
  let byTime;
  const inTime = (found) => {
    byTime ??= [...start.keys()].sort((a, b) =>
      (start[a] ?? Infinity) - (start[b] ?? Infinity) || (sent.ns[a] ?? 0) - (sent.ns[b] ?? 0) || a - b || 0);
    return found ? byTime.filter((row) => found[row]) : byTime;
  };

  const people = (kind, name) => {
    const sums = new Map();
    sent.who.forEach((code) => {
      const item = whos[code];
      if (item[kind] === null) return;
      const known = sums.get(item[kind]) ?? { value: `${kind} ${item[kind]}`, name: item[name], number: 0 };
      known.number += 1;
      sums.set(item[kind], known);
    });
    return [...sums.values()].sort((a, b) => b.number - a.number);
  };

  return {
    count, total: sent.total, depth, parent, end, number, children, roots, pid, ppid, previous,
    marked, picked, inferred, looped, text, full, label, who, groupOf, hosts, time, brief, year, find, withAbove,
    leading, inSight, inTime, legend: sent.legend, colour: sent.colour, gravest: sent.gravest, exit: sent.exit,
    users: { uid: people("uid", "name"), auid: people("auid", "person") },
    started: (row) => whole(start[row], sent.ns[row]),
    ended: (row) => whole(stop[row], sent.endns[row]),
    startOf: (row) => start[row],
    lasted: (row) => (stop[row] === null || start[row] === null ? null : stop[row] - start[row]),
    record: (row) => text("record", row) + (lines[row] === null ? "" : `:${lines[row]}`),
  };
};
