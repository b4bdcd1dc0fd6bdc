/** From a message's text to a tree of what markdown means in talk. Pure; nothing here is ever HTML. */
import { parse, postprocess, preprocess } from "micromark";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";

export type Node =
  | { readonly is: "text"; readonly text: string }
  | { readonly is: "break" | "rule" }
  | {
    readonly is: "paragraph" | "strong" | "emphasis" | "strike" | "quote" | "item" | "heading" | "bullets";
    readonly children: readonly Node[];
  }
  | { readonly is: "numbers"; readonly start: number; readonly children: readonly Node[] }
  | { readonly is: "code"; readonly text: string }
  | { readonly is: "block"; readonly text: string; readonly language: string }
  | { readonly is: "link"; readonly to: string; readonly children: readonly Node[] };

/** A longer text is shown as it was written: a parser's worst case must not stop the page. */
const PARSED_CHARS_MAX = 12_000;
/** So are texts of nothing but signs, whose nesting costs more than its length. */
const NESTED_MAX = 60;
/** And so is what nests deeper than talk does: views are drawn by recursion, and a stack has an end. */
const DEPTH_MAX = 40;
/** Signs and lines outside of code blocks: what a parser does with them grows as their square. More than
 * somebody's talk has, few enough for some tens of milliseconds. */
const SIGNS_MAX = 1_000;
const LINES_MAX = 600;

type Parent = "root" | Exclude<Node["is"], "text" | "break" | "rule" | "code" | "block" | "image">;
interface Open {
  readonly is: Parent;
  readonly children: Node[];
  to: string;
  start: number;
}

const EXTENSION = {
  // Raw HTML, pictures and definitions are not talk: what looks like one is text. Indented text is no code.
  // Nor is `&lt;` another sign: in a browser the parser would look it up by `innerHTML`, which the page forbids.
  disable: {
    null: [
      "htmlFlow",
      "htmlText",
      "labelStartImage",
      "definition",
      "codeIndented",
      "setextUnderline",
      "characterReference",
    ],
  },
};

const STARTS: Readonly<Record<string, Parent>> = {
  paragraph: "paragraph",
  strong: "strong",
  emphasis: "emphasis",
  strikethrough: "strike",
  blockQuote: "quote",
  listUnordered: "bullets",
  listOrdered: "numbers",
  atxHeading: "heading",
  link: "link",
  autolink: "link",
  literalAutolink: "link",
};

/** The tree of a text; null where it is better shown as it was written. */
export function markdownTree(text: string): readonly Node[] | null {
  if (text.length > PARSED_CHARS_MAX || costsTooMuch(text)) return null;
  const events = postprocess(
    parse({ extensions: [gfmAutolinkLiteral(), gfmStrikethrough(), EXTENSION] }).document()
      .write(preprocess()(text, undefined, true)),
  );
  const root: Open = { is: "root", children: [], to: "", start: 1 };
  const stack: Open[] = [root];
  const top = (): Open => stack.at(-1) ?? root;
  const say = (said: string) => {
    const last = top().children.at(-1);
    if (last?.is === "text") {
      top().children[top().children.length - 1] = { is: "text", text: last.text + said };
    } else top().children.push({ is: "text", text: said });
  };
  const close = () => {
    const done = stack.pop();
    if (done !== undefined && done !== root) top().children.push(closed(done));
  };
  let code: { text: string; language: string } | null = null;
  /** Inside of a link's address or a fence's language, which are no text. */
  let silent = 0;
  for (const [way, token, context] of events) {
    if (stack.length > DEPTH_MAX) return null;
    const kind: string = token.type;
    const isEnter = way === "enter";
    if (kind === "codeFenced" || kind === "codeText") {
      if (isEnter) code = { text: "", language: "" };
      else if (code !== null) {
        top().children.push(
          kind === "codeText"
            ? { is: "code", text: code.text }
            : { is: "block", text: code.text.replace(/^\n|\n$/g, ""), language: code.language },
        );
        code = null;
      }
    } else if (code !== null) {
      if (!isEnter) continue;
      if (kind === "codeFlowValue" || kind === "codeTextData") code.text += context.sliceSerialize(token);
      else if (kind === "lineEnding") code.text += "\n";
      else if (kind === "codeFencedFenceInfo") code.language = context.sliceSerialize(token);
    } else if (kind === "resource" || kind === "reference") {
      silent += isEnter ? 1 : -1;
    } else if (kind === "resourceDestinationString" && isEnter) {
      top().to = context.sliceSerialize(token);
    } else if (silent > 0) continue;
    else if (kind === "listItemPrefix" && isEnter) {
      if (top().is === "item") close();
      stack.push({ is: "item", children: [], to: "", start: 1 });
    } else if (kind === "listItemValue" && isEnter) {
      const list = stack.at(-2);
      if (list?.children.length === 0) list.start = Number(context.sliceSerialize(token)) || 1;
    } else if (STARTS[kind] !== undefined) {
      if (isEnter) stack.push({ is: STARTS[kind], children: [], to: "", start: 1 });
      else {
        if (top().is === "item" && (kind === "listOrdered" || kind === "listUnordered")) close();
        close();
      }
    } else if (!isEnter) continue;
    else if (kind === "data" || kind === "characterEscapeValue") {
      say(context.sliceSerialize(token));
    } else if (
      kind === "autolinkProtocol" || kind === "autolinkEmail" || kind.startsWith("literalAutolink")
    ) {
      const shown = context.sliceSerialize(token);
      top().to = kind.endsWith("Email")
        ? `mailto:${shown}`
        : kind.endsWith("Www")
        ? `http://${shown}`
        : shown;
      say(shown);
    } else if (kind === "lineEnding" && isInline(top().is)) say("\n");
    else if (kind === "hardBreakEscape") top().children.push({ is: "break" });
    else if (kind === "thematicBreak") top().children.push({ is: "rule" });
  }
  while (stack.length > 1) close();
  return root.children;
}

/** Line ends mean something only between words. */
function isInline(parent: Parent): boolean {
  return parent !== "root" && parent !== "bullets" && parent !== "numbers" && parent !== "item" &&
    parent !== "quote";
}

function closed({ is, children, to, start }: Open): Node {
  if (is === "link") {
    const safe = safeAddress(to);
    // What can't be gone to is shown, address and all, so that nothing is hidden.
    return safe === null
      ? { is: "emphasis", children: [...children, { is: "text", text: to === "" ? "" : ` (${to})` }] }
      : { is: "link", to: safe, children };
  }
  if (is === "numbers") return { is, start, children };
  return is === "root" ? { is: "paragraph", children } : { is, children };
}

/** The address of a link that may be followed; null for every scheme but these. */
export function safeAddress(address: string): string | null {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null; // Relative, or no address: there is nothing to go to from a message.
  }
  return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
}

function costsTooMuch(text: string): boolean {
  const talk = text.replace(/^```[^]*?(?:^```|(?![^]))/gm, "");
  let signs = 0;
  for (const _ of talk.matchAll(/[<>*_~[\]`!&@#\\]|^[ \t]*(?:[-+]|\d+[.)])\s/gm)) {
    if (++signs > SIGNS_MAX) return true;
  }
  let lines = 1;
  for (const _ of talk.matchAll(/\n/g)) if (++lines > LINES_MAX) return true;
  for (const [run] of talk.matchAll(/(?:[>*_~[\]`!-]\s?){8,}/g)) if (run.length > NESTED_MAX) return true;
  return false;
}
