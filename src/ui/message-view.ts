/** From one message to what is shown of it. Pure. */
import type { Message, OutboxItem } from "../client/mod.ts";
import { mentions } from "./mentions.ts";
import { messageAt } from "./message-at.ts";
import { problemOf } from "./problem.ts";
import type { MessageView } from "./view.ts";

/** Messages of one person that follow each other within this are one group. */
const GROUP_MS = 5 * 60_000;
/** Of the quoted line: enough to know it again. */
const QUOTE_CHARS = 120;

/** Who is who (`Names`), as far as rows need it. */
export interface RoomNames {
  /** Another number where anything of it is other. */
  readonly version: number;
  of(author: string): string | undefined;
  /** Names that begin as one's own and go on; the same array while they are the same. */
  longer(): readonly string[];
}

/** An own message that has no place yet. */
export interface Unplaced {
  readonly item: OutboxItem;
  /** Its receipt came, the event itself not yet. */
  readonly isStored: boolean;
}

interface Me {
  readonly name: string;
  readonly author: string;
}

/** What a message's view depends on besides the message. */
interface Around {
  /** What it answers, where that is loaded. */
  readonly quoted: Message | undefined;
  readonly first: boolean;
  readonly me: Me;
  readonly names: RoomNames;
  readonly longer: readonly string[];
  /** Whether its number says which of one's own it is. */
  readonly isNumbered: boolean;
}

export function viewOf(
  message: Message,
  { quoted, first, me, names, longer, isNumbered }: Around,
): MessageView {
  const mine = message.author === me.author;
  return {
    key: mine && isNumbered ? `own ${message.seq}` : `at ${message.offset}`,
    offset: message.offset,
    sender: message.sender,
    author: message.author,
    mine,
    tsMs: message.ts * 1000,
    text: message.text,
    edited: message.editedTs !== null,
    deleted: message.deleted,
    first,
    mentionsMe: isForMe(message, me, longer),
    reply: message.replyTo === null ? null : quoteOf(message.replyTo, quoted),
    reactions: message.reactions.map(({ reaction, by }) => ({
      reaction,
      count: by.length,
      mine: by.includes(me.author),
      names: by.flatMap((author) => names.of(author) ?? []),
    })),
    delivery: "stored",
    seq: null,
    problem: null,
  };
}

/** Whether it speaks to oneself, and is not one's own. */
export function isForMe({ author, text }: Message, me: Me, longer: readonly string[]): boolean {
  return author !== me.author && mentions(text, me.name, longer);
}

/** Null for what is no message. */
export function unplacedView(
  { item, isStored }: Unplaced,
  before: MessageView | null,
  { me, messages }: { readonly me: Me; readonly messages: readonly Message[] },
): MessageView | null {
  const { draft } = item;
  if (draft.type !== "CHAT_MESSAGE") return null;
  const replyTo = draft.replyTo ?? null;
  const who = { author: me.author, sender: me.name, tsMs: item.queuedAtMs, isReply: replyTo !== null };
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
    first: !isGrouped(before, who),
    mentionsMe: false,
    reply: replyTo === null ? null : quoteOf(replyTo, messageAt(messages, replyTo)),
    reactions: [],
    delivery: isStored ? "stored" : item.state,
    seq: isStored ? null : item.seq,
    problem: item.failure === undefined ? null : problemOf(item.failure),
  };
}

/** Whether it stands under the name and time of the one before. */
export function isGrouped(
  before: MessageView | null,
  { author, sender, tsMs, isReply }: {
    readonly author: string;
    readonly sender: string;
    readonly tsMs: number;
    readonly isReply: boolean;
  },
): boolean {
  return before !== null && before.author === author && before.sender === sender && !isReply &&
    Math.abs(tsMs - before.tsMs) < GROUP_MS;
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
