import assert from "node:assert/strict";
import { type Failure, failureOf, FAILURES } from "./failures.ts";
import { LIMITS } from "./limits.ts";

const rows: [string, Failure][] = Object.entries(FAILURES);

Deno.test("FAILURES: the flags don't contradict each other or the code", () => {
  for (const [name, { code, temporary, closes, reconnect, says }] of rows) {
    assert(Number.isInteger(code) && code >= 400 && code < 600, name);
    assert(
      !reconnect || (closes && temporary),
      `${name}: to reconnect, the session must be over and worth it`,
    );
    assert(!(closes && temporary) || reconnect, `${name}: what is temporary and closes is worth coming back`);
    // What a client that does not know the name concludes from the code must be the same.
    assert.equal(failureOf(undefined, code).temporary, temporary, name);
    assert(says.length > 0 && says.length <= 200, name);
  }
});

Deno.test("FAILURES: the numbers in their words are those of LIMITS", () => {
  const spoken = (bytes: number) => bytes.toLocaleString("en");
  assert(FAILURES["pdu-too-large"].says.includes(`${spoken(LIMITS.pduBytesMax)} bytes`));
  assert(FAILURES["text-too-large"].says.includes(`${spoken(LIMITS.textBytesMax)} bytes`));
});

Deno.test("failureOf: a known name counts, whatever code comes with it", () => {
  assert.equal(failureOf("too-fast", 400), FAILURES["too-fast"]);
});

Deno.test("failureOf: an unknown name is judged by its code, and names of Object's own are unknown", () => {
  for (const name of ["new-in-version-9", "constructor", "__proto__", "toString", undefined]) {
    assert.deepEqual(failureOf(name, 418), {
      code: 418,
      temporary: false,
      closes: false,
      reconnect: false,
      says: "failure 418",
    });
    for (const code of [408, 429, 500, 503, 599]) assert(failureOf(name, code).temporary, `${code}`);
  }
});
