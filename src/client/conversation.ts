import type { ClientPdu } from "../protocol/client-pdu.ts";
import {
  checkServerPdu,
  type ServerEventPdu,
  type ServerPdu,
  type ServerPduOf,
} from "../protocol/server-pdu.ts";
import { type Failure, FAILURES } from "../protocol/failures.ts";
import { LIMITS } from "../protocol/limits.ts";
import { LOBBY } from "../protocol/words.ts";
import { type Decoder, decoderOf, encodePdu } from "../protocol/wire.ts";
import type { ConversationEffect } from "./conversation-effect.ts";
import { ChatFailure } from "./failure.ts";
import type { RoomCursor } from "./room/room-cursor.ts";

export const CONVERSATION = {
  /** No CHAT_WELCOME for this long: the server at the other end isn't one. */
  welcomeMs: 10_000,
  /** Nothing came for this long: a CHAT_PING asks whether anybody is there. */
  quietMs: 10_000,
  /** A ping's answer is awaited for this long, and then … */
  pongMs: 5_000,
  /** … asked again; after so many without an answer the connection is lost. */
  pingsMax: 2,
  /** Answers from the log with a hole cost a new CHAT_JOIN each; a server that goes on so is left. */
  holesMax: 3,
  /** Bytes of rooms in one CHAT_HELLO; the other rooms follow as CHAT_JOINs. A PDU has a limit. */
  helloRoomsBytes: 32_768,
  /** Requests are numbered from here, events from 1, so that a CHAT_ERROR's `ack` says which it means. */
  requestSeqFirst: 2 ** 40,
} as const;

export interface ConversationOptions {
  readonly name: string;
  readonly device: string;
  readonly token?: string | undefined;
  readonly auth?: Record<string, unknown> | undefined;
  /** Bytes of the server's stream that may be under way; within the limits of `window` in CHAT_HELLO. */
  readonly windowBytes: number;
  /** Gives the next number for a request, ascending over all conversations of a client. */
  readonly nextRequest: () => number;
}

