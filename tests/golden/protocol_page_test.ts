/** docs/protocol.md is normative: what of it can be compared with the code is compared here. */
import assert from "node:assert/strict";
import { MANNERS, UNKNOWN_COST } from "../../src/chat/manners.ts";
import { authorOf } from "../../src/protocol/author.ts";
import { checkClientPdu } from "../../src/protocol/client-pdu.ts";
import { FAILURES } from "../../src/protocol/failures.ts";
import { LIMITS } from "../../src/protocol/limits.ts";
import { checkServerPdu } from "../../src/protocol/server-pdu.ts";
import { decoderOf } from "../../src/protocol/wire.ts";
import { discoveryOf } from "../../src/server/http/discovery.ts";
import { CLIENT, SERVER } from "./pdus.ts";

const root = new URL("../../", import.meta.url);
const page = await Deno.readTextFile(new URL("docs/protocol.md", root));

/** What stands under a heading, up to the next of its level or above. */
function section(heading: string): string {
  const level = heading.indexOf(" ");
  const start = page.indexOf(`\n${heading}\n`);
  assert(start >= 0, `docs/protocol.md has no "${heading}"`);
  const body = page.slice(start + heading.length + 2);
  const end = body.search(new RegExp(`^#{1,${level}} `, "m"));
  return end < 0 ? body : body.slice(0, end);
}

/** The rows of a section's last table, without its head; cells without their backticks. */
function rows(heading: string): string[][] {
  const tables = section(heading).trim().split(/\n\n+/).filter((block) => block.startsWith("|"));
  const table = tables.at(-1)?.trimEnd().split("\n").slice(2) ?? [];
  return table.map((row) => row.slice(1, -1).split("|").map((cell) => cell.trim().replaceAll("`", "")));
}

Deno.test("Failures: the table is the code's", () => {
  const yes = (flag: boolean) => flag ? "yes" : "no";
  assert.deepEqual(
    rows("## Failures"),
    Object.entries(FAILURES).map(([name, { code, temporary, closes, reconnect, says }]) => [
      name,
      String(code),
      yes(temporary),
      yes(closes),
      yes(reconnect),
      says,
    ]),
  );
});

Deno.test("Limits: the table is the code's", () => {
  assert.deepEqual(
    rows("## Limits").map(([name, value]) => [name, value]),
    Object.entries(LIMITS).map(([name, value]) => [name, value.toLocaleString("en")]),
  );
});

Deno.test("Throttling: the table is the code's", () => {
  assert.deepEqual(rows("## Throttling"), [
    ...Object.entries(MANNERS).map(([type, { cost }]) => [type, String(cost)]),
    ["an unknown type", String(UNKNOWN_COST)],
  ]);
});

Deno.test("Discovery: the table's fields are the code's", () => {
  const discovery = discoveryOf({ version: "1", open: true, hashes: [], keyHash: "" });
  assert.deepEqual(rows("## Discovery").map(([field]) => field), Object.keys(discovery));
});

Deno.test("every name in quotes is a failure, every name in code that looks like a limit is one", () => {
  const prose = page.replace(/```[\s\S]*?```/g, "").replace(/^ {4}.*$/gm, "").replace(/`[^`\n]*`/g, "");
  for (const [, name] of prose.matchAll(/"([a-z]+(?:-[a-z]+)*)"/g)) {
    assert(Object.hasOwn(FAILURES, name ?? ""), `"${name}"`);
  }
  for (const [, name] of page.matchAll(/`([a-z]+[A-Za-z]*(?:Max|Default))`/g)) {
    assert(Object.hasOwn(LIMITS, name ?? ""), `${name}`);
  }
});

const sides: ["→" | "←", Record<string, readonly object[]>][] = [["→", CLIENT], ["←", SERVER]];
for (const [arrow, kinds] of sides) {
  const side = arrow === "→" ? "client" : "server";

  Deno.test(`every kind that a ${side} says has its section, in the code's order, and no other has`, () => {
    const headings = [...page.matchAll(new RegExp(`^### ${arrow} (.*)$`, "gm"))].map(([, kind]) => kind);
    assert.deepEqual(new Set(headings), new Set(Object.keys(kinds)));
    assert.equal(headings.length, Object.keys(kinds).length);
  });

  for (const [kind, examples] of Object.entries(kinds)) {
    Deno.test(`${arrow} ${kind}: the table's fields are those of the golden examples, opt where one may be absent`, () => {
      const check: (value: unknown) => { readonly ok: boolean } = side === "client"
        ? checkClientPdu
        : checkServerPdu;
      const table = rows(`### ${arrow} ${kind}`);
      const common = ["type", "seq", "ts"];
      const shown = new Set(
        examples.flatMap((pdu) => Object.keys(pdu)).filter((field) => !common.includes(field)),
      );
      const named = table.map(([field]) => field ?? "");
      const unshown = named.filter((field) => !shown.has(field));
      // What a client says for its name is shown once, in CHAT_MESSAGE.
      assert.deepEqual(
        unshown.filter((field) => side === "server" || !["sender", "who"].includes(field)),
        [],
      );
      assert.deepEqual([...shown].filter((field) => !named.includes(field)), []);
      for (const [field, type] of table) {
        for (const pdu of examples) {
          const without = Object.fromEntries(Object.entries(pdu).filter(([name]) => name !== field));
          assert.equal(check(without).ok, type?.endsWith(", opt") ?? false, `${kind} without ${field}`);
        }
      }
    });
  }
}

Deno.test("the session that is shown could have been one", () => {
  const lines = [...page.matchAll(/^([→←]) (\{.*\})$/gm)];
  assert(lines.length > 0);
  for (const [, arrow, line] of lines) {
    const [decoded] = decoderOf("quicchat/1").push(new TextEncoder().encode(`${line}\n`));
    assert(decoded !== undefined && "value" in decoded, line);
    const checked = arrow === "→" ? checkClientPdu(decoded.value) : checkServerPdu(decoded.value);
    assert.deepEqual(checked, { ok: true, pdu: decoded.value });
  }
});

Deno.test("the author of the device that is shown is right", () => {
  const [, device, author] = /device `([0-9a-f]{32})`[\s\S]*?author `([0-9a-f]{24})`/.exec(page) ?? [];
  assert(device !== undefined && author !== undefined);
  assert.equal(authorOf(device), author);
});

Deno.test("links inside the page, and the code's references to it, lead somewhere", async () => {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading ?? "");
  const anchors = headings.map((heading) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
  for (const [, anchor] of page.matchAll(/\]\(#([^)]*)\)/g)) {
    assert(anchors.includes(anchor ?? ""), `#${anchor}`);
  }
  for await (const path of sources(new URL("src/", root))) {
    const source = (await Deno.readTextFile(path)).replace(/\n\s*(\*|\/\/)/g, "");
    for (const [, name] of source.matchAll(/docs\/protocol\.md, ([^).;:]+?)[).;:]/g)) {
      const isThere = headings.some((heading) => heading === name || heading.endsWith(` ${name}`));
      assert(isThere, `${path.pathname} speaks of docs/protocol.md, ${name}`);
    }
  }
});

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) yield* sources(new URL(`${entry.name}/`, folder));
    else if (entry.name.endsWith(".ts")) yield new URL(entry.name, folder);
  }
}
