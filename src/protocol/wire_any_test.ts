/** What must hold of the decoders for any PDUs, any bytes and any cut (seeded, so that a failure repeats). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { LIMITS } from "./limits.ts";
import { type Decoded, type Decoder, decoderOf, encodePdu, type Wire } from "./wire.ts";

const WIRES: Wire[] = ["quicchat/1", "chat/0"];

/** JSON that survives a round trip: `-0` becomes 0 in JSON, and `__proto__` can't be written as a literal. */
const anyValue = fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }).map((value) =>
  JSON.parse(JSON.stringify(value)) as unknown
);
const anyObject = fc.dictionary(fc.string({ unit: "binary", maxLength: 8 }), anyValue, { maxKeys: 6 })
  .map((value) => JSON.parse(JSON.stringify(value)) as object);
/** Bytes that look enough like PDUs to get past a decoder's first branch. */
const almostJson = fc.array(
  fc.oneof(
    fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"',
      "\\",
      ":",
      ",",
      "\n",
      "\r",
      " ",
      '{"a":1}',
      '"a":',
      "null",
      "\u20ac",
    ),
    fc.string({ unit: "binary", maxLength: 4 }),
  ),
  { maxLength: 60 },
).map((parts) => new TextEncoder().encode(parts.join("")));
const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), almostJson);
/** Where to cut: gaps between cuts, repeated until the bytes are used up. */
const anyCut = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });

function* cut(bytes: Uint8Array, gaps: number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const end = at + (gaps[turn % gaps.length] ?? 1);
    yield bytes.slice(at, end);
    at = end;
  }
}

function pushAll(decoder: Decoder, chunks: Iterable<Uint8Array>): Decoded[] {
  const decoded: Decoded[] = [];
  for (const chunk of chunks) {
    decoded.push(...decoder.push(chunk));
    chunk.fill(0x22);
  }
  return decoded;
}

function joined(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

for (const wire of WIRES) {
  Deno.test(`${wire}: any PDUs, cut anywhere, come out as they went in`, () => {
    fc.assert(
      fc.property(fc.array(anyObject, { maxLength: 8 }), anyCut, (pdus, gaps) => {
        const decoder = decoderOf(wire);
        const decoded = pushAll(decoder, cut(joined(pdus.map((pdu) => encodePdu(pdu, wire))), gaps));
        assert.deepEqual(decoded, pdus.map((value) => ({ value })));
        assert.equal(decoder.pendingBytes, 0);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  Deno.test(`${wire}: for any bytes the cut decides nothing, a failure is the last word, nothing is thrown`, () => {
    fc.assert(
      fc.property(anyBytes, anyCut, (bytes, gaps) => {
        const whole = pushAll(decoderOf(wire), [bytes.slice()]);
        const decoder = decoderOf(wire);
        const pieces = pushAll(decoder, cut(bytes, gaps));
        assert.deepEqual(pieces, whole);
        const failed = pieces.findIndex((one) => "failure" in one);
        if (failed >= 0) {
          assert.equal(failed, pieces.length - 1);
          assert.equal(decoder.pendingBytes, 0);
          assert.deepEqual(decoder.push(encodePdu({}, wire)), []);
        }
        assert(decoder.pendingBytes <= bytes.length);
      }),
      { seed: 2, numRuns: 2_000 },
    );
  });

  Deno.test(`${wire}: garbage after any PDUs takes none of them back`, () => {
    fc.assert(
      fc.property(fc.array(anyObject, { maxLength: 4 }), anyBytes, anyCut, (pdus, garbage, gaps) => {
        const bytes = joined([...pdus.map((pdu) => encodePdu(pdu, wire)), garbage]);
        const decoded = pushAll(decoderOf(wire), cut(bytes, gaps));
        assert.deepEqual(decoded.slice(0, pdus.length), pdus.map((value) => ({ value })));
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  Deno.test(`${wire}: never more than one PDU's bytes are held`, () => {
    const piece = fc.oneof(
      fc.constantFrom("{", '"', "\\", "[", " ", "\u20ac", wire === "chat/0" ? "" : "\n"),
      fc.constant("x".repeat(500)),
      fc.constant("x".repeat(30_000)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const decoder = decoderOf(wire);
        decoder.push(new TextEncoder().encode('{"'));
        for (const text of pieces) {
          decoder.push(new TextEncoder().encode(text));
          assert(decoder.pendingBytes <= LIMITS.pduBytesMax);
        }
      }),
      { seed: 4, numRuns: 300 },
    );
  });
}