/**
 * One connection's session, the client's side: greeting, joins with resume, events in sequence, answers by
 * their `ack`, credit, signs of life. No I/O, no clock: each method takes the time and returns what is to
 * be done, in order.
 */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #cursors: Map<string, RoomCursor>;
  readonly #decoder: Decoder = decoderOf("quicchat/1");
  /** CHAT_JOINs without an answer: their number → the room. */
  #joins = new Map<number, string>();
  #rejoinAtMs = new Map<string, number>();
  #state: "greeting" | "live" | "over" = "greeting";
  #helloAtMs = 0;
  #heardAtMs = 0;
  #pings = 0;
  #pingAtMs = 0;
  #pingSeq = -1;
  #holes = 0;
  #receivedBytes = 0;
  #heldBytes = 0;
  #confirmedBytes = 0;
  /** This side stopped reading, so that silence means nothing. */
  #deaf = false;

  constructor(options: ConversationOptions, cursors: Map<string, RoomCursor>) {
    this.#options = options;
    this.#cursors = cursors;
  }

  // Asking.

  get state(): "greeting" | "live" | "over" {
    return this.#state;
  }

  /** Bytes that came and that nobody has read. A server that keeps to the window never passes it. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  deadlineMs(): number | null {
    if (this.#state === "over") return null;
    const life = this.#state === "greeting"
      ? this.#helloAtMs + CONVERSATION.welcomeMs
      : this.#deaf
      ? Infinity
      : this.#pings > 0
      ? this.#pingAtMs + CONVERSATION.pongMs
      : this.#heardAtMs + CONVERSATION.quietMs;
    const deadline = Math.min(life, ...this.#rejoinAtMs.values());
    return deadline === Infinity ? null : deadline;
  }

  // Telling.

  /** The link is there: CHAT_HELLO, with where to go on in each room. */
  begin(nowMs: number, wallMs: number): ConversationEffect[] {
    this.#helloAtMs = this.#heardAtMs = nowMs;
    const rooms: object[] = [];
    const later: RoomCursor[] = [];
    let bytes = 0;
    for (const cursor of this.#cursors.values()) {
      const room = { room: cursor.room, ...cursor.ask(0) };
      bytes += encodePdu(room, "quicchat/1").length;
      if (bytes <= CONVERSATION.helloRoomsBytes && rooms.length < LIMITS.roomsPerSessionMax) rooms.push(room);
      else later.push(cursor);
    }
    const { name, device, token, auth, windowBytes: window } = this.#options;
    const hello = { type: "CHAT_HELLO", version: 1, name, device, token, auth, window, rooms };
    const effects = [this.#sayAt({ ...hello, seq: 0, ts: wallMs / 1000 })];
    for (const cursor of later) effects.push(this.#join(cursor, wallMs));
    return effects;
  }

  /** Joins a room, or joins it anew from where its cursor stands. */
  join(room: string, wallMs: number): ConversationEffect[] {
    const cursor = this.#cursors.get(room);
    if (cursor === undefined || this.#state === "over") return [];
    return [this.#join(cursor, wallMs)];
  }

  /** Says anything else. */
  say(pdu: ClientPdu): ConversationEffect[] {
    return this.#state === "over" ? [] : [this.#sayAt(pdu)];
  }

  /** Bytes of the stream. */
  receive(chunk: Uint8Array, nowMs: number, wallMs: number): ConversationEffect[] {
    if (this.#state === "over") return [];
    this.#heard(nowMs);
    this.#receivedBytes += chunk.length;
    const effects: ConversationEffect[] = [];
    const decoded = this.#decoder.push(chunk);
    // What one event answers for. The sum is what counts, and it is exact.
    const share = decoded.length === 0 ? 0 : Math.floor(chunk.length / decoded.length);
    for (const one of decoded) {
      if (this.#over) break;
      if ("failure" in one) {
        this.#end(effects, `what the server sends can't be followed: ${one.says}`, null);
        break;
      }
      const checked = checkServerPdu(one.value);
      if (!checked.ok) effects.push({ do: "notice", says: `the server sent an odd PDU: ${checked.says}` });
      else if (checked.pdu.type !== "unknown") this.#take(effects, checked.pdu, share, nowMs, wallMs);
    }
    return effects;
  }

  /** One datagram: one PDU, of the kinds that may be lost. */
  receiveDatagram(payload: Uint8Array, nowMs: number): ConversationEffect[] {
    if (this.#over) return [];
    this.#heard(nowMs);
    const decoder = decoderOf("quicchat/1");
    const [one] = [...decoder.push(payload), ...decoder.push(NEWLINE)];
    if (one === undefined || "failure" in one) return [];
    const checked = checkServerPdu(one.value);
    if (!checked.ok || checked.pdu.type !== "CHAT_TYPING") return [];
    return [{ do: "typing", pdu: checked.pdu, room: checked.pdu.room ?? LOBBY }];
  }

  /** An event's bytes wait for their reader … */
  held(bytes: number): void {
    this.#heldBytes += bytes;
  }

  /** … who has read them now. */
  consumed(bytes: number): void {
    this.#heldBytes = Math.max(0, this.#heldBytes - bytes);
  }

  /** CHAT_CREDIT when it is due: call after the effects of `receive` are carried out, and after `consumed`. */
  credit(wallMs: number): ConversationEffect[] {
    const bytes = this.#receivedBytes - this.#heldBytes;
    if (this.#over || bytes - this.#confirmedBytes < this.#options.windowBytes / 2) return [];
    this.#confirmedBytes = bytes;
    return [this.#sayAt({ type: "CHAT_CREDIT", seq: 0, ts: wallMs / 1000, bytes })];
  }

  /** This side stops or goes on reading. */
  setDeaf(deaf: boolean, nowMs: number): void {
    if (this.#deaf && !deaf) this.#heard(nowMs);
    this.#deaf = deaf;
  }

  /** Time went on. */
  tick(nowMs: number, wallMs: number): ConversationEffect[] {
    const effects: ConversationEffect[] = [];
    if (this.#over) return effects;
    for (const [room, atMs] of this.#rejoinAtMs) {
      if (nowMs < atMs) continue;
      this.#rejoinAtMs.delete(room);
      effects.push(...this.join(room, wallMs));
    }
    if (this.#state === "greeting") {
      if (nowMs >= this.#helloAtMs + CONVERSATION.welcomeMs) {
        this.#end(effects, "no CHAT_WELCOME came: is there a quicchat server at this address?", null);
      }
      return effects;
    }
    if (this.#deaf) return effects;
    if (
      this.#pings === 0
        ? nowMs < this.#heardAtMs + CONVERSATION.quietMs
        : nowMs < this.#pingAtMs + CONVERSATION.pongMs
    ) {
      return effects;
    }
    if (this.#pings >= CONVERSATION.pingsMax) {
      this.#end(effects, "the server does not answer any more", null);
      return effects;
    }
    this.#pings++;
    this.#pingAtMs = nowMs;
    this.#pingSeq = this.#options.nextRequest();
    effects.push(this.#sayAt({ type: "CHAT_PING", seq: this.#pingSeq, ts: wallMs / 1000 }));
    return effects;
  }

  get #over(): boolean {
    return this.#state === "over";
  }

  /** Any byte is a sign of life, and answers a ping as well as CHAT_PONG does. */
  #heard(nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.#pings = 0;
  }

  #sayAt(pdu: object): ConversationEffect {
    return { do: "say", bytes: encodePdu(pdu, "quicchat/1") };
  }

  #join(cursor: RoomCursor, wallMs: number): ConversationEffect {
    const seq = this.#options.nextRequest();
    this.#joins.set(seq, cursor.room);
    return this.#sayAt({ type: "CHAT_JOIN", seq, ts: wallMs / 1000, room: cursor.room, ...cursor.ask(seq) });
  }

  #end(
    effects: ConversationEffect[],
    because: string,
    failure: ChatFailure | null,
    retryMs?: number | undefined,
  ): void {
    this.#state = "over";
    effects.push({ do: "end", because, failure, retryMs });
  }

  #take(effects: ConversationEffect[], pdu: ServerPdu, bytes: number, nowMs: number, wallMs: number): void {
    switch (pdu.type) {
      case "CHAT_WELCOME":
        if (this.#state !== "greeting") return;
        this.#state = "live";
        effects.push({ do: "welcome", welcome: pdu, roundTripMs: nowMs - this.#helloAtMs });
        return;
      case "CHAT_JOINED":
        return this.#takeJoined(effects, pdu);
      case "CHAT_MESSAGE":
      case "CHAT_EDIT":
      case "CHAT_DELETE":
      case "CHAT_REACT":
      case "CHAT_TOPIC":
        return this.#takeEvent(effects, pdu, bytes, wallMs);
      case "CHAT_RECEIPT":
        effects.push({
          do: "receipt",
          seq: pdu.ack,
          receipt: { room: pdu.room ?? LOBBY, epoch: pdu.epoch ?? "", offset: pdu.offset ?? 0, seq: pdu.ack },
        });
        return;
      case "CHAT_PONG":
        if (pdu.ack === this.#pingSeq) effects.push({ do: "round-trip", ms: nowMs - this.#pingAtMs });
        return;
      case "CHAT_TYPING":
        effects.push({ do: "typing", pdu, room: pdu.room ?? LOBBY });
        return;
      case "CHAT_PRESENCE":
        effects.push({ do: "presence", pdu });
        return;
      case "CHAT_PAGE":
      case "CHAT_ROOMS":
      case "CHAT_WHO":
      case "CHAT_FOUND":
        effects.push({ do: "answer", pdu });
        return;
      case "CHAT_ERROR":
        return this.#takeError(effects, pdu, nowMs);
      case "CHAT_BYE":
        return this.#end(
          effects,
          pdu.reason ? `the server said goodbye: ${pdu.reason}` : "the server said goodbye",
          null,
        );
      case "CHAT_LEFT":
        return;
    }
  }

  #takeJoined(effects: ConversationEffect[], pdu: ServerPduOf<"CHAT_JOINED">): void {
    this.#joins.delete(pdu.ack);
    const result = this.#cursors.get(pdu.room)?.take(pdu) ?? "not-awaited";
    if (result === "not-awaited") return;
    const { room, epoch, after, head, topic = "" } = pdu;
    effects.push({
      do: "joined",
      room,
      result,
      position: { epoch, offset: after },
      topic: { text: topic, head },
    });
  }

  #takeEvent(
    effects: ConversationEffect[],
    pdu: ServerEventPdu,
    bytes: number,
    wallMs: number,
  ): void {
    const room = pdu.room ?? LOBBY;
    const cursor = this.#cursors.get(room);
    // A room that was left a moment ago.
    if (cursor === undefined) return;
    if (pdu.offset === undefined) {
      effects.push({
        do: "notice",
        says: `the server sent an event of ${JSON.stringify(room)} without an offset`,
      });
      return;
    }
    const step = cursor.step(pdu.offset);
    if (step === "next") {
      const epoch = cursor.epoch ?? "";
      effects.push({ do: "event", event: { ...pdu, room, offset: pdu.offset, epoch }, bytes });
      return;
    }
    if (step !== "hole") return;
    const says = `event ${pdu.offset} of ${JSON.stringify(room)} came after ${cursor.offset}`;
    if (++this.#holes > CONVERSATION.holesMax) {
      return this.#end(effects, `the server's events leave holes: ${says}`, null);
    }
    effects.push({ do: "notice", says: `${says}: joining again from there` }, this.#join(cursor, wallMs));
  }

  #takeError(effects: ConversationEffect[], pdu: ServerPduOf<"CHAT_ERROR">, nowMs: number): void {
    const failure = ChatFailure.told(pdu);
    const { ack, retryMs, room } = pdu;
    const row: Failure | undefined = pdu.failure !== undefined && Object.hasOwn(FAILURES, pdu.failure)
      ? FAILURES[pdu.failure as keyof typeof FAILURES]
      : undefined;
    if (row?.closes) return this.#end(effects, failure.says, failure, retryMs);
    // CHAT_HELLO joins too, under its number 0, which CHAT_TYPING and CHAT_CREDIT share.
    const greeted = ack === 0 && room !== undefined && this.#cursors.get(room)?.awaited === 0;
    const join = ack === undefined ? undefined : this.#joins.get(ack) ?? (greeted ? room : undefined);
    if (join !== undefined && ack !== undefined) {
      this.#joins.delete(ack);
      if (failure.temporary) this.#rejoinAtMs.set(join, nowMs + (retryMs ?? 1_000));
      else effects.push({ do: "room-refused", room: join, failure });
    } else if (ack !== undefined && ack >= CONVERSATION.requestSeqFirst) {
      effects.push({ do: "request-refused", ack, failure, retryMs });
    } else if (ack !== undefined && ack > 0) {
      effects.push({ do: "refusal", seq: ack, failure, retryMs });
    } else if (this.#state === "greeting") {
      this.#end(effects, failure.says, failure, retryMs);
    } else {
      effects.push({ do: "notice", says: `the server says ${failure.name}: ${failure.says}` });
    }
  }
}

const NEWLINE = new Uint8Array([0x0a]);
