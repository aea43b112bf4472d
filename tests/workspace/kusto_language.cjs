// Microsoft's own parser of KQL, asked through stdin: {folder, files, schema, functions, analyse,
// shapes}. `functions`: name -> [parameters, body].
// `analyse`: queries; answers with the diagnostics of each against the schema.
// `shapes`: queries; answers with a number for each, equal where tokens and tree are equal
// once the text of string literals is left out.
const fs = require("fs");
const path = require("path");
const vm = require("vm");
const asked = JSON.parse(fs.readFileSync(0, "utf8"));
for (const file of asked.files) {
  const source = fs.readFileSync(path.join(asked.folder, file), "utf8");
  vm.runInThisContext(source, { filename: file });
}
const Language = globalThis.Kusto.Language;

const STRING = Language.Parsing.TokenParser.ParseTokens('""')[0].Kind;

function shape(text) {
  const tokens = Language.Parsing.TokenParser.ParseTokens(text);
  return tokens.map((t) => (t.Kind === STRING ? "''" : t.Kind + ":" + t.Text)).join(" ");
}

function tree(node) {
  if (node === null || node === undefined) return "_";
  const parts = [];
  for (let i = 0; i < node.ChildCount; i++) parts.push(tree(node.GetChild(i)));
  return node.Kind + (parts.length ? "(" + parts.join(",") + ")" : "");
}

function diagnostics(code) {
  const found = code.GetDiagnostics();
  const said = [];
  for (let i = 0; i < found.Count; i++) {
    const { Code, Severity, Message } = found.getItem(i);
    said.push(`${Severity} ${Code}: ${Message}`);
  }
  return said;
}

const tables = Object.entries(asked.schema || {}).map(([name, columns]) => {
  const listed = Object.entries(columns).map(([column, kind]) => `['${column}']: ${kind}`);
  return Language.Symbols.TableSymbol.From(`(${listed.join(", ")})`).WithName(name);
});
const functions = Object.entries(asked.functions || {}).map(
  ([name, [parameters, body]]) => new Language.Symbols.FunctionSymbol.$ctor16(name, parameters, body, "")
);
const database = new Language.Symbols.DatabaseSymbol.ctor("workspace", [...tables, ...functions]);
const globals = Language.GlobalState.Default.WithDatabase(database);

const known = new Map();
const number = (text) => known.get(text) ?? (known.set(text, known.size), known.size - 1);
process.stdout.write(
  JSON.stringify({
    analyse: (asked.analyse || []).map((kql) =>
      diagnostics(Language.KustoCode.ParseAndAnalyze(kql, globals))
    ),
    shapes: (asked.shapes || []).map((kql) => number(shape(kql))),
    trees: (asked.trees || []).map((kql) => {
      const code = Language.KustoCode.Parse(kql);
      return number(tree(code.Syntax) + diagnostics(code).join());
    }),
  })
);
