import type { DurableEvent, DurableRecord } from "./record.ts";
import type { Rule } from "./violation.ts";

/** Any PDU, read loosely: what is missing is undefined. */
interface Heard {
  readonly type: string;
  readonly seq: number;
  readonly room?: string;
  readonly epoch?: string;
  readonly offset?: number;
  readonly last?: number;
  readonly ack?: number;
  readonly after?: number;
  readonly head?: number;
  readonly result?: string;
  readonly text?: string;
  readonly reaction?: string;
  readonly on?: boolean;
  readonly target?: number;
  readonly replyTo?: number;
  readonly sender?: string;
  readonly author?: string;
  readonly failure?: string;
  readonly rooms?: readonly Heard[];
  readonly events?: readonly Heard[];
  readonly later?: readonly Heard[];
  readonly device?: string;
}

interface Asked {
  readonly room: string;
  readonly epoch: string | undefined;
  readonly offset: number | undefined;
  readonly last: number | undefined;
}

export interface SessionHost {
  /** What the disk holds now. */
  record(): DurableRecord;
  /** The newest that anybody was shown of a room, in this life of the log. */
  shownHead(room: string): number;
  shown(room: string, offset: number): void;
  violate(rule: Rule, says: string): void;
  trace(line: string): void;
}

const EVENTS = new Set(["CHAT_MESSAGE", "CHAT_EDIT", "CHAT_DELETE", "CHAT_REACT", "CHAT_TOPIC"]);

const CHANGES = new Set(["CHAT_EDIT", "CHAT_DELETE", "CHAT_REACT"]);

/** One session on the wire, right where the server hands bytes to its link. */
export class SessionWatch {
  #unread = "";
  #device = "";
  /** Requests to join without an answer, by their number. */
  #asked: (Asked & { readonly ack: number; readonly number: number })[] = [];
  readonly #joinedLast = new Map<string, number>();
  /** Rooms that this session asked to be in. */
  readonly #member = new Set<string>();
  /** Leavings without an answer, and how many joins were asked for before each. */
  readonly #leaving: { readonly ack: number; readonly joins: number }[] = [];
  #joins = 0;
  /** The offset that must be next, where a join was answered. */
  readonly #next = new Map<string, number>();

  readonly #decoder = new TextDecoder();

  constructor(readonly id: number, readonly host: SessionHost) {}

  /** Bytes from the client, before the server has them. */
  said(bytes: Uint8Array): void {
    const lines = (this.#unread + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#unread = lines.pop() ?? "";
    for (const line of lines) {
      const pdu = JSON.parse(line) as Heard;
      if (pdu.type === "CHAT_HELLO") {
        this.#device = pdu.device ?? "";
        for (const room of pdu.rooms ?? []) this.#ask(pdu.seq, room);
      } else if (pdu.type === "CHAT_JOIN") this.#ask(pdu.seq, pdu);
      else if (pdu.type === "CHAT_LEAVE") this.#leaving.push({ ack: pdu.seq, joins: this.#joins });
      this.host.trace(`s${this.id} < ${short(pdu)}`);
    }
  }

  /** Whole PDUs to the client, before the network has them. */
  told(bytes: Uint8Array): void {
    for (const line of new TextDecoder().decode(bytes).split("\n")) {
      if (line === "") continue;
      const pdu = JSON.parse(line) as Heard;
      this.host.trace(`s${this.id} > ${short(pdu)}`);
      this.#check(pdu);
    }
  }

  #ask(ack: number, { room = "", epoch, offset, last }: Heard): void {
    this.#joins++;
    this.#asked.push({ ack, room, epoch, offset, last, number: this.#joins });
    this.#member.add(room);
    this.#joinedLast.set(room, this.#joins);
  }

  /** The answer to a leaving: nothing of the room may follow, unless it was joined again since. */
  #left(pdu: Heard, room: string): void {
    const leaving = this.#leaving.find(({ ack }) => ack === pdu.ack);
    if (leaving === undefined) {
      return this.host.violate("members-only", `session ${this.id} left ${room} unasked`);
    }
    // What was asked for before has no answer any more, or had it.
    this.#asked = this.#asked.filter((one) => one.room !== room || one.number > leaving.joins);
    this.#next.delete(room);
    if ((this.#joinedLast.get(room) ?? 0) <= leaving.joins) this.#member.delete(room);
  }

  #check(pdu: Heard): void {
    const { host } = this;
    const room = pdu.room ?? "";
    switch (pdu.type) {
      case "CHAT_JOINED":
        return this.#joined(pdu, room);
      case "CHAT_LEFT":
        return this.#left(pdu, room);
      case "CHAT_RECEIPT":
        return this.#receipt(pdu, room);
      case "CHAT_PAGE":
        this.#mustBeIn(room, pdu.type);
        for (const event of [...pdu.events ?? [], ...pdu.later ?? []]) {
          this.#mustBeDurable({ ...event, room: event.room ?? room });
        }
        return this.#mustFollow(pdu.events ?? [], pdu.later ?? []);
      case "CHAT_TYPING":
      case "CHAT_PRESENCE":
      case "CHAT_WHO":
        return this.#mustBeIn(room, pdu.type);
      case "CHAT_ERROR":
        if (pdu.failure === "internal") host.violate("trouble", "the server made a mistake");
        return;
    }
    if (!EVENTS.has(pdu.type)) return;
    this.#mustBeIn(room, pdu.type);
    this.#mustBeDurable(pdu);
    const next = this.#next.get(room);
    const offset = pdu.offset ?? 0;
    if (next !== undefined && next !== offset) {
      host.violate("dense-offsets", `session ${this.id} was told ${room} ${offset} in place of ${next}`);
    }
    this.#next.set(room, offset + 1);
    host.shown(room, offset);
  }

