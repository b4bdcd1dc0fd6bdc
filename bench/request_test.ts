import assert from "node:assert/strict";
import { HELP, type Request, requestOf } from "./request.ts";

function request(...args: string[]): Request {
  const asked = requestOf(args);
  if (typeof asked === "string") throw new Error(asked);
  return asked;
}

function ids({ systems }: Request): string[] {
  return systems.map(({ id }) => id);
}

Deno.test("without a word ours are measured, with --peers rivals too", () => {
  assert.deepEqual(ids(request()), ["relay", "quicchat"]);
  const withPeers = ids(request("--peers"));
  assert.deepEqual(withPeers.slice(0, 2), ["relay", "quicchat"]);
  assert.ok(withPeers.includes("ws") && withPeers.includes("jetstream"));
});

Deno.test("named shapes and systems are measured, in our order, rivals without --peers", () => {
  const asked = request("--systems", "ws, quicchat", "--only", "loaded-64,loaded-8", "--rounds", "3");
  assert.deepEqual(ids(asked), ["quicchat", "ws"]);
  assert.deepEqual(asked.shapes.map(({ shape }) => shape), ["loaded-8", "loaded-64"]);
  assert.equal(asked.rounds, 3);
});

Deno.test("an unknown name, number or option is said, with what there is", () => {
  assert.match(String(requestOf(["--only", "loud"])), /^there is no shape "loud", only loaded-8, /);
  assert.match(String(requestOf(["--systems", "ws,irc"])), /^there is no system "irc", only relay, /);
  for (const rounds of ["0", "1.5", "x", "100", ""]) {
    assert.match(String(requestOf(["--rounds", rounds])), /^--rounds takes a whole number/, rounds);
  }
  assert.match(String(requestOf(["--peer"])), /--peer[^]*usage: npm run bench/);
  assert.equal(requestOf(["--help"]), HELP);
});
