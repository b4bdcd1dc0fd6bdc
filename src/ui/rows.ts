/** From messages and the outbox to the lines of a timeline. No I/O, no clock: the calendar is handed in. */
import { type Message, type OutboxItem, shownOrder, type TimelineOrder, type Topic } from "../client/mod.ts";
import type { Day } from "./days.ts";
import { mentions } from "./mentions.ts";
import { problemOf } from "./problem.ts";
import type { MessageView, Row } from "./view.ts";

/** Messages of one person that follow each other within this are one group. */
const GROUP_MS = 5 * 60_000;
/** Of the quoted line: enough to know it again. */
const QUOTE_CHARS = 120;

export interface RowsInput {
  /** Ascending by offset, as the topics. */
  readonly messages: readonly Message[];
  readonly topics: readonly Topic[];
  /** How they are shown; absent: as they ascend. */
  readonly order?: TimelineOrder;
  /** One's own without a place: shown at the end. Empty while the past is looked at. */
  readonly unplaced: readonly Unplaced[];
  readonly me: { readonly name: string; readonly author: string };
  /** The "new" line is above the first message of others after this; null: there is none. */
  readonly newAfter: number | null;
  /** Whether the first message is the room's first: else nobody knows whether a day begins with it. */
  readonly atBeginning: boolean;
  /** Names by author, of who is or was here. */
  readonly names: ReadonlyMap<string, string>;
  readonly dayAt: (tsMs: number) => Day;
}

/** An own message that has no place yet. */
export interface Unplaced {
  readonly item: OutboxItem;
  /** Its receipt came, the event itself not yet. */
  readonly isStored: boolean;
}

interface Made {
  readonly row: Row & { readonly kind: "message" };
  readonly quoted: Message | undefined;
  readonly names: string;
  readonly author: string;
}

/**
 * Makes rows, and gives for what stayed the same the same objects: of 100,000 messages one that comes costs a
 * walk over the others, and no new row of theirs. What it makes depends on the input alone.
 */
export class RowMaker {
  /** By message, which is immutable: a changed one is another. */
  #made = new WeakMap<Message, Made>();
  #others = new Map<string, Row>();

  make(input: RowsInput): readonly Row[] {
    const rows: Row[] = [];
    const others = new Map<string, Row>();
    const other = (row: Row) => {
      const there = this.#others.get(row.key);
      const same = there !== undefined && JSON.stringify(there) === JSON.stringify(row) ? there : row;
      others.set(row.key, same);
      rows.push(same);
    };
    let day: Day | null = null;
    let before: MessageView | null = null;
    let isNewShown = input.newAfter === null;
    let topicAt = 0;
    const begin = (tsMs: number, isFirst: boolean) => {
      if (day !== null && tsMs >= day.startMs && tsMs < day.endMs) return;
      day = input.dayAt(tsMs);
      if (isFirst && !input.atBeginning) return;
      // A clock that was set back gives a day twice.
      const key = `day ${day.startMs}`;
      other({ kind: "day", key: others.has(key) ? `${key} ${rows.length}` : key, tsMs });
      before = null;
    };
    const markNew = (offset: number, mine: boolean) => {
      if (isNewShown || mine || offset <= (input.newAfter ?? 0)) return;
      isNewShown = true;
      before = null;
      other({ kind: "new", key: "new" });
    };
    const byTime = input.order === "time";
    const messages = shownOrder(input.messages, input.order ?? "offset");
    const topics = shownOrder(input.topics, input.order ?? "offset");
    const topicsUpTo = (place: number) => {
      for (let topic = topics[topicAt]; topic !== undefined && (byTime ? topic.ts : topic.offset) < place;) {
        begin(topic.ts * 1000, rows.length === 0);
        const { sender, text } = topic;
        other({ kind: "topic", key: `topic ${topic.offset}`, tsMs: topic.ts * 1000, sender, text });
        before = null;
        topic = topics[++topicAt];
      }
    };
    for (const message of messages) {
      topicsUpTo(byTime ? message.ts : message.offset);
      begin(message.ts * 1000, rows.length === 0);
      markNew(message.offset, message.author === input.me.author);
      const row = this.#row(message, before, input);
      rows.push(row);
      before = row.message;
    }
    topicsUpTo(Infinity);
    for (const unplaced of input.unplaced) {
      const view = unplacedView(unplaced, before, input);
      if (view === null) continue;
      begin(view.tsMs, rows.length === 0);
      other({ kind: "message", key: view.key, message: view });
      before = view;
    }
    this.#others = others;
    return rows;
  }

