import { encodePdu } from "../protocol/wire.ts";
import type { Clock } from "../transport/clock.ts";
import { Greeting, keyIdOf, type Secret } from "./greeting.ts";
import type { GroupFile } from "./group-file.ts";
import type { Path, PeerAddress, PeerConnection, PeerEndpoint } from "./iroh.ts";
import { type PeerPdu, type PeerPduOf, PEERS_PER_PDU } from "./peer-pdu.ts";
import type { ReplicaPdu } from "./replica.ts";
import { greet } from "./stranger.ts";

/** What a node needs of the rest of the peer. */
export interface NodeParts {
  readonly endpoint: PeerEndpoint;
  readonly file: GroupFile;
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** At least 0, below 1. */
  readonly chance: () => number;
  readonly freshNonce: () => string;
  readonly replicaHears: (id: string, pdu: ReplicaPdu) => Promise<void>;
  readonly linked: (id: string) => void;
  readonly unlinked: (id: string) => void;
  /** Where a member's people are; empty when it went. */
  readonly here: (id: string, rooms: PeerPduOf<"PEER_HERE">["rooms"]) => void;
  readonly note: (level: "info" | "warn", event: string, fields: Record<string, string | number>) => void;
}

interface Link {
  readonly connection: PeerConnection;
  readonly sinceMs: number;
  pausedUntilMs: number;
  isClockCompared: boolean;
  /** What its people call themselves. */
  name: string;
}

/** How a member is reached. */
export interface NodeState {
  readonly id: string;
  readonly name: string;
  readonly path: Path | null;
}

interface Dialling {
  nextMs: number;
  failures: number;
  isUnderWay: boolean;
}

/** Connections to members at once: the replica of each costs a few kilobytes, and a group heals through any one. */
const LINKS_MAX = 48;
const STRANGERS_MAX = 32;
const TICK_MS = 500;
const DIAL_AGAIN_MS = 1_000;
const DIAL_AGAIN_MS_MAX = 60_000;
/** Two that dial each other at once must keep the same one of their connections. */
const AT_ONCE_MS = 10_000;
/** Clocks that differ so much are told of: at twice as much one's words wait at the other. */
const CLOCKS_DIFFER_MS = 60_000;
/** Who was ended for what it said is not let in again for so long. */
const BANNED_MS = 60_000;

/** Finds the members, proves itself to them, and keeps one connection to each. */
export class Node {
  readonly #parts: NodeParts;
  readonly #links = new Map<string, Link>();
  readonly #dialling = new Map<string, Dialling>();
  readonly #banned = new Map<string, number>();
  #strangers = 0;
  #cancelTick: () => void = () => {};
  #isClosed = false;
  #here: PeerPduOf<"PEER_HERE">["rooms"] = [];

  constructor(parts: NodeParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#tick();
  }

