/** Both decoders and both checkers, on anything. */
import assert from "node:assert/strict";
import { checkClientPdu } from "../../src/protocol/client-pdu.ts";
import { LIMITS } from "../../src/protocol/limits.ts";
import { checkServerPdu } from "../../src/protocol/server-pdu.ts";
import { type Decoded, decodeDatagram, decoderOf, type Wire } from "../../src/protocol/wire.ts";
import type { Seeded } from "../fixtures/seeded.ts";
import { fuzzedBytes } from "./words.ts";

const WIRES: readonly Wire[] = ["quicchat/1", "chat/0"];
const NEWLINE = Uint8Array.of(0x0a);

/** Some PDUs, right and wrong, in one stream that is cut anywhere. Gives how many there were. */
export function fuzzDecoders(random: Seeded): number {
  const count = random.from(1, 8);
  const parts = Array.from({ length: count }, () => fuzzedBytes(random));
  for (const wire of WIRES) {
    const stream = joined(parts.flatMap((part) => wire === "chat/0" ? [part] : [part, NEWLINE]));
    const whole = decoderOf(wire).push(stream.slice());
    const decoder = decoderOf(wire);
    const pieces: Decoded[] = [];
    for (let at = 0; at < stream.length;) {
      const end = at + random.from(1, random.next() < 0.5 ? 20 : 5_000);
      const chunk = stream.slice(at, end);
      pieces.push(...decoder.push(chunk));
      // It is not kept: what happens to it later must not matter.
      chunk.fill(0x22);
      assert(decoder.pendingBytes <= LIMITS.pduBytesMax);
      at = end;
    }
    assert.deepEqual(pieces, whole, "the cut decides nothing");
    const failed = whole.findIndex((one) => "failure" in one);
    assert(failed < 0 || failed === whole.length - 1, "a failure is the last word");
    for (const one of whole) if ("value" in one) judge(one.value);
  }
  for (const part of parts) {
    const decoded = decodeDatagram(part);
    if ("value" in decoded) judge(decoded.value);
  }
  return count;
}

/** What is accepted is accepted again; what is refused is refused in a short sentence that quotes nothing. */
function judge(value: unknown): void {
  for (const check of [checkClientPdu, checkServerPdu]) {
    const checked = check(value);
    if (!checked.ok) {
      assert(checked.says.length > 0 && checked.says.length <= 200 && checked.says.isWellFormed());
      assert(checked.seq === undefined || (Number.isSafeInteger(checked.seq) && checked.seq >= 0));
    } else if (checked.pdu.type !== "unknown") {
      assert.deepEqual(check(JSON.parse(JSON.stringify(checked.pdu))), checked);
    }
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
