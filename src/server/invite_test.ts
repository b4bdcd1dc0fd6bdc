import assert from "node:assert/strict";
import { formatInvite } from "../protocol/invite.ts";
import { checkGivenToken, isTokenRight, makeToken, openToken, qrCode } from "./invite.ts";
import { SetupFailure } from "./setup-failure.ts";

Deno.test("tokens have 128 bits and differ", () => {
  const tokens = new Set(Array.from({ length: 100 }, makeToken));
  assert.equal(tokens.size, 100);
  for (const token of tokens) assert.match(token, /^[A-Za-z0-9_-]{22}$/);
});

Deno.test("only the token itself is right", () => {
  const token = makeToken();
  assert.equal(isTokenRight(token, token), true);
  for (const given of [undefined, "", token + "A", token.slice(0, -1), token.toLowerCase() + "!", "\0"]) {
    assert.equal(isTokenRight(given, token), false, String(given));
  }
  assert.equal(isTokenRight(undefined, ""), false);
});

Deno.test("a data directory keeps its token, for its own user only", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const token = await openToken(`${directory}/data`);
    assert.equal(await openToken(`${directory}/data`), token);
    const { mode } = await Deno.stat(`${directory}/data/token`);
    if (mode !== null) assert.equal(mode & 0o777, 0o600);
    await Deno.writeTextFile(`${directory}/data/token`, "two words");
    await assert.rejects(
      openToken(`${directory}/data`),
      (error) => error instanceof SetupFailure && !error.message.includes("two words"),
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a given token must fit a link", () => {
  assert.equal(checkGivenToken("correct-horse"), "correct-horse");
  for (const token of ["", "a b", "é", "x".repeat(257)]) {
    assert.throws(() => checkGivenToken(token), SetupFailure);
  }
});

Deno.test("a QR code is square, has its three finders, and fits a terminal", () => {
  const link = formatInvite({
    origin: "https://192.168.7.20:4433",
    token: makeToken(),
    keyHash: "A".repeat(43),
  });
  const lines = qrCode(link).split("\n").map((line) => {
    assert.ok(line.startsWith("\x1b[30;107m") && line.endsWith("\x1b[0m"));
    return line.slice("\x1b[30;107m".length, -"\x1b[0m".length);
  });
  const width = lines[0]?.length ?? 0;
  assert.ok(width <= 60, `${width} columns`);
  assert.equal(lines.length, Math.ceil(width / 2));
  assert.ok(lines.every((line) => line.length === width));
  const dark = (row: number, column: number) =>
    (row % 2 === 0 ? "▀█" : "▄█").includes(lines[row >> 1]?.[column] ?? " ");
  const border = 2;
  for (
    const [top, left] of [[border, border], [border, width - border - 7], [
      width - border - 7,
      border,
    ]] as const
  ) {
    for (let at = 0; at < 7; at++) {
      assert.ok(
        dark(top, left + at) && dark(top + 6, left + at) && dark(top + at, left) && dark(top + at, left + 6),
      );
    }
    assert.ok(!dark(top + 1, left + 1) && dark(top + 3, left + 3));
  }
});
