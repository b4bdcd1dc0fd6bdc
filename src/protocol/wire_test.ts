import assert from "node:assert/strict";
import { LIMITS } from "./limits.ts";
import { type Decoded, decodeDatagram, decoderOf, encodePdu, type Wire } from "./wire.ts";

const encoder = new TextEncoder();

/** Pushes these chunks, each copied and afterwards overwritten, as a network that reuses its buffer would. */
function decode(wire: Wire, ...chunks: (string | Uint8Array)[]): Decoded[] {
  const decoder = decoderOf(wire);
  const decoded: Decoded[] = [];
  for (const chunk of chunks) {
    const bytes = typeof chunk === "string" ? encoder.encode(chunk) : chunk.slice();
    decoded.push(...decoder.push(bytes));
    bytes.fill(0x7b);
  }
  return decoded;
}

/** The values in order, and a failure by its name. */
function told(decoded: Decoded[]): unknown[] {
  return decoded.map((one) => "value" in one ? one.value : one.failure);
}

function bytesOf(...parts: (string | number[])[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => typeof part === "string" ? [...encoder.encode(part)] : part));
}

/** One PDU of exactly so many bytes, without its newline. */
function sized(bytes: number): string {
  return `{"a":"${"x".repeat(bytes - 8)}"}`;
}

const WIRES: Wire[] = ["quicchat/1", "chat/0"];

Deno.test("encodePdu: a newline ends it on quicchat/1, nothing on chat/0", () => {
  assert.deepEqual(encodePdu({ a: "é\n" }, "quicchat/1"), bytesOf('{"a":"é\\n"}\n'));
  assert.deepEqual(encodePdu({ a: "é\n" }, "chat/0"), bytesOf('{"a":"é\\n"}'));
});

