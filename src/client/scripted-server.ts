/** For tests: a server as small as the wire allows, in memory, which does as the test says. */
import { type Clock, VirtualClock } from "../transport/clock.ts";
import { type MemoryPair, memoryPair } from "../transport/memory-link.ts";
import type { Link } from "../transport/link.ts";
import { checkClientPdu, type ClientPdu, type EventPdu } from "../protocol/client-pdu.ts";
import { decoderOf, encodePdu } from "../protocol/wire.ts";
import { startOf } from "../protocol/position.ts";

type Stored = Record<string, unknown> & { offset: number };

/** A log with rooms, receipts and duplicates, and knobs for what can go wrong. */
export class ScriptedServer {
  readonly clock = new VirtualClock();
  readonly random = seeded(7);
  epoch = "epoch-1";
  readonly rooms = new Map<string, Stored[]>();
  /** `device:seq` → where it is. */
  readonly kept = new Map<string, { room: string; offset: number }>();
  readonly #highest = new Map<string, number>();
  /** Every PDU that came, over all connections, in order. */
  readonly heard: ClientPdu[] = [];
  sessions: ScriptedSession[] = [];
  dials = 0;
  /** Does something else with a PDU: true when that is all. */
  intercept: (pdu: ClientPdu, session: ScriptedSession) => boolean = () => false;
  /** Events that one client gets without CHAT_CREDIT are bounded by its window when this is set. */
  mindsCredit = false;
  latencyMs = 5;

  /** Made anew for each attempt. */
  readonly dial = (): Promise<Link> => {
    this.dials++;
    // What a link does with a peer that does not read is the link's own test.
    const limits = { queueBytesMax: 1e9, stuckMs: 1e9 };
    const pair = memoryPair({ clock: this.clock, random: this.random, latencyMs: this.latencyMs, limits });
    const session = new ScriptedSession(this, pair);
    this.sessions.push(session);
    return Promise.resolve(pair.client);
  };

  get session(): ScriptedSession {
    const newest = this.sessions.at(-1);
    if (newest === undefined) throw new Error("nobody dialled");
    return newest;
  }

  log(room: string): Stored[] {
    const there = this.rooms.get(room) ?? [];
    this.rooms.set(room, there);
    return there;
  }

  /** The texts of a room's messages. */
  texts(room: string): unknown[] {
    return this.log(room).flatMap((event) => event.type === "CHAT_MESSAGE" ? [event.text] : []);
  }

  /** Somebody else says something. */
  post(room: string, fields: Record<string, unknown>): Stored {
    const log = this.log(room);
    const event = {
      type: "CHAT_MESSAGE",
      seq: log.length + 1,
      ts: this.clock.nowMs() / 1000,
      room,
      offset: log.length + 1,
      sender: "Bea",
      author: "b".repeat(24),
      ...fields,
    };
    log.push(event);
    for (const session of this.sessions) session.pump();
    return event;
  }

