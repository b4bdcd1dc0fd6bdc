/** The last chunks that were joined, and what came of it: at most one write of an outbox. */
let parts: readonly Uint8Array[] = [];
let joined = new Uint8Array(0);

/** Copies chunks, at least one, into one. Members of the same rooms are given the same chunks one after the other, so
 * the last result is kept: the next who gets the very same objects shares it. None of them may change any more. */
export function join(chunks: readonly Uint8Array[]): Uint8Array {
  if (areSame(chunks, parts)) return joined;
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  parts = chunks.slice();
  return joined;
}

function areSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false;
  return true;
}