  /** What is later is behind the page's end, speaks of its messages, and comes in order. */
  #mustFollow(events: readonly Heard[], later: readonly Heard[]): void {
    const messages = new Set(
      events.filter(({ type }) => type === "CHAT_MESSAGE").map(({ offset }) => offset),
    );
    let before = events.at(-1)?.offset ?? 0;
    for (const { type, offset = 0, target } of later) {
      if (offset <= before || !messages.has(target) || !CHANGES.has(type)) {
        this.host.violate("later", `session ${this.id} was told ${type} ${offset} as later than ${before}`);
      }
      before = offset;
    }
  }

  #joined(pdu: Heard, room: string): void {
    const { host } = this;
    const at = this.#asked.findIndex((one) => one.ack === pdu.ack && one.room === room);
    const asked = this.#asked[at];
    const wrong = (says: string) => host.violate("resume", `session ${this.id}, ${room}: ${says}`);
    if (asked === undefined) return wrong("an answer to no question");
    this.#asked.splice(at, 1);
    // Left meanwhile: nothing may follow.
    if (!this.#member.has(room)) {
      return host.violate("members-only", `session ${this.id} joined ${room} anew`);
    }
    const { epoch } = host.record();
    const { after = -1, head = -1 } = pdu;
    if (pdu.epoch !== epoch) wrong(`the log's life is ${epoch}, it was told ${pdu.epoch}`);
    const durable = host.record().room(room).length;
    if (head > durable) host.violate("shown-is-durable", `${room} has ${durable} events, ${head} were told`);
    if (head < host.shownHead(room)) wrong(`its head is ${head}, ${host.shownHead(room)} were shown already`);
    const { offset, last } = asked;
    if (offset !== undefined && last === undefined) {
      const goesOn = (asked.epoch === undefined || asked.epoch === epoch) && offset <= head;
      if (goesOn && (pdu.result !== "complete" || after !== offset)) {
        wrong(`goes on from ${offset}, it was told ${pdu.result} after ${after}`);
      }
      if (!goesOn && (pdu.result !== "reset" || after !== 0)) {
        wrong(`${asked.epoch} ${offset} is no place, it was told ${pdu.result} after ${after}`);
      }
    }
    this.#next.set(room, after + 1);
  }

  #receipt(pdu: Heard, room: string): void {
    const { host } = this;
    const there = host.record().at(room, pdu.offset ?? 0);
    const isRight = pdu.epoch === host.record().epoch && there !== undefined &&
      there.device === this.#device && there.seq === pdu.ack;
    if (!isRight) {
      host.violate(
        "acknowledged-is-durable",
        `session ${this.id} has a receipt for its ${pdu.ack} at ${room} ${pdu.offset}: ${
          sayOf(there)
        } is there`,
      );
    }
  }

  #mustBeIn(room: string, what: string): void {
    if (this.#member.has(room)) return;
    this.host.violate("members-only", `session ${this.id} was told a ${what} of ${room}, where it is not`);
  }

  #mustBeDurable(pdu: Heard): void {
    const there = this.host.record().at(pdu.room ?? "", pdu.offset ?? 0);
    const isSame = there !== undefined && there.type === pdu.type && there.seq === pdu.seq &&
      there.sender === pdu.sender && there.author === pdu.author && there.text === pdu.text &&
      there.reaction === pdu.reaction && there.on === pdu.on &&
      there.target === (pdu.target ?? pdu.replyTo ?? null);
    if (isSame) return;
    this.host.violate(
      "shown-is-durable",
      `session ${this.id} was told ${short(pdu)}: ${sayOf(there)} is there`,
    );
  }
}

function sayOf(event: DurableEvent | undefined): string {
  return event === undefined ? "nothing" : `${event.type} ${event.seq} of ${event.sender}`;
}

/** A PDU in a few words. */
function short(pdu: Heard): string {
  const { type, seq, room, offset, ack, after, head, result, text, failure } = pdu;
  const words = [type.slice(5), ack ?? seq, room, offset, after, head, result, failure, text?.slice(0, 12)];
  return words.filter((word) => word !== undefined).join(" ");
}
