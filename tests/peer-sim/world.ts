/** Peers that talk, lose each other, crash and come back, by one seed; healed at the end and judged. */
import { checkPeerPdu } from "../../src/peer/peer-pdu.ts";
import type { ReplicaPdu } from "../../src/peer/replica-effect.ts";
import { decoderOf } from "../../src/protocol/wire.ts";
import { VirtualClock } from "../../src/transport/clock.ts";
import { Seeded } from "../fixtures/seeded.ts";
import { type Said, type Shown, shownOf, whyWrong } from "./peer-oracle.ts";
import { SimPeer } from "./sim-peer.ts";

/** One connection: in each direction what was said comes in its order, or the connection ends. */
interface Wire {
  readonly ends: readonly [SimPeer, SimPeer];
  readonly arrivesMs: Record<string, number>;
  isOpen: boolean;
}

export interface SeedResult {
  readonly seed: number;
  readonly wrong: string | null;
  readonly said: number;
  readonly steps: number;
}

/** Where a canary breaks something on purpose. */
export interface Breakage {
  /** Whether this line from one to another is swallowed without the connection's end. */
  readonly swallows?: (line: Uint8Array, chance: Seeded) => boolean;
  /** Shows the rows of one log otherwise than they are. */
  readonly rows?: (rows: Record<string, unknown>[], peer: number) => Record<string, unknown>[];
}

const STEPS = 60;
/** What healing may take at most in simulated time: with questions that time out after 15 s. */
const HEAL_MS = 120_000;

