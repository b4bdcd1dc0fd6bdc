import { sha256 } from "@noble/hashes/sha2.js";

/**
 * What others see of a device: the first 96 bits of SHA-256 over its 32 hexadecimal digits, as 24
 * hexadecimal digits. The device itself is a secret, since whoever knows it can number messages in its
 * place; the author is what everybody may see, and what says whose a message is.
 */
export function authorOf(device: string): string {
  const digest = sha256(new TextEncoder().encode(device));
  let author = "";
  for (const byte of digest.subarray(0, 12)) author += byte.toString(16).padStart(2, "0");
  return author;
}
