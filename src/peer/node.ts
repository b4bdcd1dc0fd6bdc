import type { Clock } from "../transport/clock.ts";
import { Dials } from "./dials.ts";
import { Greeting, keyIdOf, type Secret } from "./greeting.ts";
import type { GroupFile } from "./group-file.ts";
import type { Path, PeerAddress, PeerConnection, PeerEndpoint } from "./iroh.ts";
import { Link } from "./link.ts";
import { type PeerPdu, type PeerPduOf, PEERS_PER_PDU } from "./peer-pdu.ts";
import type { ReplicaPdu } from "./replica-effect.ts";
import { Sightings } from "./sightings.ts";
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

/** How a member is reached. */
export interface NodeState {
  readonly id: string;
  readonly name: string;
  readonly path: Path | null;
}

/** Connections to members at once: the replica of each costs a few kilobytes, and a group heals through any one. */
const LINKS_MAX = 48;
const STRANGERS_MAX = 32;
const TICK_MS = 500;
/** Two that dial each other at once must keep the same one of their connections. */
const AT_ONCE_MS = 10_000;
/** Who was ended for what it said is not let in again for so long. */
const BANNED_MS = 60_000;

/** Finds the members, proves itself to them, and keeps one connection to each. */
export class Node {
  readonly #parts: NodeParts;
  readonly #links = new Map<string, Link>();
  readonly #dials: Dials;
  readonly #sightings: Sightings;
  readonly #banned = new Map<string, number>();
  #strangers = 0;
  #cancelTick: () => void = () => {};
  #isClosed = false;
  #here: PeerPduOf<"PEER_HERE">["rooms"] = [];
  /** What the neighbours were told of where this peer is. */
  #addressTold = "";

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.#dials = new Dials(parts.clock, parts.chance);
    this.#sightings = new Sightings(parts);
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
    const known = file.members.get(address.id);
    // A relay is not told on the network, and stays good.
    file.named({ ...address, relay: address.relay ?? known?.relay });
    // A dial to where it was before may take its time; this one does not wait for it.
    if (known?.addresses.join() !== address.addresses.join()) this.#dials.forget(address.id);
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
    for (const link of this.#links.values()) link.sayHere(rooms, this.#parts.now());
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
    for (const [id, link] of this.#links) {
      link.say({ type: "PEER_BYE", reason: "" });
      link.connection.close("goodbye");
      this.#drop(id);
    }
    await this.#parts.file.save();
    await this.#parts.endpoint.close();
  }

  #tick(): void {
    if (this.#isClosed) return;
    this.#dialAll();
    for (const [id, link] of this.#links) this.#followPath(id, link);
    this.#tellAddress();
    this.#parts.file.save().catch((error) => {
      this.#parts.note("warn", "peer-file-not-written", {
        says: error instanceof Error ? error.message : String(error),
      });
    });
    this.#cancelTick = this.#parts.clock.after(TICK_MS, () => this.#tick());
  }

  #dialAll(): void {
    const { file, endpoint } = this.#parts;
    if (this.#isClosed) return;
    for (const member of file.members.values()) {
      const { id } = member;
      if (id === endpoint.id || this.#links.has(id) || this.#links.size >= LINKS_MAX) continue;
      if (this.#isUnwelcome(id) || !isReachable(member)) continue;
      const dial = this.#dials.begin(id);
      if (dial !== null) this.#dial(member, dial);
    }
  }

  async #dial(member: PeerAddress, dial: NonNullable<ReturnType<Dials["begin"]>>): Promise<void> {
    const { endpoint, note } = this.#parts;
    let hasFailed = false;
    try {
      const connection = await endpoint.dial(member);
      if (this.#isClosed || this.#links.has(member.id)) connection.close("not needed any more");
      else this.#greet(connection);
    } catch (error) {
      hasFailed = true;
      if (dial.failures === 0) {
        note("info", "peer-not-reached", {
          peer: member.id,
          says: error instanceof Error ? error.message : String(error),
        });
      }
    }
    this.#dials.ended(dial, hasFailed);
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
    const link = new Link(connection, clock.nowMs());
    this.#links.set(remote, link);
    this.#dials.forget(remote);
    file.proven(remote, now());
    note("info", "peer-joined", { peer: remote });
    if (keyIdOf(secret) !== keyIdOf(file.secret)) link.say(this.#keyPdu());
    if (!this.#followPath(remote, link)) link.sayHere(this.#here, now());
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
        return this.#hearHere(id, link, pdu);
      case "PEER_KEY":
        return this.#hearKey(pdu);
      case "PEER_BYE":
        return connection.close("it said goodbye");
      case "PEER_HELLO":
      case "PEER_PROOF":
        return; // A repeated greeting changes nothing.
    }
  }

  #hearHere(id: string, link: Link, { rooms, nowMs, seenAt }: PeerPduOf<"PEER_HERE">): void {
    const { note, now, here } = this.#parts;
    link.name = rooms[0]?.[1] ?? link.name;
    const aheadMs = link.clockAheadMs(nowMs, now());
    if (aheadMs !== null) {
      note("warn", "clocks-differ", { peer: id, itsIsAheadS: Math.round(aheadMs / 1000) });
    }
    this.#sightings.told(id, seenAt);
    here(id, rooms);
  }

  /** Notes it when a member is reached another way than before, and tells it where it is seen. True when that was news. */
  #followPath(id: string, link: Link): boolean {
    const { note, now } = this.#parts;
    const news = link.newPath();
    if (news === null) return false;
    const { path: { isRelayed, address }, isOther } = news;
    if (isOther) note("info", "peer-path", { peer: id, goes: isRelayed ? "by a relay" : "direct", address });
    link.sayHere(this.#here, now());
    return true;
  }

  /** To the neighbours, when it is another than they were told. */
  #tellAddress(): void {
    const me = this.#parts.endpoint.address();
    const text = JSON.stringify(me);
    if (text === this.#addressTold) return;
    this.#addressTold = text;
    for (const link of this.#links.values()) link.sayPeers([me]);
  }

  #hearPeers(from: string, peers: PeerPduOf<"PEER_PEERS">["peers"]): void {
    const { file, endpoint } = this.#parts;
    for (const peer of peers) {
      if (peer.id === endpoint.id) continue;
      const isNews = file.named(peer);
      // Where somebody is they say themselves, and it is passed on once.
      if (peer.id !== from || !isNews) continue;
      for (const [id, link] of this.#links) {
        if (id !== from) link.sayPeers([peer]);
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
    for (const link of this.#links.values()) link.say(pdu);
  }

  /** Tells a new neighbour of the others, and the others of it. */
  #introduce(id: string): void {
    const { file, endpoint } = this.#parts;
    const me = endpoint.address();
    const others = [...file.members.values()]
      .filter((member) => member.id !== id && isReachable(member))
      .sort((a, b) => b.provenMs - a.provenMs)
      .slice(0, PEERS_PER_PDU - 1);
    this.#links.get(id)?.sayPeers([me, ...others]);
    const newcomer = file.members.get(id);
    if (newcomer === undefined || !isReachable(newcomer)) return;
    for (const [other, link] of this.#links) {
      if (other !== id) link.sayPeers([newcomer]);
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
    this.#sightings.left(id);
    this.#parts.unlinked(id);
    this.#parts.here(id, []);
  }
}

function isReachable({ addresses, relay }: PeerAddress): boolean {
  return addresses.length > 0 || relay !== undefined;
}