  /** The members, as far as they are known. */
  states(): NodeState[] {
    const ids = new Set([...this.#links.keys(), ...this.#parts.file.members.keys()]);
    return [...ids].map((id) => {
      const link = this.#links.get(id);
      return { id, name: link?.name ?? "", path: link?.connection.path() ?? null };
    });
  }

  /** Somebody dialled us. */
  welcome(connection: PeerConnection): void {
    if (this.#isClosed || this.#strangers >= STRANGERS_MAX || this.#isUnwelcome(connection.remote)) {
      return connection.close("not welcome");
    }
    this.#greet(connection);
  }

  /** A member may be there: seen on this network. */
  found(address: PeerAddress): void {
    const { endpoint, file } = this.#parts;
    if (address.id === endpoint.id || this.#links.has(address.id)) return;
    const before = file.members.get(address.id)?.addresses.join();
    file.named(address);
    // A dial to where it was before may take its time; this one does not wait for it.
    if (before !== address.addresses.join()) this.#dialling.delete(address.id);
    this.#dialAll();
  }

  say(to: string, line: Uint8Array): void {
    this.#links.get(to)?.connection.send(line);
  }

  pause(of: string, ms: number): void {
    const link = this.#links.get(of);
    if (link !== undefined) link.pausedUntilMs = Math.max(link.pausedUntilMs, this.#parts.clock.nowMs() + ms);
  }

  end(whose: string, why: string): void {
    this.#banned.set(whose, this.#parts.clock.nowMs() + BANNED_MS);
    this.#parts.note("warn", "peer-refused", { peer: whose, why });
    this.#links.get(whose)?.connection.close(why);
    this.#drop(whose);
  }

  /** Where this peer's people are. */
  tellHere(rooms: PeerPduOf<"PEER_HERE">["rooms"]): void {
    this.#here = rooms;
    for (const { connection } of this.#links.values()) connection.send(encode(this.#herePdu()));
  }

  /** Keeps a member out from now on: the rest gets a new secret. */
  remove(id: string, secret: string): void {
    const { file } = this.#parts;
    file.remove(id);
    file.addSecret({ generation: file.secret.generation + 1, secret });
    this.#links.get(id)?.connection.close("you were removed from the group");
    this.#drop(id);
    this.#tellKey();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTick();
    for (const [id, { connection }] of this.#links) {
      connection.send(encode({ type: "PEER_BYE", reason: "" }));
      connection.close("goodbye");
      this.#drop(id);
    }
    await this.#parts.file.save();
    await this.#parts.endpoint.close();
  }

  #tick(): void {
    if (this.#isClosed) return;
    this.#dialAll();
    this.#parts.file.save().catch((error) => {
      this.#parts.note("warn", "peer-file-not-written", {
        says: error instanceof Error ? error.message : String(error),
      });
    });
    this.#cancelTick = this.#parts.clock.after(TICK_MS, () => this.#tick());
  }

  #dialAll(): void {
    const { clock, file, endpoint } = this.#parts;
    if (this.#isClosed) return;
    for (const member of file.members.values()) {
      const { id } = member;
      if (id === endpoint.id || this.#links.has(id) || this.#links.size >= LINKS_MAX) continue;
      if (this.#isUnwelcome(id) || (member.addresses.length === 0 && member.relay === undefined)) continue;
      const dialling = this.#dialling.get(id) ?? { nextMs: 0, failures: 0, isUnderWay: false };
      this.#dialling.set(id, dialling);
      if (dialling.isUnderWay || dialling.nextMs > clock.nowMs()) continue;
      dialling.isUnderWay = true;
      this.#dial(member, dialling);
    }
  }

  async #dial(member: PeerAddress, dialling: Dialling): Promise<void> {
    const { clock, endpoint, chance, note } = this.#parts;
    try {
      const connection = await endpoint.dial(member);
      if (this.#isClosed || this.#links.has(member.id)) connection.close("not needed any more");
      else this.#greet(connection);
    } catch (error) {
      dialling.failures++;
      if (dialling.failures === 1) {
        note("info", "peer-not-reached", {
          peer: member.id,
          says: error instanceof Error ? error.message : String(error),
        });
      }
    }
    // Also after a success: should the greeting fail, the other side needs no storm of dials.
    const waitMs = Math.min(DIAL_AGAIN_MS * 2 ** dialling.failures, DIAL_AGAIN_MS_MAX);
    dialling.nextMs = clock.nowMs() + waitMs * (0.5 + chance());
    dialling.isUnderWay = false;
  }

  #greet(connection: PeerConnection): void {
    const { endpoint, file, clock, freshNonce, note } = this.#parts;
    const { remote, isDialler } = connection;
    this.#strangers++;
    greet({
      connection,
      clock,
      greeting: new Greeting({
        me: endpoint.id,
        other: remote,
        isDialler,
        group: file.group,
        secrets: this.#secretsFor(remote),
        nonce: freshNonce(),
      }),
      onDecided: () => this.#strangers--,
      onProven: (secret) => this.#proven(connection, secret),
      onPdu: (pdu) => this.#hear(connection, pdu),
      onRefused: (why, isProven) => {
        if (isProven) return this.end(remote, why);
        note("warn", "peer-refused", { peer: remote, why });
        connection.close(why);
      },
      onClosed: (why) => {
        if (this.#links.get(remote)?.connection !== connection) return;
        note("info", "peer-left", { peer: remote, why });
        this.#drop(remote);
      },
    });
  }

  /** An older secret is good only for who proved to be a member before: a removed one with a new key knows it too. */
  #secretsFor(id: string): readonly Secret[] {
    const { file } = this.#parts;
    return (file.members.get(id)?.provenMs ?? 0) > 0 || file.secrets.length === 1
      ? file.secrets
      : file.secrets.filter(({ generation }) => generation === file.secret.generation);
  }

  #proven(connection: PeerConnection, secret: Secret): void {
    const { file, clock, now, note, linked } = this.#parts;
    const { remote, isDialler } = connection;
    const before = this.#links.get(remote);
    if (before !== undefined) {
      const isAtOnce = clock.nowMs() - before.sinceMs < AT_ONCE_MS &&
        before.connection.isDialler !== isDialler;
      const wins = (one: PeerConnection) =>
        (one.isDialler ? this.#parts.endpoint.id : remote) < remote ||
        (!one.isDialler && remote < this.#parts.endpoint.id);
      if (isAtOnce && wins(before.connection)) return connection.close("connected already");
      before.connection.close("connected anew");
      this.#drop(remote);
    }
    this.#links.set(remote, {
      connection,
      sinceMs: clock.nowMs(),
      pausedUntilMs: 0,
      isClockCompared: false,
      name: "",
    });
    this.#dialling.delete(remote);
    file.proven(remote, now());
    note("info", "peer-joined", { peer: remote });
    if (keyIdOf(secret) !== keyIdOf(file.secret)) connection.send(encode(this.#keyPdu()));
    connection.send(encode(this.#herePdu()));
    linked(remote);
    this.#introduce(remote);
  }

  async #hear(connection: PeerConnection, pdu: PeerPdu): Promise<void> {
    const id = connection.remote;
    const link = this.#links.get(id);
    if (link?.connection !== connection) return;
    switch (pdu.type) {
      case "PEER_RUNS":
      case "PEER_ASK":
      case "PEER_EVENTS":
      case "PEER_BROKEN": {
        await this.#parts.replicaHears(id, pdu);
        const waitMs = link.pausedUntilMs - this.#parts.clock.nowMs();
        if (waitMs > 0) await new Promise<void>((resolve) => this.#parts.clock.after(waitMs, resolve));
        return;
      }
      case "PEER_PEERS":
        return this.#hearPeers(id, pdu.peers);
      case "PEER_HERE":
        link.name = pdu.rooms[0]?.[1] ?? link.name;
        this.#compareClocks(link, id, pdu.nowMs);
        return this.#parts.here(id, pdu.rooms);
      case "PEER_KEY":
        return this.#hearKey(pdu);
      case "PEER_BYE":
        return connection.close("it said goodbye");
      case "PEER_HELLO":
      case "PEER_PROOF":
        return; // A repeated greeting changes nothing.
    }
  }

  #herePdu(): PeerPduOf<"PEER_HERE"> {
    return { type: "PEER_HERE", nowMs: Math.max(0, Math.round(this.#parts.now())), rooms: this.#here };
  }

  /** Once for each connection: whose clock is wrong neither knows, but each can look. */
  #compareClocks(link: Link, id: string, theirsMs: number): void {
    const aheadMs = theirsMs - this.#parts.now();
    if (link.isClockCompared || Math.abs(aheadMs) < CLOCKS_DIFFER_MS) return;
    link.isClockCompared = true;
    this.#parts.note("warn", "clocks-differ", { peer: id, itsIsAheadS: Math.round(aheadMs / 1000) });
  }

  #hearPeers(from: string, peers: PeerPduOf<"PEER_PEERS">["peers"]): void {
    const { file, endpoint } = this.#parts;
    for (const peer of peers) {
      if (peer.id === endpoint.id) continue;
      const before = file.members.get(peer.id)?.addresses.join();
      file.named(peer);
      // Where somebody is they say themselves, and it is passed on once.
      if (peer.id !== from || before === peer.addresses.join()) continue;
      for (const [id, { connection }] of this.#links) {
        if (id !== from) connection.send(encode(peersPdu([peer])));
      }
    }
    this.#dialAll();
  }

  #hearKey({ generation, secret, removed }: PeerPduOf<"PEER_KEY">): void {
    const { file, endpoint, note } = this.#parts;
    if (removed.includes(endpoint.id)) return note("warn", "removed-from-the-group", {});
    let isNews = file.addSecret({ generation, secret });
    for (const id of removed) {
      if (!file.remove(id)) continue;
      isNews = true;
      this.#links.get(id)?.connection.close("removed");
      this.#drop(id);
      note("info", "peer-removed", { peer: id });
    }
    if (isNews) this.#tellKey();
  }

  #keyPdu(): PeerPduOf<"PEER_KEY"> {
    const { file } = this.#parts;
    const { generation, secret } = file.secret;
    return { type: "PEER_KEY", generation, secret, removed: [...file.removed].slice(-1_000) };
  }

  #tellKey(): void {
    const pdu = this.#keyPdu();
    for (const { connection } of this.#links.values()) connection.send(encode(pdu));
  }

  /** Tells a new neighbour of the others, and the others of it. */
  #introduce(id: string): void {
    const { file, endpoint } = this.#parts;
    const me = endpoint.address();
    const others = [...file.members.values()]
      .filter((member) => member.id !== id && member.addresses.length > 0)
      .sort((a, b) => b.provenMs - a.provenMs)
      .slice(0, PEERS_PER_PDU - 1);
    this.say(id, encode(peersPdu([me, ...others])));
    const newcomer = file.members.get(id);
    if (newcomer === undefined || newcomer.addresses.length === 0) return;
    for (const [other, { connection }] of this.#links) {
      if (other !== id) connection.send(encode(peersPdu([newcomer])));
    }
  }

  #isUnwelcome(id: string): boolean {
    if (this.#parts.file.removed.has(id)) return true;
    const untilMs = this.#banned.get(id);
    if (untilMs === undefined) return false;
    if (untilMs > this.#parts.clock.nowMs()) return true;
    this.#banned.delete(id);
    return false;
  }

  #drop(id: string): void {
    if (!this.#links.delete(id)) return;
    this.#parts.unlinked(id);
    this.#parts.here(id, []);
  }
}

function encode(pdu: PeerPdu): Uint8Array {
  return encodePdu(pdu, "quicchat/1");
}

function peersPdu(peers: readonly PeerAddress[]): PeerPduOf<"PEER_PEERS"> {
  return {
    type: "PEER_PEERS",
    peers: peers.map(({ id, addresses, relay }) => ({
      id,
      addresses: [...addresses],
      ...(relay === undefined ? {} : { relay }),
    })),
  };
}
