import { lineOf, type LoggedEvent } from "../protocol/event.ts";
import { LIMITS } from "../protocol/limits.ts";

/** What the lines of a CHAT_PAGE may take, so that with its frame it stays a legal PDU. */
export const PAGE_LINES_BYTES_MAX = LIMITS.pduBytesMax - 1_024;

/** What one CHAT_PAGE tells. */
export interface HistoryPage {
  /** Ascending, without hole. */
  readonly events: readonly LoggedEvent[];
  /** What was said of messages among them after the last of them, and counts today; ascending. */
  readonly later: readonly LoggedEvent[];
}

/** A change of a message, with what is needed to see whether it counts. */
interface Said {
  readonly event: LoggedEvent;
  /** Changes with the same key replace one another. */
  readonly key: string;
  /** Of a reaction: given, or taken back. */
  readonly on: boolean;
}

/**
 * As many of `all` as fit one page together with what was said of them later: the first, or the last of them, one at
 * least if there is any. `lists` has, by a message's offset, what the log knows of it after the last of `all`
 * (`Log.changes`); a message that is not in there is not told yet, nor what is beyond it.
 *
 * Where a message alone does not fit, its oldest reactions are left out, and its text where an edit has another.
 */
export function pageOf(
  all: readonly LoggedEvent[],
  lists: ReadonlyMap<number, readonly LoggedEvent[]>,
  keep: "first" | "last",
): HistoryPage {
  const said = saidOf(all, lists);
  const page = (count: number): HistoryPage => {
    const events = keep === "first" ? all.slice(0, count) : all.slice(all.length - count);
    const end = events.at(-1)?.offset ?? 0;
    const later = events.flatMap(({ offset }) => whatCounts(said.get(offset) ?? [], end));
    return { events, later: later.sort((one, other) => one.offset - other.offset) };
  };
  // An event more is never fewer bytes, as one that leaves `later` is among `events` instead: a search by halves.
  const whole = page(knownOf(all, lists, keep));
  if (fits(whole)) return whole;
  let [low, high] = [1, whole.events.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (fits(page(middle))) low = middle;
    else high = middle;
  }
  const most = page(low);
  return fits(most) ? most : squeezed(most);
}

/** How many of `all`, from the end that is kept, are before the first message that the log told nothing about. */
function knownOf(
  all: readonly LoggedEvent[],
  lists: ReadonlyMap<number, readonly LoggedEvent[]>,
  keep: "first" | "last",
): number {
  const isUnknown = ({ type, offset }: LoggedEvent) => type === "CHAT_MESSAGE" && !lists.has(offset);
  const at = keep === "first" ? all.findIndex(isUnknown) : all.findLastIndex(isUnknown);
  if (at < 0) return all.length;
  return keep === "first" ? at : all.length - 1 - at;
}

/** By message, ascending: what the events themselves say of it, as they may be cut off, and what the log knows. */
function saidOf(
  all: readonly LoggedEvent[],
  lists: ReadonlyMap<number, readonly LoggedEvent[]>,
): Map<number, Said[]> {
  const said = new Map<number, Said[]>();
  for (const event of [...all, ...[...lists.values()].flat()]) {
    const { type, target } = event;
    if (target === null || type === "CHAT_MESSAGE" || type === "CHAT_TOPIC") continue;
    const list = said.get(target);
    const one = { event, ...whatItReplaces(event) };
    if (list === undefined) said.set(target, [one]);
    else list.push(one);
  }
  return said;
}

function whatItReplaces({ type, author, body }: LoggedEvent): { readonly key: string; readonly on: boolean } {
  if (type !== "CHAT_REACT") return { key: type, on: true };
  const { reaction, on }: { reaction?: unknown; on?: unknown } = JSON.parse(body);
  return { key: `${author} ${reaction}`, on: on === true };
}

/** Of the changes of one message those after `end` that make it what it is: its deletion, or else the last edit and of
 * each author and reaction what gave it, or took it back, last. */
function whatCounts(changes: readonly Said[], end: number): LoggedEvent[] {
  const deletion = changes.find(({ event }) => event.type === "CHAT_DELETE")?.event;
  if (deletion !== undefined) return deletion.offset > end ? [deletion] : [];
  const counts = new Map<string, Said>();
  for (const change of changes) {
    if (change.event.offset <= end) continue;
    // Given once more is nothing new: the reaction stands where it stood.
    const isReaction = change.event.type === "CHAT_REACT";
    if (isReaction && counts.get(change.key)?.on === change.on) continue;
    counts.set(change.key, change);
  }
  return [...counts.values()].map(({ event }) => event);
}

/** One event that does not fit with what was said of it. */
function squeezed({ events, later }: HistoryPage): HistoryPage {
  const [message] = events;
  if (message === undefined) return { events, later };
  const others = later.filter(({ type }) => type !== "CHAT_REACT");
  const isReplaced = others.some(({ type }) => type === "CHAT_EDIT");
  const left = (events: readonly LoggedEvent[]) => PAGE_LINES_BYTES_MAX - bytesOf(events) - bytesOf(others);
  const told = left(events) < 0 && isReplaced ? [{ ...message, body: JSON.stringify({ text: "" }) }] : events;
  let bytes = left(told);
  const reactions = later.filter(({ type }) => type === "CHAT_REACT");
  const cut = reactions.findLastIndex((reaction) => (bytes -= bytesOf([reaction])) < 0);
  const kept = new Set([...others, ...reactions.slice(cut + 1)]);
  return { events: told, later: later.filter((event) => kept.has(event)) };
}

function fits({ events, later }: HistoryPage): boolean {
  return bytesOf(events) + bytesOf(later) <= PAGE_LINES_BYTES_MAX;
}

/** The lines of a page, between the brackets of its list. */
export function jsonOf(events: readonly LoggedEvent[]): string {
  return events.map((event) => lineOf(event).trimEnd()).join(",");
}

const encoder = new TextEncoder();

function bytesOf(events: readonly LoggedEvent[]): number {
  return events.reduce((sum, event) => sum + lineBytes(event), 0);
}

export function lineBytes(event: LoggedEvent): number {
  return encoder.encode(lineOf(event)).length;
}
