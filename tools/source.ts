/** How one file refers to another. */
export interface Reference {
  /** As written: `./x.ts`, `node:path`, `valibot`. */
  readonly specifier: string;
  readonly line: number;
  /** `worker` stands for `new URL("./x.ts", import.meta.url)`, which names an entry and imports nothing. */
  readonly kind: "import" | "reexport" | "dynamic" | "worker";
  /** Only types: nothing of it is there at run time. */
  readonly typeOnly: boolean;
}

export interface Source {
  /** From the root, with `/`. */
  readonly path: string;
  /** The text with the insides of comments, strings and regular expressions blanked, positions kept. */
  readonly code: string;
  readonly lineCount: number;
  readonly references: readonly Reference[];
  /** Whether it does nothing but pass on what other files export. */
  readonly isBarrel: boolean;
}

const STATIC =
  /\b(import|export)\s*(type\s)?\s*((?:[\w$]+\s*,?\s*)?(?:\{[^}]*\}|\*(?:\s*as\s+[\w$]+)?)?)\s*\bfrom\s*["']/g;
const BARE = /\bimport\s*["']/g;
const DYNAMIC = /\bimport\s*\(\s*["']/g;
const WORKER = /\bnew\s+URL\s*\(\s*["']/g;
const LOCAL_EXPORTS = /\bexport\s*(?:type\s)?\s*\{[^}]*\}\s*;?/g;

/** Reads what the rules need off a file: by scanning, not by parsing, which is enough and takes no compiler. */
export function readSource(path: string, text: string): Source {
  const code = blank(text);
  const references: Reference[] = [];
  const add = (match: RegExpExecArray, kind: Reference["kind"], typeOnly: boolean) => {
    const start = match.index + match[0].length;
    const end = code.indexOf(code.charAt(start - 1), start);
    references.push({ specifier: text.slice(start, end), line: lineAt(text, match.index), kind, typeOnly });
  };
  for (const match of code.matchAll(STATIC)) {
    const [, keyword, typeKeyword, clause = ""] = match;
    add(
      match,
      keyword === "export" ? "reexport" : "import",
      typeKeyword !== undefined || namesOnlyTypes(clause),
    );
  }
  for (const match of code.matchAll(BARE)) add(match, "import", false);
  for (const match of code.matchAll(DYNAMIC)) add(match, "dynamic", false);
  for (const match of code.matchAll(WORKER)) add(match, "worker", false);

  const rest = code.replaceAll(new RegExp(STATIC.source + /\s*["']\s*;?/.source, "g"), "").replaceAll(
    LOCAL_EXPORTS,
    "",
  );
  const isBarrel = rest.trim() === "" && references.some(({ kind }) => kind === "reexport") ||
    /(^|\/)index\.tsx?$/.test(path);
  return { path, code, lineCount: text.replace(/\n$/, "").split("\n").length, references, isBarrel };
}

/** The line of a position, from 1. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

/** `{ type A, type B }`. */
function namesOnlyTypes(clause: string): boolean {
  const names = /^\{([^}]*)\}$/.exec(clause.trim())?.[1]?.split(",").map((name) => name.trim()).filter(
    Boolean,
  );
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith("type "));
}

/** What can stand before a regular expression; after anything else `/` divides. */
const BEFORE_REGEXP =
  /(^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|throw|await|yield))\s*$/;

/** Replaces the insides of comments, strings and regular expressions by blanks; quotes and lines stay. */
export function blank(text: string): string {
  let out = "";
  let at = 0;
  /** How deep in `{}` each open `${` of a template stands. */
  const templates: number[] = [];
  let depth = 0;

  const hide = (end: number, keepEnds: number) => {
    const whole = text.slice(at, end);
    const inside = whole.slice(keepEnds, whole.length - keepEnds).replaceAll(/[^\n]/g, " ");
    out += whole.slice(0, keepEnds) + inside + whole.slice(whole.length - keepEnds);
    at = end;
  };
  /** After the part of a template that begins at `at` with a backtick or a `}`. */
  const hideTemplate = () => {
    let end = at + 1;
    while (end < text.length && text[end] !== "`" && !text.startsWith("${", end)) {
      end += text[end] === "\\" ? 2 : 1;
    }
    if (text.startsWith("${", end)) {
      templates.push(depth);
      end += 2;
      out += text.charAt(at) + text.slice(at + 1, end - 2).replaceAll(/[^\n]/g, " ") + "${";
      at = end;
    } else hide(end + 1, 1);
  };

  while (at < text.length) {
    const char = text.charAt(at);
    if (text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      hide(end < 0 ? text.length : end, 0);
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      hide(end < 0 ? text.length : end + 2, 0);
    } else if (char === '"' || char === "'") hide(endOf(text, at, char), 1);
    else if (char === "`") hideTemplate();
    else if (char === "/" && BEFORE_REGEXP.test(out.slice(-40))) hide(endOfRegExp(text, at), 1);
    else if (char === "}" && templates.at(-1) === depth) {
      templates.pop();
      hideTemplate();
    } else {
      if (char === "{") depth++;
      if (char === "}") depth--;
      out += char;
      at++;
    }
  }
  return out;
}

/** The position after a string's closing quote; a string ends with its line at the latest. */
function endOf(text: string, start: number, quote: string): number {
  let end = start + 1;
  while (end < text.length && text[end] !== quote && text[end] !== "\n") end += text[end] === "\\" ? 2 : 1;
  return Math.min(end + 1, text.length);
}

function endOfRegExp(text: string, start: number): number {
  let end = start + 1;
  let inClass = false;
  while (end < text.length && text[end] !== "\n" && (inClass || text[end] !== "/")) {
    if (text[end] === "[") inClass = true;
    if (text[end] === "]") inClass = false;
    end += text[end] === "\\" ? 2 : 1;
  }
  return Math.min(end + 1, text.length);
}
