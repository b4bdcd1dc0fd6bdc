/**
 * The same conversations for every foreign program, one per promise of the wires. Each starts its own
 * people, who leave at its end; names are theirs alone, so that a latecomer of the one before does not
 * matter.
 */
import assert from "node:assert/strict";
import type { Peer } from "./peer.ts";

/** Connects somebody; `arguments` are further ones of the program. */
export type Arrive = (name: string, args?: readonly string[]) => Peer;

export interface Conversation {
  readonly name: string;
  hold(arrive: Arrive): Promise<void>;
}

/** Waits until the server has let these in, so that whatever is said from then on reaches them. */
type Welcomed = (...peers: Peer[]) => Promise<void>;

/** In chat/0 CHAT_WELCOME is all that there is. */
async function welcomedInChat0(...peers: Peer[]): Promise<void> {
  for (const peer of peers) await peer.pdu("CHAT_WELCOME", { seq: 1 });
}

/** In quicchat/1 one is in a room from its CHAT_JOINED on. */
async function welcomedInQuicchat1(...peers: Peer[]): Promise<void> {
  for (const peer of peers) {
    await peer.pdu("CHAT_WELCOME", { seq: 1 });
    await peer.pdu("CHAT_JOINED", { ack: 0 });
  }
}

/** A device of its own for each call, so that no conversation repeats another's numbers. */
function newDevice(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** What both wires answer alike. */
const inBoth = (welcomed: Welcomed): readonly Conversation[] => [
  {
    name: "two people talk, each message gets its receipt",
    async hold(arrive) {
      await using ada = arrive("ada");
      await using bob = arrive("bob");
      await welcomed(ada, bob);
      await ada.say({ do: "send", text: "hello, Bob — grüß dich 👋" });
      assert.equal((await ada.pdu("CHAT_RECEIPT", { ack: 1 })).seq, 1);
      const heard = await bob.pdu("CHAT_MESSAGE", { sender: "ada" });
      assert.equal(heard.text, "hello, Bob — grüß dich 👋");
      assert.equal(heard.seq, 1);
      assert.equal(typeof heard.ts, "number");
      await bob.say({ do: "send", text: "hello, Ada" });
      await bob.pdu("CHAT_RECEIPT", { ack: 1 });
      await ada.pdu("CHAT_MESSAGE", { sender: "bob", text: "hello, Ada" });
    },
  },
  {
    name: "typing is relayed to the others",
    async hold(arrive) {
      await using ada = arrive("ada types");
      await using bob = arrive("bob watches");
      await welcomed(ada, bob);
      await ada.say({ do: "typing", status: true });
      // By datagram where the peer has them, else on the stream.
      await bob.pdu("CHAT_TYPING", { who: "ada types", status: true }, "either");
      await ada.say({ do: "typing", status: false });
      await bob.pdu("CHAT_TYPING", { who: "ada types", status: false }, "either");
      assert.deepEqual(ada.seen("CHAT_TYPING").filter(({ who }) => who === "ada types"), []);
    },
  },
  {
    name: "a message before HELLO gets a 4xx, then the server closes",
    async hold(arrive) {
      await using eve = arrive("eve", ["--no-hello"]);
      await eve.event("connected");
      await eve.say({ do: "send", text: "let me in" });
      await refused(eve);
    },
  },
  {
    name: "a second HELLO gets a 4xx, then the server closes",
    async hold(arrive) {
      await using eve = arrive("eve twice");
      await welcomed(eve);
      await eve.say({ do: "hello" });
      await refused(eve);
    },
  },
  {
    name: "what is no JSON gets a 4xx, then the server closes",
    async hold(arrive) {
      await using eve = arrive("eve garbles");
      await welcomed(eve);
      await eve.say({ do: "raw", utf8: "{not json}\n" });
      await refused(eve);
    },
  },
  {
    name: "an unknown type and unknown fields are ignored, any cut is read",
    async hold(arrive) {
      await using ada = arrive("ada cuts");
      await using bob = arrive("bob reads on");
      await welcomed(ada, bob);
      const whole = new TextEncoder().encode(
        '{"type":"CHAT_WAVE","seq":0,"ts":1}\n{"type":"CHAT_MESSAGE","seq":1,"ts":1.5,"text":"zerteilt: ü","mood":[1]}\n',
      );
      // In the middle of the two bytes of ü.
      const cut = whole.indexOf(0xc3) + 1;
      await ada.say({ do: "raw", hex: whole.subarray(0, cut).toHex() });
      await ada.say({ do: "raw", hex: whole.subarray(cut).toHex() });
      await ada.pdu("CHAT_RECEIPT", { ack: 1 });
      await bob.pdu("CHAT_MESSAGE", { sender: "ada cuts", text: "zerteilt: ü" });
    },
  },
  {
    name: "a goodbye ends the session",
    async hold(arrive) {
      await using ada = arrive("ada leaves");
      await welcomed(ada);
      await ada.say({ do: "bye", reason: "supper" });
      await ada.closed();
    },
  },
  {
    name: "three people burst 200 messages each: a reader gets each once, in order, one object a chunk",
    async hold(arrive) {
      await using reader = arrive("reader");
      const names = ["burst one", "burst two", "burst three"];
      await using one = arrive("burst one");
      await using two = arrive("burst two");
      await using three = arrive("burst three");
      const senders = [one, two, three];
      await welcomed(reader, ...senders);
      await Promise.all(senders.map((sender) => sender.say({ do: "burst", text: "n", count: 200 })));
      const heard = await reader.pdus("CHAT_MESSAGE", 600);
      for (const name of names) {
        const texts = heard.filter(({ sender }) => sender === name).map(({ text }) => text);
        assert.deepEqual(texts, Array.from({ length: 200 }, (_, at) => `n ${at + 1}`), name);
      }
      for (const sender of senders) {
        const acks = (await sender.pdus("CHAT_RECEIPT", 200)).map(({ ack }) => ack);
        assert.deepEqual(acks, Array.from({ length: 200 }, (_, at) => at + 1));
      }
      for (const peer of [reader, ...senders]) assert.deepEqual(peer.badChunks(), []);
    },
  },
];

const inChat0: readonly Conversation[] = [
  {
    name: "nobody gets what they said themselves",
    async hold(arrive) {
      await using ada = arrive("ada alone");
      await using bob = arrive("bob answers");
      await welcomedInChat0(ada, bob);
      await ada.say({ do: "send", text: "an echo?" });
      await bob.pdu("CHAT_MESSAGE", { text: "an echo?" });
      await bob.say({ do: "send", text: "no" });
      // What follows the own message in the log has arrived, so that the own one would have, too.
      await ada.pdu("CHAT_MESSAGE", { text: "no" });
      assert.deepEqual(ada.seen("CHAT_MESSAGE").map(({ text }) => text), ["no"]);
    },
  },
  {
    name: "a repeated seq gets 409 and is dropped, the session goes on",
    async hold(arrive) {
      await using ada = arrive("ada repeats");
      await using bob = arrive("bob counts");
      await welcomedInChat0(ada, bob);
      await ada.say({ do: "send", text: "once" });
      await ada.pdu("CHAT_RECEIPT", { ack: 1 });
      await ada.say({ do: "send", text: "twice", seq: 1 });
      await ada.pdu("CHAT_ERROR", { code: 409 });
      await ada.say({ do: "send", text: "on" });
      await ada.pdu("CHAT_RECEIPT", { ack: 2 });
      await bob.pdu("CHAT_MESSAGE", { text: "on" });
      assert.deepEqual(bob.seen("CHAT_MESSAGE").map(({ text }) => text), ["once", "on"]);
    },
  },
  {
    name: "the same name may connect twice, and each counts for itself",
    async hold(arrive) {
      await using first = arrive("twin");
      await using second = arrive("twin");
      await welcomedInChat0(first, second);
      await first.say({ do: "send", text: "from the first" });
      await second.pdu("CHAT_MESSAGE", { sender: "twin", text: "from the first" });
      await second.say({ do: "send", text: "from the second" });
      await second.pdu("CHAT_RECEIPT", { ack: 1 });
      await first.pdu("CHAT_MESSAGE", { sender: "twin", text: "from the second" });
    },
  },
];

const inQuicchat1: readonly Conversation[] = [
  {
    name: "a repeated (device, seq) gets the original receipt, also from another connection",
    async hold(arrive) {
      const device = newDevice();
      await using bob = arrive("bob counts");
      await welcomedInQuicchat1(bob);
      let receipt;
      {
        await using ada = arrive("ada repeats", ["--device", device]);
        await welcomedInQuicchat1(ada);
        await ada.say({ do: "send", text: "once" });
        receipt = await ada.pdu("CHAT_RECEIPT", { ack: 1 });
        assert.equal(receipt.duplicate, undefined);
        await ada.say({ do: "send", text: "once", seq: 1 });
        assert.equal((await ada.pdu("CHAT_RECEIPT", { ack: 1, duplicate: true })).offset, receipt.offset);
      }
      await using again = arrive("ada repeats", ["--device", device]);
      await welcomedInQuicchat1(again);
      await again.say({ do: "send", text: "once", seq: 1 });
      const repeated = await again.pdu("CHAT_RECEIPT", { ack: 1, duplicate: true });
      assert.equal(repeated.offset, receipt.offset);
      assert.equal(repeated.epoch, receipt.epoch);
      await again.say({ do: "send", text: "next", seq: 2 });
      await bob.pdu("CHAT_MESSAGE", { text: "next" });
      const heard = bob.seen("CHAT_MESSAGE").filter(({ sender }) => sender === "ada repeats");
      assert.deepEqual(heard.map(({ text }) => text), ["once", "next"]);
    },
  },
  {
    name: "a room is joined by name and talks apart from the lobby",
    async hold(arrive) {
      await using ada = arrive("ada in a room", ["--rooms", '[{"room":"garden"}]']);
      await using bob = arrive("bob in the lobby");
      await welcomedInQuicchat1(ada, bob);
      await ada.say({ do: "send", text: "the roses bloom", room: "garden" });
      await ada.pdu("CHAT_MESSAGE", { room: "garden", text: "the roses bloom" });
      await bob.say({ do: "pdu", pdu: { type: "CHAT_JOIN", seq: 7, ts: 1, room: "garden", offset: 0 } });
      await bob.pdu("CHAT_JOINED", { room: "garden", ack: 7, after: 0 });
      const heard = await bob.pdu("CHAT_MESSAGE", { room: "garden", text: "the roses bloom" });
      assert.equal(heard.sender, "ada in a room");
    },
  },
];

async function refused(peer: Peer): Promise<void> {
  const { code } = await peer.pdu("CHAT_ERROR");
  assert(typeof code === "number" && code >= 400 && code < 500, `a 4xx, not ${code}`);
  await peer.closed();
}

export const chat0Conversations: readonly Conversation[] = [...inBoth(welcomedInChat0), ...inChat0];
export const quicchat1Conversations: readonly Conversation[] = [
  ...inBoth(welcomedInQuicchat1),
  ...inQuicchat1,
];
