/** From messages and the outbox to the lines of a timeline. No I/O, no clock: the calendar is handed in. */
import type { Message, Topic } from "../client/mod.ts";
import type { Day } from "./days.ts";
import { messageAt } from "./message-at.ts";
import { isForMe, isGrouped, type RoomNames, type Unplaced, unplacedView, viewOf } from "./message-view.ts";
import type { MessageView, Row } from "./view.ts";

export interface RowsInput {
  /** In the order in which they are shown, as the topics. */
  readonly messages: readonly Message[];
  readonly topics: readonly Topic[];
  /** The messages by offset, where they are shown in the order of time. */
  readonly byOffset?: readonly Message[] | undefined;
  /** One's own without a place: shown at the end. Empty while the past is looked at. */
  readonly unplaced: readonly Unplaced[];
  readonly me: { readonly name: string; readonly author: string };
  /** The "new" line is above the first message of others after this; null: there is none. */
  readonly newAfter: number | null;
  /** Whether the first message is the room's first: else nobody knows whether a day begins with it. */
  readonly atBeginning: boolean;
  readonly names: RoomNames;
  readonly dayAt: (tsMs: number) => Day;
}

const NEW = "new";

type MessageRow = Row & { readonly kind: "message" };

interface Made {
  readonly message: Message;
  readonly row: MessageRow;
  readonly quoted: Message | undefined;
  /** Of who reacted. */
  readonly names: string;
  readonly longer: readonly string[];
  readonly author: string;
}

/** What was made last, and how far each message had brought it. */
interface Run {
  readonly input: RowsInput;
  /** Of `names`, which grow in place. */
  readonly version: number;
  readonly longer: readonly string[];
  readonly rows: readonly Row[];
  /** For each message how many rows stood before it and what belongs to it; at the end how many in all. */
  readonly begins: number[];
  /** The row of each message. */
  readonly made: Made[];
  /** The lines between messages that there is but one of. */
  readonly marks: readonly Mark[];
}

/** A day's line or the "new" line, and where it stands. */
interface Mark {
  readonly at: number;
  readonly key: string;
}

/**
 * Makes rows, and gives for what stayed the same the same objects, all of them where nothing changed. What the
 * beginning of the last input and this one have in common is taken over as it is: of 100,000 messages one that
 * comes costs a comparison of pointers. What it makes depends on the input alone.
 */
export class RowMaker {
  /** By message, which is immutable: a changed one is another. */
  readonly #made = new WeakMap<Message, Made>();
  #last: Run | null = null;

  make(input: RowsInput): readonly Row[] {
    const last = this.#last;
    const longer = input.names.longer();
    const kept = last === null ? 0 : commonBeginning(last, input, longer);
    const from = last?.begins[kept] ?? 0;
    // What is taken over is not copied: nobody else has these.
    const begins = last === null || kept === 0 ? [] : last.begins;
    const made = last === null || kept === 0 ? [] : last.made;
    begins.length = made.length = kept;
    // Older ones come before, newer ones after: counted from one of the ends a message is where it was.
    const moved = input.messages.length - (last?.input.messages.length ?? 0);
    const rows = last === null ? [] : last.rows.slice(0, from);
    const others = new Map<string, Row>();
    for (const row of last?.rows.slice(from) ?? []) if (!isPlaced(row)) others.set(row.key, row);
    const other = (row: Row) => {
      const there = others.get(row.key);
      rows.push(there !== undefined && JSON.stringify(there) === JSON.stringify(row) ? there : row);
    };

    const lastKept = input.messages[kept - 1];
    const lastRow = rows.at(-1);
    let before: MessageView | null = lastRow?.kind === "message" ? lastRow.message : null;
    let day: Day | null = lastKept === undefined ? null : input.dayAt(lastKept.ts * 1000);
    const marks = last === null ? [] : last.marks.filter(({ at }) => at < from);
    const isThere = (key: string) => marks.some((mark) => mark.key === key);
    let isNewShown = input.newAfter === null || isThere(NEW);
    // A topic of the same time stood before it.
    let topicAt = lastKept === undefined
      ? 0
      : countBelow(input.topics, placeOf(lastKept, input) + 0.5, input);

    const begin = (tsMs: number, where: string) => {
      if (day !== null && tsMs >= day.startMs && tsMs < day.endMs) return;
      day = input.dayAt(tsMs);
      if (rows.length === 0 && !input.atBeginning) return;
      // A clock that was set back gives a day twice.
      const once = `day ${day.startMs}`;
      const key = isThere(once) ? `${once} ${where}` : once;
      marks.push({ at: rows.length, key });
      other({ kind: "day", key, tsMs });
      before = null;
    };
    const markNew = ({ offset, author, deleted }: Message) => {
      if (isNewShown || deleted || author === input.me.author || offset <= (input.newAfter ?? 0)) return;
      isNewShown = true;
      before = null;
      marks.push({ at: rows.length, key: NEW });
      other({ kind: "new", key: NEW });
    };
    const topicsUpTo = (place: number) => {
      for (;;) {
        const topic = input.topics[topicAt];
        if (topic === undefined || placeOf(topic, input) > place) return;
        topicAt++;
        const { sender, text } = topic;
        const key = `topic ${topic.offset}`;
        begin(topic.ts * 1000, key);
        other({ kind: "topic", key, tsMs: topic.ts * 1000, sender, text });
        before = null;
      }
    };
    for (let at = kept; at < input.messages.length; at++) {
      const message = input.messages[at];
      if (message === undefined) break;
      begins.push(rows.length);
      topicsUpTo(placeOf(message, input));
      begin(message.ts * 1000, `at ${message.offset}`);
      markNew(message);
      const there = last?.made[at - moved];
      const one = this.#row(message, there?.message === message ? there : undefined, before, input, longer);
      made.push(one);
      rows.push(one.row);
      before = one.row.message;
    }
    begins.push(rows.length);
    topicsUpTo(Infinity);
    for (const unplaced of input.unplaced) {
      const view = unplacedView(unplaced, before, input);
      if (view === null) continue;
      begin(view.tsMs, view.key);
      const key = view.key;
      // The day may have begun a group.
      other({ kind: "message", key, message: before === null ? { ...view, first: true } : view });
      before = view;
    }
    const same = last !== null && last.rows.length === rows.length &&
      !rows.some((row, at) => at >= from && row !== last.rows[at]);
    const { version } = input.names;
    this.#last = { input, version, longer, rows: same ? last.rows : rows, begins, made, marks };
    return this.#last.rows;
  }