export async function runSeed(seed: number, breakage: Breakage = {}): Promise<SeedResult> {
  const chance = new Seeded(seed);
  const world = new VirtualClock();
  const wires = new Map<string, Wire>();
  const said: Said[] = [];
  const key = (a: string, b: string) => [a, b].sort().join();

  function cut(wire: Wire): void {
    if (!wire.isOpen) return;
    wire.isOpen = false;
    const [a, b] = wire.ends;
    wires.delete(key(a.id, b.id));
    a.keeper?.unlinked(b.id);
    b.keeper?.unlinked(a.id);
  }
  function link(a: SimPeer, b: SimPeer): void {
    if (a === b || !a.isUp || !b.isUp || wires.has(key(a.id, b.id))) return;
    wires.set(key(a.id, b.id), { ends: [a, b], arrivesMs: {}, isOpen: true });
    a.keeper?.linked(b.id);
    b.keeper?.linked(a.id);
  }
  const net = {
    say(from: string, to: string, line: Uint8Array): void {
      const wire = wires.get(key(from, to));
      const there = peers.find(({ id }) => id === to);
      if (wire === undefined || there === undefined) return;
      if (breakage.swallows?.(line, chance)) return;
      const atMs = Math.max(world.nowMs() + chance.from(0, 40), wire.arrivesMs[to] ?? 0);
      wire.arrivesMs[to] = atMs;
      world.after(atMs - world.nowMs(), () => {
        if (!wire.isOpen) return;
        for (const decoded of decoderOf("quicchat/1").push(line)) {
          const checked = "value" in decoded ? checkPeerPdu(decoded.value) : null;
          if (!checked?.ok) throw new Error(`a peer said what is no PDU: ${new TextDecoder().decode(line)}`);
          there.keeper?.heard(from, checked.pdu as ReplicaPdu);
        }
      });
    },
    end(from: string, whose: string): void {
      const wire = wires.get(key(from, whose));
      if (wire !== undefined) cut(wire);
    },
  };
  const peers: SimPeer[] = Array.from(
    { length: chance.from(2, 5) },
    (_, at) =>
      new SimPeer((at + 1).toString(16).padStart(64, "0"), chance.from(-2_000, 2_000), world, chance, net),
  );
  const latecomers = peers.slice(2).filter(() => chance.next() < 0.4);
  for (const peer of peers) if (!latecomers.includes(peer)) peer.start();
  const deviceSeqs = new Map<SimPeer, number>();

  function somebodySays(): void {
    const peer = chance.pick(peers.filter(({ isUp }) => isUp));
    if (peer === null) return;
    const seq = (deviceSeqs.get(peer) ?? 0) + 1;
    deviceSeqs.set(peer, seq);
    const rows = peer.rows().filter(({ type }) => type === "CHAT_MESSAGE");
    const target = chance.pick(rows);
    const roll = chance.next();
    const common = { device: peer.id.slice(-32), seq, sender: "Somebody" };
    const number = said.length;
    const record = (
      kind: Said["kind"],
      about: string,
      text: string,
      entry: Parameters<SimPeer["say"]>[0],
    ) => {
      const one: Said = { peer: peer.id, kind, about, text, isAcknowledged: false };
      said.push(one);
      peer.say(entry).then((outcome) => {
        if (outcome?.status === "stored") one.isAcknowledged = true;
      });
    };
    if (target === null || roll < 0.6) {
      const room = chance.pick(["lobby", "garden"]) ?? "lobby";
      const answers = target !== null && target["room"] === room && chance.next() < 0.3;
      const body = JSON.stringify({ text: `message ${number}` });
      record("message", `message ${number}`, `message ${number}`, {
        ...common,
        room,
        type: "CHAT_MESSAGE",
        body,
        target: answers ? Number(target["offset"]) : null,
        targetMust: answers ? "exist" : null,
      });
      return;
    }
    const about = String(JSON.parse(String(target["body"])).text);
    const at = { ...common, room: String(target["room"]), target: Number(target["offset"]) };
    if (roll < 0.8) {
      record("edit", about, `edit ${number}`, {
        ...at,
        type: "CHAT_EDIT",
        body: JSON.stringify({ text: `edit ${number}` }),
        targetMust: "be-own",
      });
    } else if (roll < 0.85) {
      record("delete", about, "", { ...at, type: "CHAT_DELETE", body: "{}", targetMust: "be-own" });
    } else {
      const body = JSON.stringify({ reaction: chance.pick(["a", "b"]), on: chance.next() < 0.7 });
      record("react", about, "", { ...at, type: "CHAT_REACT", body, targetMust: "exist" });
    }
  }
  function somethingHappens(): void {
    const roll = chance.next();
    const peer = chance.pick(peers) ?? peers[0];
    const other = chance.pick(peers) ?? peers[0];
    if (peer === undefined || other === undefined) return;
    if (roll < 0.5) return somebodySays();
    if (roll < 0.55) return void Array.from({ length: chance.from(2, 30) }, somebodySays);
    if (roll < 0.75) return link(peer, other);
    if (roll < 0.88) {
      const wire = wires.get(key(peer.id, other.id));
      return wire === undefined ? undefined : cut(wire);
    }
    if (peer.isUp) {
      if (roll > 0.95) return;
      peer.crash();
      for (const wire of [...wires.values()]) if (wire.ends.includes(peer)) cut(wire);
      if (chance.next() < 0.2) peer.loseLog();
    } else peer.start();
  }

  let steps = 0;
  try {
    for (; steps < STEPS; steps++) {
      somethingHappens();
      await world.advance(chance.from(0, 300));
    }
    for (const peer of peers) if (!peer.isUp) peer.start();
    // A line, a star or everybody with everybody: one way to each is enough.
    const shape = chance.from(0, 2);
    for (const [at, peer] of peers.entries()) {
      const before = peers[shape === 0 ? at - 1 : 0];
      if (shape === 2) { for (const other of peers) link(peer, other); }
      else if (before !== undefined) link(before, peer);
    }
    await world.advance(HEAL_MS);
    const shown = new Map<string, readonly Shown[]>();
    for (const [at, peer] of peers.entries()) {
      shown.set(`peer ${at + 1}`, shownOf(breakage.rows?.(peer.rows(), at) ?? peer.rows()));
    }
    let wrong = whyWrong(said, shown);
    const trouble = peers.flatMap(({ notes }) => notes);
    if (wrong === null && trouble.length > 0) wrong = `honest peers blamed somebody: ${trouble[0]}`;
    return { seed, wrong, said: said.length, steps };
  } finally {
    for (const peer of peers) peer.dispose();
  }
}