  /** Appends an event as a log does. Null: a lower number than the device's highest. */
  append(device: string, pdu: EventPdu): { room: string; offset: number; duplicate: boolean } | null {
    const room = pdu.room ?? "lobby";
    const key = `${device}:${pdu.seq}`;
    const there = this.kept.get(key);
    if (there !== undefined) return { ...there, duplicate: true };
    if (pdu.seq <= (this.#highest.get(device) ?? 0)) return null;
    this.#highest.set(device, pdu.seq);
    const log = this.log(room);
    const offset = log.length + 1;
    log.push({ ...pdu, ts: this.clock.nowMs() / 1000, room, offset, sender: "Ada", author: "a".repeat(24) });
    this.kept.set(key, { room, offset });
    return { room, offset, duplicate: false };
  }
}

export class ScriptedSession {
  readonly pair: MemoryPair;
  readonly #server: ScriptedServer;
  readonly #decoder = decoderOf("quicchat/1");
  readonly heard: ClientPdu[] = [];
  readonly cursors = new Map<string, number>();
  ended: string | null = null;
  device = "";
  #window = Infinity;
  #sentBytes = 0;
  #confirmedBytes = 0;

  constructor(server: ScriptedServer, pair: MemoryPair) {
    this.#server = server;
    this.pair = pair;
    pair.server.open({
      bytes: (chunk) => {
        for (const one of this.#decoder.push(chunk)) {
          if ("failure" in one) throw new Error(`the client sent rubbish: ${one.says}`);
          const checked = checkClientPdu(one.value);
          if (!checked.ok) throw new Error(`the client sent an invalid PDU: ${checked.says}`);
          if (checked.pdu.type !== "unknown") this.#take(checked.pdu);
        }
      },
      datagram: (payload) => this.#take(JSON.parse(new TextDecoder().decode(payload))),
      closed: (end) => this.ended = end.why,
    });
  }

  /** What came of one kind. */
  of<T extends ClientPdu["type"]>(type: T): Extract<ClientPdu, { type: T }>[] {
    return this.heard.filter((pdu): pdu is Extract<ClientPdu, { type: T }> => pdu.type === type);
  }

  say(pdu: object): void {
    if (this.ended !== null) return;
    const bytes = encodePdu({ seq: 0, ts: this.#server.clock.nowMs() / 1000, ...pdu }, "quicchat/1");
    this.#sentBytes += bytes.length;
    this.pair.server.push(bytes);
  }

  /** Sends what follows each cursor, as far as the credit goes. */
  pump(): void {
    for (const [room, after] of this.cursors) {
      const log = this.#server.log(room);
      for (let at = after; at < log.length; at++) {
        if (this.#server.mindsCredit && this.#sentBytes - this.#confirmedBytes >= this.#window) return;
        this.cursors.set(room, at + 1);
        const event = log[at];
        if (event !== undefined) this.say(event);
      }
    }
  }

  #join(ack: number, room: string, wanted: { epoch?: string | undefined }): void {
    const head = this.#server.log(room).length;
    const { after, result } = startOf(wanted, this.#server.epoch, head);
    this.say({ type: "CHAT_JOINED", seq: ack, ack, room, epoch: this.#server.epoch, after, head, result });
    this.cursors.set(room, after);
  }

  #take(pdu: ClientPdu): void {
    this.heard.push(pdu);
    this.#server.heard.push(pdu);
    if (this.#server.intercept(pdu, this)) return;
    if (this.device === "" && pdu.type !== "CHAT_HELLO") return;
    switch (pdu.type) {
      case "CHAT_HELLO":
        this.device = pdu.device ?? "";
        this.#window = pdu.window ?? Infinity;
        this.say({ type: "CHAT_WELCOME", seq: 1, server: "scripted", version: 1, epoch: this.#server.epoch });
        for (const { room, ...wanted } of pdu.rooms ?? [{ room: "lobby" }]) this.#join(0, room, wanted);
        return this.pump();
      case "CHAT_JOIN":
        this.#join(pdu.seq, pdu.room, pdu);
        return this.pump();
      case "CHAT_MESSAGE":
      case "CHAT_EDIT":
      case "CHAT_DELETE":
      case "CHAT_REACT": {
        const where = this.#server.append(this.device, pdu);
        if (where === null) return this.refuse(pdu.seq, "duplicate", 409);
        const { room, offset, duplicate } = where;
        this.say({
          type: "CHAT_RECEIPT",
          seq: pdu.seq,
          ack: pdu.seq,
          room,
          epoch: this.#server.epoch,
          offset,
          ...(duplicate ? { duplicate } : {}),
        });
        for (const session of this.#server.sessions) session.pump();
        return;
      }
      case "CHAT_HISTORY": {
        const log = this.#server.log(pdu.room);
        const { before = Infinity, after, limit = 50 } = pdu;
        const events = after === undefined
          ? log.filter((event) => event.offset < before).slice(-limit)
          : log.filter((event) => event.offset > after).slice(0, limit);
        const { epoch } = this.#server;
        return this.say({ type: "CHAT_PAGE", ack: pdu.seq, room: pdu.room, epoch, head: log.length, events });
      }
      case "CHAT_ROOMS": {
        // Two at a time, so that clients have to ask again.
        const names = [...this.#server.rooms.keys()].sort().filter((room) => room > (pdu.after ?? ""));
        const rooms = names.slice(0, 2).map((room) => ({
          room,
          head: this.#server.log(room).length,
          count: 1,
        }));
        return this.say({ type: "CHAT_ROOMS", ack: pdu.seq, rooms, complete: names.length <= 2 });
      }
      case "CHAT_WHO":
        return this.say({
          type: "CHAT_WHO",
          ack: pdu.seq,
          room: pdu.room,
          count: 1,
          members: [{ name: "Ada", author: "a".repeat(24) }],
        });
      case "CHAT_LEAVE":
        this.cursors.delete(pdu.room);
        return this.say({ type: "CHAT_LEFT", ack: pdu.seq, room: pdu.room });
      case "CHAT_PING":
        return this.say({ type: "CHAT_PONG", ack: pdu.seq });
      case "CHAT_CREDIT":
        this.#confirmedBytes = pdu.bytes;
        return this.pump();
      case "CHAT_TYPING":
        return;
      case "CHAT_BYE":
        this.say({ type: "CHAT_BYE" });
        return this.pair.server.close();
    }
  }

  refuse(ack: number, failure: string, code: number, retryMs?: number): void {
    const retry = retryMs === undefined ? {} : { retryMs };
    this.say({ type: "CHAT_ERROR", ack, failure, code, msg: `scripted: ${failure}`, ...retry });
  }
}

/** The same numbers in each run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Lets a virtual clock run until a promise is settled, for at most so long. */
export async function within<T>(
  clock: VirtualClock & Clock,
  promise: Promise<T>,
  mostMs = 60_000,
): Promise<T> {
  let settled = false;
  promise.then(() => settled = true, () => settled = true);
  const untilMs = clock.nowMs() + mostMs;
  await clock.advance(0);
  while (!settled && clock.nowMs() < untilMs) await clock.advance(1);
  if (!settled) throw new Error(`nothing came within ${mostMs} ms of virtual time`);
  return await promise;
}
