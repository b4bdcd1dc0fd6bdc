/** The wire, pinned: the files hold bytes as they travel, for clients in any language to test against. */
import assert from "node:assert/strict";
import { checkClientPdu } from "../../src/protocol/client-pdu.ts";
import { bodyOf, lineOf, targetOf } from "../../src/protocol/event.ts";
import type { FailureName } from "../../src/protocol/failures.ts";
import { checkServerPdu } from "../../src/protocol/server-pdu.ts";
import { decoderOf, encodePdu, type Wire } from "../../src/protocol/wire.ts";
import { textFits } from "../../src/protocol/words.ts";
import { CLIENT, ORIGINAL, OURS_TO_ORIGINAL, SERVER } from "./pdus.ts";

const encoder = new TextEncoder();
const CHECKERS = { client: checkClientPdu, server: checkServerPdu };
type Side = keyof typeof CHECKERS;

async function file(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return await Deno.readFile(new URL(name, import.meta.url));
}

async function json(name: string): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await file(name)));
}

/** What a peer hears: checked PDUs, and the name of what was refused. */
function heard(wire: Wire, side: Side, bytes: Uint8Array): unknown[] {
  return decoderOf(wire).push(bytes).map((decoded) => {
    if ("failure" in decoded) return { failure: decoded.failure };
    const checked = CHECKERS[side](decoded.value);
    if (!checked.ok) return { failure: "invalid", seq: checked.seq };
    const { pdu } = checked;
    return "text" in pdu && !textFits(pdu.text) ? { failure: "text-too-large", seq: pdu.seq } : pdu;
  });
}

for (const [side, expected] of [["client", CLIENT], ["server", SERVER]] as const) {
  Deno.test(`quicchat/1: what a ${side} says decodes to what it means, and is encoded to just these bytes`, async () => {
    const bytes = await file(`quicchat1-${side}.jsonl`);
    const pdus = Object.values(expected).flat();
    assert.deepEqual(heard("quicchat/1", side, bytes), pdus);
    const encoded = pdus.map((pdu) => new TextDecoder().decode(encodePdu(pdu, "quicchat/1"))).join("");
    assert.equal(encoded, new TextDecoder().decode(bytes));
  });
}

const EVENTS = [
  SERVER.CHAT_MESSAGE,
  SERVER.CHAT_EDIT,
  SERVER.CHAT_DELETE,
  SERVER.CHAT_REACT,
  SERVER.CHAT_TOPIC,
].flat();

Deno.test("quicchat/1: the lines spliced for a log's events are these bytes too", () => {
  for (const pdu of EVENTS) {
    const { type, seq, ts, room, offset, sender, author } = pdu;
    assert(room !== undefined && offset !== undefined && author !== undefined);
    const target = targetOf(pdu);
    const event = { type, seq, tsMs: ts * 1000, room, offset, sender, author, target, body: bodyOf(pdu) };
    assert.equal(lineOf(event), new TextDecoder().decode(encodePdu(pdu, "quicchat/1")));
  }
});

Deno.test("chat/0: what an original peer says decodes to what it means, alone and without a gap", async () => {
  const texts = await json("chat0.json") as Record<Side, Record<string, string>>;
  for (const side of ["client", "server"] as const) {
    const expected: [string, object][] = Object.entries(ORIGINAL[side]);
    assert.deepEqual(Object.keys(texts[side]), expected.map(([name]) => name));
    for (const [name, pdu] of expected) {
      assert.deepEqual(heard("chat/0", side, encoder.encode(texts[side][name])), [pdu], name);
    }
    const all = encoder.encode(Object.values(texts[side]).join(""));
    assert.deepEqual(heard("chat/0", side, all), expected.map(([, pdu]) => pdu));
  }
});

Deno.test("chat/0: what our server says to an original client is encoded to just these bytes", async () => {
  const { oursToOriginal } = await json("chat0.json") as { oursToOriginal: Record<string, string> };
  const encoded = Object.entries(OURS_TO_ORIGINAL)
    .map(([name, pdu]) => [name, new TextDecoder().decode(encodePdu(pdu, "chat/0"))]);
  assert.deepEqual(Object.fromEntries(encoded), oursToOriginal);
});

/** A row of refused.jsonl: the PDU as `text`, as `hex`, or as `start`, `times` times `repeat`, `end`. */
interface Refused {
  readonly what: string;
  readonly wires: Wire[];
  /** Who says it. */
  readonly side: Side;
  readonly text?: string;
  readonly hex?: string;
  readonly start?: string;
  readonly repeat?: string;
  readonly times?: number;
  readonly end?: string;
  readonly failure: FailureName;
  /** What the answer can name, where the PDU has a seq that is one. */
  readonly seq?: number;
}

function bytesOf({ text, hex, start, repeat, times, end }: Refused): Uint8Array {
  if (text !== undefined) return encoder.encode(text);
  if (hex !== undefined) return new Uint8Array(hex.match(/../g)?.map((byte) => parseInt(byte, 16)) ?? []);
  assert(start !== undefined && repeat !== undefined && times !== undefined && end !== undefined);
  return encoder.encode(start + repeat.repeat(times) + end);
}

const rows = new TextDecoder().decode(await file("refused.jsonl")).trimEnd().split("\n")
  .map((line) => JSON.parse(line) as Refused);
for (const row of rows) {
  for (const wire of row.wires) {
    Deno.test(`${wire}: from a ${row.side}, ${row.what}: ${row.failure}`, () => {
      const bytes = new Uint8Array([...bytesOf(row), ...(wire === "chat/0" ? [] : [0x0a])]);
      const [first] = heard(wire, row.side, bytes);
      const seq = row.failure === "malformed" || row.failure === "pdu-too-large" ? {} : { seq: row.seq };
      assert.deepEqual(first, { failure: row.failure, ...seq });
    });
  }
}