  /** `known`: what was made of it, where that is at hand: a map of 100,000 is slower than a list. */
  #row(
    message: Message,
    known: Made | undefined,
    before: MessageView | null,
    input: RowsInput,
    longer: readonly string[],
  ): Made {
    // An answer comes after what it answers; what claims otherwise quotes nothing.
    const quoted = message.replyTo === null || message.replyTo >= message.offset
      ? undefined
      : messageAt(input.byOffset ?? input.messages, message.replyTo);
    const names = message.reactions.length === 0
      ? ""
      : message.reactions.flatMap(({ by }) => by.map((author) => input.names.of(author) ?? "")).join("\n");
    const { author, sender, ts, replyTo } = message;
    const first = !isGrouped(before, { author, sender, tsMs: ts * 1000, isReply: replyTo !== null });
    const there = known ?? this.#made.get(message);
    if (
      there !== undefined && there.row.message.first === first && there.names === names &&
      there.author === input.me.author &&
      (there.longer === longer || there.row.message.mentionsMe === isForMe(message, input.me, longer)) &&
      (there.quoted === quoted || isQuotedSame(there.quoted, quoted))
    ) return there;
    // Where time orders, one author's devices number for themselves.
    const isNumbered = input.byOffset === undefined;
    const view = viewOf(message, { quoted, first, me: input.me, names: input.names, longer, isNumbered });
    const row = { kind: "message", key: view.key, message: view } as const;
    const made = { message, row, quoted, names, longer, author: input.me.author };
    this.#made.set(message, made);
    return made;
  }
}

/** A reaction to what is quoted makes another message of it, and the same quote. */
function isQuotedSame(a: Message | undefined, b: Message | undefined): boolean {
  return a !== undefined && b !== undefined && a.offset === b.offset && a.sender === b.sender &&
    a.text === b.text && a.deleted === b.deleted;
}

/** How many messages at the beginning give the same rows as the last time. */
function commonBeginning(last: Run, input: RowsInput, longer: readonly string[]): number {
  const { input: was } = last;
  if (
    was.newAfter !== input.newAfter || was.atBeginning !== input.atBeginning || was.dayAt !== input.dayAt ||
    (was.byOffset === undefined) !== (input.byOffset === undefined) || was.me.author !== input.me.author ||
    was.me.name !== input.me.name ||
    last.longer !== longer ||
    last.version !== input.names.version
  ) return 0;
  const messages = common(was.messages, input.messages);
  const topics = common(was.topics, input.topics);
  if (topics === was.topics.length && topics === input.topics.length) return messages;
  // From the first topic that is another one on.
  const from = [was.topics[topics], input.topics[topics]].map((one) => one ? placeOf(one, input) : Infinity);
  return Math.min(messages, countBelow(input.messages, Math.min(...from), input));
}

/** How many at the beginning are the same objects. */
function common(a: readonly unknown[], b: readonly unknown[]): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a[at] === b[at]) at++;
  return at;
}

interface Placed {
  readonly offset: number;
  readonly ts: number;
}

/** By what they ascend: offsets, or milliseconds. */
function placeOf({ ts, offset }: Placed, { byOffset }: RowsInput): number {
  return byOffset ? Math.round(ts * 1000) : offset;
}

/** How many stand before a place. */
function countBelow(ascending: readonly Placed[], place: number, input: RowsInput): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = ascending[middle];
    if (there !== undefined && placeOf(there, input) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isPlaced(row: Row): boolean {
  return row.kind === "message" && row.message.offset !== null;
}