  #row(message: Message, before: MessageView | null, input: RowsInput): Made["row"] {
    const quoted = message.replyTo === null ? undefined : found(input.messages, message.replyTo);
    const names = message.reactions.length === 0
      ? ""
      : message.reactions.flatMap(({ by }) => by.map((author) => input.names.get(author) ?? "")).join("\n");
    const first = !isGrouped(
      before,
      message.author,
      message.sender,
      message.ts * 1000,
      message.replyTo !== null,
    );
    const there = this.#made.get(message);
    if (
      there !== undefined && there.row.message.first === first && there.quoted === quoted &&
      there.names === names && there.author === input.me.author
    ) return there.row;
    const view = viewOf(message, quoted, first, input);
    const row = { kind: "message", key: view.key, message: view } as const;
    this.#made.set(message, { row, quoted, names, author: input.me.author });
    return row;
  }
}

function viewOf(
  message: Message,
  quoted: Message | undefined,
  first: boolean,
  input: RowsInput,
): MessageView {
  const { me, names } = input;
  const mine = message.author === me.author;
  return {
    // Where time orders, several devices number what one author says.
    key: mine && input.order !== "time" ? `own ${message.seq}` : `at ${message.offset}`,
    offset: message.offset,
    sender: message.sender,
    author: message.author,
    mine,
    tsMs: message.ts * 1000,
    text: message.text,
    edited: message.editedTs !== null,
    deleted: message.deleted,
    first,
    mentionsMe: !mine && mentions(message.text, me.name, [...names.values()]),
    reply: message.replyTo === null ? null : quoteOf(message.replyTo, quoted),
    reactions: message.reactions.map(({ reaction, by }) => ({
      reaction,
      count: by.length,
      mine: by.includes(me.author),
      names: by.flatMap((author) => names.get(author) ?? []),
    })),
    delivery: "stored",
    seq: null,
    problem: null,
  };
}

function unplacedView(
  { item, isStored }: Unplaced,
  before: MessageView | null,
  input: RowsInput,
): MessageView | null {
  const { draft } = item;
  if (draft.type !== "CHAT_MESSAGE") return null;
  const { me } = input;
  const replyTo = draft.replyTo ?? null;
  return {
    key: `own ${item.seq}`,
    offset: null,
    sender: me.name,
    author: me.author,
    mine: true,
    tsMs: item.queuedAtMs,
    text: draft.text,
    edited: false,
    deleted: false,
    first: !isGrouped(before, me.author, me.name, item.queuedAtMs, replyTo !== null),
    mentionsMe: false,
    reply: replyTo === null ? null : quoteOf(replyTo, found(input.messages, replyTo)),
    reactions: [],
    delivery: isStored ? "stored" : item.state,
    seq: isStored ? null : item.seq,
    problem: item.failure === undefined ? null : problemOf(item.failure),
  };
}

function quoteOf(offset: number, quoted: Message | undefined): NonNullable<MessageView["reply"]> {
  if (quoted === undefined) return { offset, sender: null, text: null };
  return { offset, sender: quoted.sender, text: quoted.deleted ? null : firstLine(quoted.text) };
}

function firstLine(text: string): string {
  const line = text.trimStart().split("\n", 1)[0] ?? "";
  // By code points, so that no emoji is cut in half.
  const chars = [...line.slice(0, QUOTE_CHARS * 2)];
  return chars.length > QUOTE_CHARS ? `${chars.slice(0, QUOTE_CHARS).join("")}…` : line;
}

function isGrouped(
  before: MessageView | null,
  author: string,
  sender: string,
  tsMs: number,
  isReply: boolean,
): boolean {
  return before !== null && before.author === author && before.sender === sender && !isReply &&
    Math.abs(tsMs - before.tsMs) < GROUP_MS;
}

/** By halves: messages ascend. */
function found(messages: readonly Message[], offset: number): Message | undefined {
  let low = 0;
  let high = messages.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const there = messages[middle];
    if (there === undefined || there.offset === offset) return there;
    if (there.offset < offset) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
