import { LIMITS } from "../protocol/limits.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import { lineOf, topicIn } from "../protocol/event.ts";
import { encodePdu } from "../protocol/wire.ts";
import { Presence } from "./presence.ts";
import type { Cursor, Place } from "./reader.ts";
import { Tail, type TailBudget } from "./tail.ts";
import { Typing } from "./typing.ts";

/** A room while somebody is in it. What lasts is in the log; this is who is here and the newest events. */
export class Room implements Place {
  /** The newest offset; meaningless until `isLoaded`. */
  head = 0;
  isLoaded = false;
  /** What it is about at `head`, "" for nothing; null while that is not known. */
  topic: string | null = null;
  readonly cursors = new Set<Cursor>();
  readonly presence: Presence;
  readonly typing = new Typing();
  readonly tail: Tail;
  /** What became durable before the room was loaded. */
  early: LoggedEvent[] = [];
  /** What waits for `head` to be known: joins, mostly. */
  waiting: (() => void)[] = [];
  readonly reads = new Map<number, Set<Cursor>>();

  constructor(readonly name: string, budget: TailBudget) {
    this.presence = new Presence(name, (pdu) => encodePdu(pdu, "quicchat/1"));
    this.tail = new Tail(1, budget);
  }

  /** Typing is shown where people can know each other; in a hall it would cost more than all its talk. */
  get showsTyping(): boolean {
    return this.cursors.size <= LIMITS.memberListMax;
  }

  /** The log's answer to where the room stands. */
  load(head: number, topic: string | null): void {
    this.topic ??= topic;
    if (this.isLoaded) return;
    this.isLoaded = true;
    this.head = head;
    this.tail.restart(head + 1);
  }

  /** An event that became durable, of a loaded room. False when the room knew it already (it was loaded after the
   * commit). */
  append(event: LoggedEvent): boolean {
    if (event.offset <= this.head) return false;
    // Events of a room come in order, each once. Should one be missing all the same, the readers get it
    // from the log, since the tail then begins after the gap.
    if (event.offset !== this.tail.next) this.tail.restart(event.offset);
    this.tail.append(lineOf(event));
    this.head = event.offset;
    if (event.type === "CHAT_TOPIC") this.topic = topicIn(event);
    return true;
  }
}
