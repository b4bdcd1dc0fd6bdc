import { isOutboxEntry, type OutboxEntry } from "./outbox-entry.ts";
import type { OutboxContents } from "./store.ts";

/** First line of a journal. Versions are never reused; an older program refuses a newer journal. */
const VERSION = 1;

/** What a journal's text says. */
export interface JournalRead {
  readonly contents: OutboxContents;
  /** Lines that can't be read: the torn last one of a crash is one of them. */
  readonly unreadable: number;
  /** The text ends in the middle of a line. */
  readonly torn: boolean;
}

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

/** Reads a journal. Null: its head is missing, so that nothing was ever kept in it. Throws for a newer one. */
export function readJournal(text: string): JournalRead | null {
  const lines = text.split("\n");
  const torn = lines.pop() !== "";
  const head = parse(lines[0] ?? "");
  if (head === null || typeof head.device !== "string" || !/^[0-9a-f]{32}$/.test(head.device)) return null;
  if (head.quicchatOutbox !== VERSION) {
    throw new JournalFailure(
      `it is of version ${head.quicchatOutbox}, this program knows ${VERSION}: update it`,
    );
  }
  let nextSeq = typeof head.nextSeq === "number" ? head.nextSeq : 1;
  let unreadable = torn ? 1 : 0;
  const entries = new Map<number, OutboxEntry>();
  for (const line of lines.slice(1)) {
    // What follows a torn line begins on a new one.
    if (line === "") continue;
    const said = parse(line);
    if (said !== null && isOutboxEntry(said.put)) {
      entries.set(said.put.seq, said.put);
      nextSeq = Math.max(nextSeq, said.put.seq + 1);
      if (typeof said.replaces === "number") entries.delete(said.replaces);
    } else if (said !== null && typeof said.gone === "number") {
      entries.delete(said.gone);
      nextSeq = Math.max(nextSeq, said.gone + 1);
    } else unreadable++;
  }
  const ascending = [...entries.values()].sort((a, b) => a.seq - b.seq);
  return { contents: { device: head.device, nextSeq, entries: ascending }, unreadable, torn };
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    // Torn by a crash: the caller counts it.
    return null;
  }
}
