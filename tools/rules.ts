import { posix } from "node:path";
import { lineAt, type Reference, type Source } from "./source.ts";

/** What each folder of src/ may import besides itself (ARCHITECTURE.md, Who may import whom). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  transport: ["protocol"],
  log: ["protocol"],
  chat: ["log", "protocol"],
  client: ["transport", "protocol"],
  server: ["chat", "log", "transport", "protocol"],
  cluster: ["server", "chat", "log", "transport", "protocol"],
  peer: ["server", "chat", "log", "transport", "protocol"],
  ui: ["client", "protocol"],
  web: ["ui", "client", "protocol"],
  tui: ["ui", "client", "protocol"],
};

/** They pick the concrete parts and may import everything. */
const COMPOSERS = ["main.ts", "commands"];

/** The public faces: what a package's user imports. Inside, files import each other directly. */
const FACES = ["src/protocol/mod.ts", "src/client/mod.ts"];
const MAY_USE_CLIENT_FACE = [...COMPOSERS, "ui", "web", "tui"];

/** What nothing imports: the programs, and the page, which its index.html starts. */
const ENTRIES = ["src/main.ts", "src/web/main.tsx", ...FACES];

/** What the rules may know of a log. */
const LOG_CONTRACTS = ["src/log/log.ts", "src/log/search.ts"];

/** Above it a file holds two ideas: in every studied codebase such files went on to thousands of lines. */
const LINES_MAX = 400;

/** Deno's unstable API and its browser twin stay in one folder, so that an upgrade has one place to mend. */
const UNSTABLE = /\b(?:Deno\.)?(?:QuicEndpoint|connectQuic|upgradeWebTransport)\b|\bnew\s+WebTransport\b/g;

/** What a rule may not read for itself: it is an input, so that a simulation can give it. */
const INPUTS =
  /\bDate\.now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\s(\w]))|\bMath\.random\b|\bperformance\.now\b|\bset(?:Timeout|Interval|Immediate)\b|\bcrypto\.|\bDeno\./g;
const PURE = ["chat", "protocol"];

/** One line for each violation: where, what, and what to do. All sources of src/ must be among the given. */
export function violations(sources: readonly Source[]): string[] {
  const inSource = sources.filter(({ path }) => path.startsWith("src/"));
  return [
    ...inSource.flatMap(sizeViolations),
    ...inSource.filter(isProgram).flatMap((source) => [
      ...directionViolations(source),
      ...apiViolations(source),
      ...barrelViolations(source),
    ]),
    ...cycleViolations(sources),
    ...deadViolations(sources),
  ].sort();
}

function sizeViolations({ path, lineCount }: Source): string[] {
  return lineCount > LINES_MAX ? [`${path}: ${lineCount} lines, at most ${LINES_MAX}; split it by idea`] : [];
}

function barrelViolations({ path, isBarrel }: Source): string[] {
  return isBarrel && !FACES.includes(path)
    ? [`${path}: only passes on what others export; delete it and import those files directly`]
    : [];
}

function directionViolations(source: Source): string[] {
  const from = folderOf(source.path);
  const found: string[] = [];
  for (const reference of source.references) {
    const says = (what: string) => found.push(`${source.path}:${reference.line}: ${what}`);
    const target = targetOf(source, reference);
    if (target === null) {
      if (PURE.includes(from) && reference.specifier.startsWith("node:")) {
        says(`imports ${reference.specifier}; src/${from}/ does no I/O, take it as an input`);
      }
      continue;
    }
    if (target === "package.json") continue;
    const to = folderOf(target);
    if (!target.startsWith("src/")) {
      says(`imports ${target}; src/ stands alone, move what it needs into src/`);
    } else if (!isProgram({ path: target })) {
      says(`imports the test ${target}; move what both need into its own file`);
    } else if (target === FACES[0]) {
      says(`imports ${target}; that is for others, import the file that has it`);
    } else if (target === FACES[1] && source.path !== target && !MAY_USE_CLIENT_FACE.includes(from)) {
      says(`imports ${target}; that is for others, import the file that has it`);
    } else if (to !== from && !COMPOSERS.includes(from)) {
      const allowed = MAY_IMPORT[from];
      if (allowed === undefined) {
        says(`src/${from}/ has no row in tools/rules.ts; say there what it may import`);
      } else if (!allowed.includes(to)) {
        says(
          `src/${from}/ may not import src/${to}/ (${list(allowed)}); turn it round or take it as an input`,
        );
      } else if (from === "chat" && to === "log" && !(LOG_CONTRACTS.includes(target) && reference.typeOnly)) {
        says(
          `src/chat/ may import of src/log/ only types of log.ts and search.ts; write import type, or take it as an input`,
        );
      }
    }
  }
  return found;
}

function apiViolations({ path, code }: Source): string[] {
  const folder = folderOf(path);
  const each = (pattern: RegExp, mend: string) =>
    [...code.matchAll(pattern)].map((match) =>
      `${path}:${lineAt(code, match.index)}: ${match[0].trim()}; ${mend}`
    );
  return [
    ...(folder === "transport"
      ? []
      : each(UNSTABLE, "Deno's unstable API stays in src/transport/, use a Link")),
    ...(PURE.includes(folder) ? each(INPUTS, `src/${folder}/ is deterministic, take it as an input`) : []),
  ];
}

/** Import cycles, type imports among them: they make two files one idea. Each is named once. */
function cycleViolations(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const state = new Map<string, "open" | "done">();
  const found: string[] = [];
  const visit = (source: Source, way: readonly string[]) => {
    state.set(source.path, "open");
    const here = [...way, source.path];
    for (const reference of source.references) {
      const target = reference.kind === "worker" ? null : targetOf(source, reference);
      const next = target === null ? undefined : byPath.get(target);
      if (next === undefined) continue;
      if (state.get(next.path) === "open") {
        const cycle = [...here.slice(here.indexOf(next.path)), next.path];
        found.push(`${next.path}: import cycle ${cycle.join(" → ")}; move what both need into a third file`);
      } else if (!state.has(next.path)) visit(next, here);
    }
    state.set(source.path, "done");
  };
  for (const source of sources) if (!state.has(source.path)) visit(source, []);
  return found;
}

/** Files of src/ that nothing but their own test needs. */
function deadViolations(sources: readonly Source[]): string[] {
  const used = new Set(ENTRIES);
  for (const source of sources) {
    for (const reference of source.references) {
      const target = targetOf(source, reference);
      if (target !== null && source.path !== target.replace(/(\.tsx?)$/, "_test$1")) used.add(target);
    }
  }
  // Before there is a program everything waits for its user.
  if (!sources.some(({ path }) => path === "src/main.ts")) return [];
  return sources.filter((source) =>
    source.path.startsWith("src/") && isProgram(source) && !used.has(source.path)
  )
    .map(({ path }) => `${path}: nothing imports it; import it or delete it`);
}

/** The file a relative reference leads to, from the root; null for a package. */
function targetOf(source: Source, { specifier }: Reference): string | null {
  return /^\.\.?\//.test(specifier) ? posix.join(posix.dirname(source.path), specifier) : null;
}

/** `src/chat/room.ts` → `chat`, `src/main.ts` → `main.ts`. */
function folderOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function isProgram({ path }: { readonly path: string }): boolean {
  return !/_test\.tsx?$/.test(path);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "it may import nothing of ours" : `it may import ${names.join(", ")}`;
}
