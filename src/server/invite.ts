/** Who may come in where the server is not open: those who have the token. */
import { sha256 } from "@noble/hashes/sha2.js";
import { encode } from "uqr";
import { isToken } from "../protocol/invite.ts";
import { LIMITS } from "../protocol/limits.ts";
import { readPrivate, writePrivate } from "./private-file.ts";
import { SetupFailure } from "./setup-failure.ts";

const tokenFile = "token";

/** 128 random bits in 22 characters of base64url: nobody guesses it, and it fits a link and a QR code. */
export function makeToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Whether the token that somebody gave is the server's. Takes the same time wherever they differ: both are
 * hashed, so that neither length nor a common beginning shows.
 */
export function isTokenRight(given: string | undefined, token: string): boolean {
  const encoder = new TextEncoder();
  const one = sha256(encoder.encode(given ?? ""));
  const other = sha256(encoder.encode(token));
  let difference = given === undefined ? 1 : 0;
  for (let at = 0; at < one.length; at++) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return difference === 0;
}

/** The token of this data directory: the same after every start, or invites would end with it. */
export async function openToken(directory: string): Promise<string> {
  const path = `${directory}/${tokenFile}`;
  const stored = (await readPrivate(path))?.trim();
  if (stored === undefined) {
    const token = makeToken();
    await writePrivate(directory, tokenFile, token + "\n");
    return token;
  }
  if (!isToken(stored)) {
    throw new SetupFailure(
      `${path} holds no invite token: remove it, and a new one is made (invite anew then)`,
    );
  }
  return stored;
}

/** Checks a token that the operator chose (`--token`). */
export function checkGivenToken(token: string): string {
  if (isToken(token)) return token;
  throw new SetupFailure(
    `--token must be 1 to ${LIMITS.tokenCharsMax} characters of visible ASCII without spaces`,
  );
}

/**
 * A QR code for a terminal, two modules a character. Its colours are set, black on white, since readers want
 * dark modules on a light ground and nobody knows the terminal's. Ends without a newline.
 */
export function qrCode(text: string): string {
  // The border of 4 light modules is what the standard asks for (ISO/IEC 18004); 2 do on a screen.
  const { data, size } = encode(text, { ecc: "L", border: 2 });
  const isDark = (row: number, column: number) => data[row]?.[column] ?? false;
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    let line = "";
    for (let column = 0; column < size; column++) {
      line += " ▀▄█"[(isDark(row, column) ? 1 : 0) + (isDark(row + 1, column) ? 2 : 0)];
    }
    lines.push(`\x1b[30;107m${line}\x1b[0m`);
  }
  return lines.join("\n");
}
