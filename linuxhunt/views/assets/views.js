// Draws the live views over their static faces. Runs once a page, in any order with the views:
// a view's own script pushes [element, kind, payload] to window.linuxhunt_queue.
window.linuxhunt ??= (() => {
  const unpack = async (text) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };

  let loaded;
  const ready = new Promise((resolve) => (loaded = resolve));

  const loadBokeh = async (text) => {
    const script = document.createElement("script");
    script.textContent = await unpack(text);
    document.head.append(script);
    return window.Bokeh;
  };
  const loadTables = async (text) => {
    const url = URL.createObjectURL(new Blob([await unpack(text)], { type: "text/javascript" }));
    const tables = await import(url);
    URL.revokeObjectURL(url);
    return tables.default;
  };

  const node = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // Colours that palette.py puts into charts, and what a theme makes of them.
  const inks = { "#1A1A1B": "--lh-ink", "#D9D9D9": "--lh-grid", "#FFFFFF": "--lh-paper", "#E6E4DD": "--lh-land" };
  // A pixel tells any CSS colour (a mix, a variable's) as the rgba() that Bokeh reads.
  const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  const inked = (box, name) => {
    const probe = box.appendChild(node("span"));
    probe.style.color = `var(${name})`;
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = getComputedStyle(probe).color;
    pixel.fillRect(0, 0, 1, 1);
    probe.remove();
    const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
    return `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
  };
  const themed = (value, colours) => {
    if (typeof value === "string") return colours[value] ?? value;
    if (Array.isArray(value)) return value.map((item) => themed(item, colours));
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, themed(item, colours)]));
    return value;
  };

  const draw = {
    ...window.linuxhunt_draw, // kinds of view that have a file of their own

    async chart(box, item) {
      const bokeh = await (await ready).bokeh;
      const colours = Object.fromEntries(Object.entries(inks).map(([ink, name]) => [ink, inked(box, name)]));
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", box.parentNode.querySelector(".lh-face img")?.alt ?? "chart");
      await bokeh.embed.embed_item(themed(item, colours), box);
    },

    async table(box, { columns, rows, order }) {
      const Tables = await (await ready).tables;
      const table = node("table", "lh-table lh-live-table");
      const head = table.createTHead().insertRow();
      columns.forEach((column) => {
        const cell = node("th", column.look);
        column.title.split(/(?<=[a-z])(?=[A-Z])/).forEach((part, i) => cell.append(...(i ? [node("wbr")] : []), part));
        head.append(cell);
      });
      box.append(table);
      const escape = (text) =>
        String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
      const shown = (value, column) => {
        if (value === null) return "";
        return column.number === "grouped" ? value.toLocaleString("en-US") : String(value);
      };
      // A spreadsheet would run such a cell as a formula.
      const cell = (value) => (/^[=+\-@\t\r]/.test(value) && isNaN(value) ? "'" + value : value);
      const csv = { buttons: [{
        extend: "csvHtml5", text: "CSV", title: "table",
        exportOptions: {
          columns: columns.map((_, i) => i),
          format: { header: (_, i) => columns[i].title },
          customizeData: (data) => {
            data.body = api.rows({ search: "applied" }).data().toArray()
              .map((values) => values.map((value) => (value === null ? "" : cell(String(value)))));
          },
        },
      }] };
      const many = rows.length > 15;
      const others = columns.filter((column) => column.detail).map((column) => column.title);
      const named = others.slice(0, 6).join(", ") + (others.length > 6 ? ` and ${others.length - 6} more` : "");
      const says = others.length ? `A click on a row opens it, with ${named}.` : "";
      const api = new Tables(table, {
        data: rows,
        order,
        autoWidth: false,
        deferRender: true,
        createdRow: (line) => { line.tabIndex = 0; },
        paging: many,
        pageLength: 10,
        lengthMenu: [10, 25, 100, { label: "all", value: -1 }],
        columns: columns.map((column) => ({
          type: column.number ? "num" : "string",
          className: column.look,
          visible: !column.detail,
          render: (value, type) => {
            if (type === "display") return escape(shown(value, column));
            return type === "filter" ? shown(value, column) : value;
          },
        })),
        layout: {
          topStart: many ? "search" : null,
          topEnd: many ? csv : null,
          bottomStart: many ? ["info", "pageLength"] : says ? () => node("p", "lh-caption", says) : null,
          bottomEnd: many ? "paging" : csv,
        },
        language: { search: "", searchPlaceholder: "Search all columns", lengthMenu: "_MENU_ a page",
                    info: "_START_ to _END_ of _TOTAL_ rows", infoEmpty: "no rows", infoFiltered: "(of _MAX_)",
                    emptyTable: "No rows.", zeroRecords: "No row holds that." },
      });
      if (!others.length) return;
      table.classList.add("lh-opens");
      if (many) box.append(node("p", "lh-caption", says));
      const open = (line) => {
        const found = line && api.row(line);
        if (!found || !found.any()) return;
        if (found.child.isShown()) return found.child.hide();
        const list = node("dl", "lh-fields");
        columns.forEach((column, i) => {
          const text = shown(found.data()[i], column);
          if (text !== "") list.append(node("dt", "", column.title), node("dd", "", text));
        });
        found.child(list).show();
      };
      table.tBodies[0].addEventListener("click", (event) => {
        if (!String(getSelection())) open(event.target.closest("tr")); // selecting text opens nothing
      });
      table.tBodies[0].addEventListener("keydown", (event) => {
        if (event.key === "Enter") open(event.target.closest("tr"));
      });
    },
  };

  const views = new Set();
  const show = async (view) => {
    const box = node("div", "lh-live");
    view.element.append(box);
    try {
      await draw[view.kind](box, JSON.parse(await unpack(view.payload)));
      view.element.querySelector(".lh-face").hidden = true;
      view.box?.remove();
      view.box = box;
    } catch (problem) {
      box.remove(); // the static face stays
      console.warn("linuxhunt: a view keeps its static face:", problem);
    }
  };
  const push = ([element, kind, payload]) => {
    if (!element || element.dataset.lhLive || !draw[kind]) return;
    element.dataset.lhLive = "1";
    const view = { element, kind, payload };
    views.add(view);
    show(view);
  };

  // Charts are painted, so a change of theme paints them again.
  const again = () => {
    for (const view of views) {
      if (!view.element.isConnected) views.delete(view);
      else if (view.kind === "chart" && view.box) show(view);
    }
  };
  new MutationObserver(again).observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);

  const waiting = window.linuxhunt_queue ?? [];
  window.linuxhunt_queue = { push };
  waiting.forEach(push);
  return {
    // A set-up cell that runs again finds what it loaded the first time.
    load: (bokeh, tables) => {
      loaded?.({ bokeh: loadBokeh(bokeh), tables: loadTables(tables) });
      loaded = null;
    },
  };
})();
