import { isOutboxEntry, type OutboxEntry } from "./outbox-entry.ts";
import type { OutboxContents } from "./store.ts";

/** First line of a journal. Versions are never reused; an older program refuses a newer journal. */
const VERSION = 1;

export class JournalFailure extends Error {
  override readonly name = "JournalFailure";
}

export function headLine(device: string, nextSeq: number): string {
  return `${JSON.stringify({ quicchatOutbox: VERSION, device, nextSeq })}\n`;
}

export function putLine(entry: OutboxEntry, replaces: number | undefined): string {
  return `${JSON.stringify({ put: entry, replaces })}\n`;
}

export function goneLine(seq: number): string {
  return `${JSON.stringify({ gone: seq })}\n`;
}

/** Reads a journal. Lines that can't be read are left out: the torn last one of a crash is one of them. Null:
 * its head is missing, so that nothing was ever kept in it. Throws for a newer one. */
export function readJournal(text: string): OutboxContents | null {
  const [first = "", ...lines] = text.split("\n");
  const head = lines.length === 0 ? null : parse(first);
  if (head === null || typeof head.device !== "string" || !/^[0-9a-f]{32}$/.test(head.device)) return null;
  if (head.quicchatOutbox !== VERSION) {
    throw new JournalFailure(
      `it is of version ${head.quicchatOutbox}, this program knows ${VERSION}: update it`,
    );
  }
  // Without its end the last line may be a part of a longer one that happens to be JSON as well.
  lines.pop();
  let nextSeq = typeof head.nextSeq === "number" ? head.nextSeq : 1;
  const entries = new Map<number, OutboxEntry>();
  for (const line of lines) {
    const said = parse(line);
    if (said === null) continue;
    if (isOutboxEntry(said.put)) {
      entries.set(said.put.seq, said.put);
      nextSeq = Math.max(nextSeq, said.put.seq + 1);
      if (typeof said.replaces === "number") entries.delete(said.replaces);
    } else if (typeof said.gone === "number") {
      entries.delete(said.gone);
      nextSeq = Math.max(nextSeq, said.gone + 1);
    }
  }
  const ascending = [...entries.values()].sort((a, b) => a.seq - b.seq);
  return { device: head.device, nextSeq, entries: ascending };
}

function parse(line: string): Record<string, unknown> | null {
  try {
    // What is no object has none of the fields that are asked for.
    return { ...(JSON.parse(line) as object) };
  } catch {
    // Torn by a crash.
    return null;
  }
}
