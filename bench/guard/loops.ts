/** Our hot loops in this process, each beside a bare loop of the same size: no socket, no disk, no other thread. */
import { Chat } from "../../src/chat/chat.ts";
import type { SessionId } from "../../src/chat/effect.ts";
import type { Outcome } from "../../src/log/log.ts";
import { checkClientPdu } from "../../src/protocol/client-pdu.ts";
import { decoderOf, encodePdu } from "../../src/protocol/wire.ts";
import { loopRatio, type Measure } from "./measure.ts";

const ROUNDS = 300;
const TEXT = ".".repeat(100);
const TAKE_BYTES = 65_536;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What is made here and asked for nowhere, so that no compiler leaves it out. */
let seen = 0;

function messagePdu(seq: number): object {
  return { type: "CHAT_MESSAGE", seq, ts: 0, room: "lobby", text: TEXT };
}

/** Bytes to checked PDUs, against splitting them into lines and JSON.parse. */
export const understanding: Measure = () => {
  const MESSAGES = 400;
  const pdus = Array.from({ length: MESSAGES }, (_, at) => encodePdu(messagePdu(at + 1), "quicchat/1"));
  const chunk = new Uint8Array(pdus.flatMap((bytes) => [...bytes]));
  const ours = decoderOf("quicchat/1");
  return Promise.resolve(loopRatio(
    () => {
      for (const decoded of ours.push(chunk)) {
        if ("value" in decoded && checkClientPdu(decoded.value).ok) seen++;
      }
    },
    () => {
      for (const line of decoder.decode(chunk).split("\n")) {
        if (line !== "" && JSON.parse(line).seq > 0) seen++;
      }
    },
    ROUNDS,
  ));
};

/** A chat with a lobby of so many, and a log that keeps nothing but count. */
class Lobby {
  readonly chat = new Chat({ epoch: "guard", rate: { perSecond: 1e9, burst: 1e9 } });
  readonly #checked: ReturnType<typeof checkClientPdu>[] = [];
  #offset = 0;
  #seq = 0;

  constructor(readonly members: number) {
    for (let id = 1; id <= members; id++) {
      const freshDevice = id.toString(16).padStart(32, "0");
      this.chat.opened(id, { wire: "quicchat/1", hasDatagrams: true, freshDevice }, 0);
      this.chat.said(id, checkClientPdu({ type: "CHAT_HELLO", seq: 0, ts: 0, name: `m${id}` }), 0);
      this.#settle();
    }
    this.chat.tick(1_000);
    this.#settle();
    for (let id = 1; id <= members; id++) this.#takeAll(id);
  }

  /** So many say so much each, it becomes durable, and they are told; nobody takes it yet. */
  say(senders: number, each: number): void {
    for (let nth = 0; nth < each; nth++) {
      const checked = checkClientPdu(messagePdu(++this.#seq));
      for (let id = 1; id <= senders; id++) this.chat.said(id, checked, 1_000);
    }
    this.#settle();
  }

  /** Everybody takes what is there. */
  takeAll(): void {
    for (let id = 1; id <= this.members; id++) this.#takeAll(id);
  }

  #takeAll(id: SessionId): void {
    for (;;) {
      const bytes = this.chat.take(id, TAKE_BYTES, 1_000);
      if (bytes === null) return;
      seen += bytes.length;
    }
  }

  #settle(): void {
    for (let effects = this.chat.effects(); effects.length > 0; effects = this.chat.effects()) {
      for (const effect of effects) {
        if (effect.do === "tell") seen += effect.bytes.length;
        else if (effect.do === "head") this.chat.headed(effect.ticket, { head: this.#offset, topic: "" });
        else if (effect.do === "append") {
          const outcomes = effect.entries.map((): Outcome => ({ status: "stored", offset: ++this.#offset }));
          this.chat.stored(outcomes, 1_000);
        }
      }
    }
  }
}

/** What some say becomes events and receipts, against JSON out and in of the same. */
export const saying: Measure = () => {
  const SENDERS = 10;
  const EACH = 20;
  const lobby = new Lobby(SENDERS);
  return Promise.resolve(loopRatio(
    () => {
      lobby.say(SENDERS, EACH);
      lobby.takeAll();
    },
    () => bareSaying(SENDERS * EACH),
    ROUNDS,
  ));
};

/** Each message is read, and it and its receipt are written. */
function bareSaying(messages: number): void {
  for (let seq = 1; seq <= messages; seq++) {
    const said = JSON.parse(JSON.stringify(messagePdu(seq)));
    seen += encoder.encode(JSON.stringify({ ...said, offset: seq, sender: "m1" })).length;
    seen += encoder.encode(JSON.stringify({ type: "CHAT_RECEIPT", seq, ack: seq, ts: 0 })).length;
  }
}

/** One message at a time reaches two thousand, against a look into a map and a piece of a buffer for each. */
export const delivering: Measure = () => {
  const MEMBERS = 2_000;
  const MESSAGES = 10;
  const lobby = new Lobby(MEMBERS);
  const places = new Map(Array.from({ length: MEMBERS }, (_, id) => [id, { next: 0, bytes: 0 }]));
  const buffer = new Uint8Array(TAKE_BYTES);
  return Promise.resolve(loopRatio(
    () => {
      for (let nth = 0; nth < MESSAGES; nth++) {
        lobby.say(1, 1);
        lobby.takeAll();
      }
    },
    () => {
      for (let nth = 0; nth < MESSAGES; nth++) {
        const start = nth * 200;
        const line = encoder.encodeInto(JSON.stringify(messagePdu(nth)), buffer.subarray(start)).written;
        for (let id = 0; id < MEMBERS; id++) {
          const place = places.get(id);
          if (place === undefined) continue;
          const bytes = buffer.subarray(start, start + line);
          place.next++;
          place.bytes += bytes.length;
          seen += bytes.length;
        }
      }
    },
    ROUNDS,
  ));
};

/** So that what was computed counts as used. */
export function isAnythingSeen(): boolean {
  return seen > 0;
}
