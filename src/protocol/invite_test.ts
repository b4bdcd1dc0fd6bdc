import assert from "node:assert/strict";
import { formatInvite, type Invite, isKeyHash, parseInvite } from "./invite.ts";

const token = "3q2-7wAAAAAAAAAAAAAAAA";
const keyHash = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";

Deno.test("what was formatted is parsed to the same", () => {
  const invites: Invite[] = [
    { origin: "https://192.168.7.20:4433", token, keyHash },
    { origin: "https://[2001:db8::5]:4433", token, keyHash },
    { origin: "https://chat.example.org", token },
    { origin: "http://127.0.0.1:4433" },
    { origin: "https://open.example.org:4433", keyHash },
    { origin: "https://x:1", token: "p%40ss&key=+#?/" },
    { origin: "https://x:1", token: "x".repeat(256) },
  ];
  for (const invite of invites) {
    assert.deepEqual(parseInvite(formatInvite(invite)), { ok: true, invite });
  }
});

Deno.test("the token stands only behind the #", () => {
  const link = formatInvite({ origin: "https://h:4433", token, keyHash });
  assert.equal(link, `https://h:4433/#invite=${token}&key=${keyHash}`);
  assert.equal(link.split("#")[0], "https://h:4433/");
  assert.equal(formatInvite({ origin: "https://h:4433" }), "https://h:4433/");
});

Deno.test("unknown parameters, spaces around and a path are borne", () => {
  const parsed = parseInvite(
    `\u00a0https://h:4433/join?x=1#room=lobby&keyx&key=${keyHash}&invite=${token}&key=other&y\n`,
  );
  assert.deepEqual(parsed, { ok: true, invite: { origin: "https://h:4433", token, keyHash } });
});

Deno.test("what is wrong is said, without the token", () => {
  const wrong: [string, RegExp][] = [
    ["", /not a link/],
    ["h:4433", /begins with https/],
    ["quic://h:4433", /not with quic/],
    ["https://u:p@h:4433/", /no user name/],
    ["https://u@h:4433/", /no user name/],
    ["https://:p@h:4433/", /no user name/],
    [`https://h/#invite=${token}&key=abc`, /key hash/],
    [`https://h/#invite=${token}&key=${keyHash.slice(0, -1)}B`, /key hash/],
    ["https://h/#invite=", /token is empty/],
    ["https://h/#invite=a%20b", /token/],
    [`https://h/#invite=${"x".repeat(257)}`, /token/],
    ["https://h/#invite=%E0%A4", /malformed/],
  ];
  for (const [link, says] of wrong) {
    const parsed = parseInvite(link);
    assert.ok(!parsed.ok, link);
    assert.match(parsed.says, says);
    assert.ok(!parsed.says.includes(token));
  }
});

Deno.test("a key hash has 256 bits exactly", () => {
  assert.ok(isKeyHash(keyHash));
  for (const text of [keyHash + "A", keyHash.slice(1), keyHash.slice(0, -1) + "h", ""]) {
    assert.ok(!isKeyHash(text));
  }
});