for (const wire of WIRES) {
  const end = wire === "chat/0" ? "" : "\n";

  Deno.test(`${wire}: two and a half PDUs in one chunk, the rest in the next`, () => {
    const decoder = decoderOf(wire);
    assert.deepEqual(told(decoder.push(encoder.encode(`{"a":1}${end}{"b":2}${end}{"c"`))), [{ a: 1 }, {
      b: 2,
    }]);
    assert.equal(decoder.pendingBytes, 4);
    assert.deepEqual(told(decoder.push(encoder.encode(`:3}${end}`))), [{ c: 3 }]);
    assert.equal(decoder.pendingBytes, 0);
  });

  Deno.test(`${wire}: a cut inside a character of two, three or four bytes`, () => {
    const pdu = { text: "é€😀" };
    const bytes = encodePdu(pdu, wire);
    for (let at = 0; at <= bytes.length; at++) {
      assert.deepEqual(told(decode(wire, bytes.subarray(0, at), bytes.subarray(at))), [pdu], `cut at ${at}`);
    }
  });

  Deno.test(`${wire}: brackets, quotes and escapes inside strings are text`, () => {
    const pdu = { text: '}{][ "\\" \\\\" {', "k}\\": "\\" };
    const bytes = encodePdu(pdu, wire);
    assert.deepEqual(told(decode(wire, bytes, bytes)), [pdu, pdu]);
    assert.deepEqual(told(decode(wire, ...Array.from(bytes, (byte) => new Uint8Array([byte])))), [pdu]);
  });

  Deno.test(`${wire}: exactly the limit is taken, one byte more is not, however it is cut`, () => {
    const fits = sized(LIMITS.pduBytesMax);
    const over = sized(LIMITS.pduBytesMax + 1);
    for (const chunk of [1_000, LIMITS.pduBytesMax, LIMITS.pduBytesMax * 2]) {
      for (const [text, expected] of [[fits, [JSON.parse(fits)]], [over, ["pdu-too-large"]]] as const) {
        const bytes = encoder.encode(text + end);
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += chunk) chunks.push(bytes.subarray(at, at + chunk));
        assert.deepEqual(
          told(decode(wire, ...chunks)),
          expected,
          `${text.length} bytes in chunks of ${chunk}`,
        );
      }
    }
  });

  Deno.test(`${wire}: bytes that never end are refused at the limit, and let go of`, () => {
    const decoder = decoderOf(wire);
    assert.deepEqual(decoder.push(encoder.encode('{"a":"')), []);
    const more = encoder.encode("x".repeat(16_384));
    const failures: unknown[] = [];
    for (let round = 0; round < 10; round++) {
      failures.push(...told(decoder.push(more)));
      assert(decoder.pendingBytes <= LIMITS.pduBytesMax);
    }
    assert.deepEqual(failures, ["pdu-too-large"]);
    assert.equal(decoder.pendingBytes, 0);
  });

  Deno.test(`${wire}: nesting at the limit is taken, one level more is malformed`, () => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`;
    const lists = (depth: number) => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    for (const make of [nested, lists]) {
      const fits = make(LIMITS.nestingMax);
      assert.deepEqual(told(decode(wire, fits + end)), [JSON.parse(fits)]);
      assert.deepEqual(told(decode(wire, make(LIMITS.nestingMax + 1) + end)), ["malformed"]);
    }
    // Many brackets side by side, or in a text, are not deep.
    const flat = { a: Array.from({ length: 50 }, () => [{}]), text: "[{".repeat(50) };
    assert.deepEqual(told(decode(wire, encodePdu(flat, wire))), [flat]);
  });

  Deno.test(`${wire}: longer than the limit and too deep is one failure, however it is cut`, () => {
    const text = `{"a":"${"x".repeat(LIMITS.pduBytesMax)}","b":${"[".repeat(40)}`;
    const bytes = encoder.encode(text + end);
    assert.deepEqual(told(decode(wire, bytes)), ["pdu-too-large"]);
    assert.deepEqual(told(decode(wire, bytes.subarray(0, 60_000), bytes.subarray(60_000))), [
      "pdu-too-large",
    ]);
  });

  const malformed: [string, Uint8Array][] = [
    ["a byte that UTF-8 does not know", bytesOf('{"a":"', [0xff], '"}', end)],
    ["an overlong form", bytesOf('{"a":"', [0xc0, 0xaf], '"}', end)],
    ["half a surrogate pair in UTF-8", bytesOf('{"a":"', [0xed, 0xa0, 0x80], '"}', end)],
    ["a character cut short", bytesOf('{"a":"', [0xe2, 0x82], '"}', end)],
    ["a byte order mark", bytesOf([0xef, 0xbb, 0xbf], '{"a":1}', end)],
    ["a NUL before it", bytesOf([0], '{"a":1}', end)],
    ["a raw control character in a string", bytesOf('{"a":"', [7], '"}', end)],
    ["a list", bytesOf("[1]", end)],
    ["a number", bytesOf("7", end)],
    ["null", bytesOf("null", end)],
    ["a string", bytesOf('"a"', end)],
    ["NaN", bytesOf('{"a":NaN}', end)],
    ["a trailing comma", bytesOf('{"a":1,}', end)],
    ["brackets that do not match", bytesOf('{"a":[}]', end)],
    ["a comma between PDUs", bytesOf(',{"a":1}', end)],
    ["words", bytesOf("GET / HTTP/1.1\r\n")],
  ];
  for (const [what, bytes] of malformed) {
    Deno.test(`${wire}: ${what} is malformed; what came before counts, what follows does not`, () => {
      const good = encodePdu({ ok: 1 }, wire);
      assert.deepEqual(told(decode(wire, bytesOf([...good], [...bytes], [...good]), good)), [
        { ok: 1 },
        "malformed",
      ]);
    });
  }

  Deno.test(`${wire}: a failure never quotes what was sent`, () => {
    for (const bytes of [`{"text": secret}${end}`, bytesOf('{"a":"secret', [0xff], '"}', end)]) {
      const [failure] = decode(wire, bytes);
      assert(failure !== undefined && "failure" in failure);
      assert.doesNotMatch(failure.says, /secret/);
    }
  });

  Deno.test(`${wire}: one failure does not spoil another connection`, () => {
    assert.deepEqual(told(decode(wire, bytesOf('{"a":"', [0xe2, 0x82], '"}', end))), ["malformed"]);
    assert.deepEqual(told(decode(wire, encodePdu({ a: "€" }, wire))), [{ a: "€" }]);
  });

  Deno.test(`${wire}: a stream that ends inside a PDU shows it`, () => {
    const decoder = decoderOf(wire);
    decoder.push(encoder.encode('{"a":1'));
    assert.equal(decoder.pendingBytes, 6);
  });

  Deno.test(`${wire}: an empty chunk says nothing`, () => {
    assert.deepEqual(decode(wire, "", '{"a"', "", `:1}${end}`, ""), [{ value: { a: 1 } }]);
  });

  Deno.test(`${wire}: __proto__ is a key like any other, not a prototype`, () => {
    const [decoded] = told(decode(wire, `{"__proto__":{"type":"CHAT_PING"}}${end}`));
    assert(typeof decoded === "object" && decoded !== null);
    assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
    assert.deepEqual(Object.keys(decoded), ["__proto__"]);
  });
}

Deno.test("quicchat/1: empty lines and CRLF are allowed, also cut between CR and LF", () => {
  assert.deepEqual(told(decode("quicchat/1", '\n\r\n{"a":1}\r\n\n', '{"b":2}\r', "\n\r", "\n")), [
    { a: 1 },
    { b: 2 },
  ]);
});

Deno.test("quicchat/1: the newline does not count, a carriage return does", () => {
  assert.deepEqual(told(decode("quicchat/1", sized(LIMITS.pduBytesMax) + "\r\n")), ["pdu-too-large"]);
  assert.deepEqual(told(decode("quicchat/1", sized(LIMITS.pduBytesMax - 1) + "\r\n")).length, 1);
});

Deno.test("quicchat/1: two PDUs on one line, or one on two lines, are malformed", () => {
  assert.deepEqual(told(decode("quicchat/1", '{"a":1}{"b":2}\n')), ["malformed"]);
  assert.deepEqual(told(decode("quicchat/1", '{"a":\n1}\n')), ["malformed"]);
});

Deno.test("chat/0: white space between PDUs means nothing, inside one it is JSON's", () => {
  assert.deepEqual(told(decode("chat/0", ' \r\n\t{ "a" :\n1 } ', '\n{"b":2}\n')), [{ a: 1 }, { b: 2 }]);
});

Deno.test("chat/0: white space that never ends is not kept", () => {
  const decoder = decoderOf("chat/0");
  for (let round = 0; round < 10; round++) {
    assert.deepEqual(decoder.push(encoder.encode(" ".repeat(20_000))), []);
  }
  assert.equal(decoder.pendingBytes, 0);
});

Deno.test("a half-sent small PDU holds a small buffer, a big one lets go of its own", () => {
  // What is held can't be seen from outside but by what it may not be: this pins that a decoder that held
  // the most goes on as if new.
  for (const wire of WIRES) {
    const decoder = decoderOf(wire);
    const bytes = encoder.encode(sized(LIMITS.pduBytesMax) + (wire === "chat/0" ? "" : "\n"));
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(decoder.push(bytes.subarray(0, 50_000)), []);
      assert.equal(decoder.pendingBytes, 50_000);
      assert.equal(decoder.push(bytes.subarray(50_000)).length, 1);
      assert.equal(decoder.pendingBytes, 0);
    }
  }
});

Deno.test("a datagram is one PDU, with or without its newline", () => {
  const datagram = (text: string) => told([decodeDatagram(encoder.encode(text))])[0];
  assert.deepEqual(datagram('{"a":1}'), { a: 1 });
  assert.deepEqual(datagram('{"a":1}\r\n'), { a: 1 });
  for (const text of ["", "\n", "[]", '{"a":1}{"b":2}', '{"a":1}\n{"b":2}\n', '{"a":', '{"a":'.repeat(17)]) {
    assert.equal(datagram(text), "malformed", text);
  }
});

Deno.test("chat/0: an object that is too deep is refused at the bracket that makes it so, not at its end", () => {
  const decoder = decoderOf("chat/0");
  assert.deepEqual(told(decoder.push(encoder.encode(`{"a":`.repeat(LIMITS.nestingMax)))), []);
  assert.deepEqual(told(decoder.push(encoder.encode(`{"a":`))), ["malformed"]);
  assert.equal(decoder.pendingBytes, 0);
});

Deno.test("quicchat/1: a carriage return before a PDU is white space", () => {
  assert.deepEqual(told(decode("quicchat/1", `\r{"a":1}\n`)), [{ a: 1 }]);
});
