/** A whole peer: the server for one's own people, the group's ledger, and the way to the other members. */
import { Buffer } from "node:buffer";
import type { Log } from "../log/log.ts";
import type { PeerState } from "../server/peer-state.ts";
import type { RunningServer, ServerParts } from "../server/server.ts";
import { realClock } from "../transport/clock.ts";
import type { Journal } from "../server/journal.ts";
import { SetupFailure } from "../server/setup-failure.ts";
import { GroupFile, openSeed } from "./group-file.ts";
import { HybridClock } from "./hybrid-clock.ts";
import { openEndpoint, type PeerEndpoint } from "./iroh.ts";
import { Keeper } from "./keeper.ts";
import { findOnLan } from "./lan.ts";
import { LATE_MAX } from "./late-count.ts";
import { Node, type NodeState } from "./node.ts";
import { closeLedger, closeStores, logDirectoryIn, openStores } from "./open-group.ts";
import { PeerLog } from "./peer-log.ts";
import { Replica } from "./replica.ts";
import { shortAuthor } from "./signed-event.ts";
import { keyOfSeed, publicOf } from "./signing.ts";
import { formatTicket, type Ticket } from "./ticket.ts";
import { grantWishes, LOOK_MS, type Wishes } from "./wishes.ts";

export interface PeerOptions {
  readonly directory: string;
  readonly ticket: Ticket | null;
  readonly library: string;
  /** As `EndpointOptions.relay`. */
  readonly relay: string;
  /** Whether to look for members on this network, and be found. */
  readonly isOnLan: boolean;
  /** Members to keep out from now on, and authors not to show (or to show again): the beginnings of their keys. */
  readonly remove: readonly string[];
  readonly mute: readonly string[];
  readonly journal: Journal;
  readonly now: () => number;
  /** Starts the server on this log. */
  readonly serve: (
    parts: Pick<ServerParts, "log" | "group" | "peers">,
    logDirectory: string,
  ) => RunningServer;
}

export interface RunningPeer {
  readonly port: number;
  readonly id: string;
  /** Resolves when much came out of its order, as to a newcomer or after a long absence, and nothing does any more: the
   * log had better be made anew, which the next start does. */
  readonly isDisordered: Promise<void>;
  /** As `PeerEndpoint.onRelay`. */
  onRelay(): Promise<boolean>;
  /** For others to join by; its addresses are those of now. */
  ticket(): string;
  stop(): Promise<void>;
}

/** How often the members are told where this peer's people are and whether they type, when that changed. */
const HERE_MS = 250;

/** Throws `SetupFailure` and `StoreFailure`. */
export async function startPeer(options: PeerOptions): Promise<RunningPeer> {
  const { directory, journal, now } = options;
  const seed = await openSeed(directory);
  const author = publicOf(keyOfSeed(seed));
  const file = await GroupFile.open(directory, options.ticket);
  const removed = options.remove.map((beginning) => memberBy(file, beginning));
  const stores = await openStores({
    directory,
    group: file.group,
    author,
    seed,
    freshLife: randomHex(8),
    nowMs: now(),
  });
  const { log, ledger, opening } = stores;
  if (log.renewed !== null && !opening.isNew) journal.warn("log-begins-a-new-life", { because: log.renewed });
  const hybrid = new HybridClock(opening.tsMsMax);
  let server: RunningServer | null = null;
  let endpoint: PeerEndpoint | null = null;
  try {
    const replica = new Replica(author, opening.runs, await ledger.call("proofs", null));
    const keeper: Keeper = new Keeper({
      ledger,
      log,
      replica,
      hybrid,
      clock: realClock,
      now,
      links: {
        say: (to, line) => node.say(to, line),
        pause: (of, ms) => node.pause(of, ms),
        end: (whose, why) => node.end(whose, why),
      },
      onPlaced: (events) => server?.others.happened(events),
      note: (event, about) => journal.warn(event, { about }),
    });
    await ledger.call("mute", { authors: [...options.mute] });
    endpoint = await openEndpoint({
      library: options.library,
      seed,
      relay: options.relay,
      port: file.port,
      onConnection: (connection) => node.welcome(connection),
      onTrouble: (event, says) => journal.warn(event, { says }),
    });
    file.port = endpoint.port;
    const node: Node = new Node({
      endpoint,
      file,
      clock: realClock,
      now,
      chance: Math.random,
      freshNonce: () => randomHex(32),
      replicaHears: (id, pdu) => keeper.heard(id, pdu),
      linked: (id) => keeper.linked(id),
      unlinked: (id) => keeper.unlinked(id),
      here: (id, rooms) =>
        server?.others.guest(
          shortAuthor(id),
          rooms.map(([room, name, isTyping]) => ({ room, name, isTyping })),
        ),
      note: (level, event, fields) => journal[level](event, fields),
    });
    await keeper.start();
    const atTheEnd: (() => void)[] = [];
    const peerLog: Log = new PeerLog(log, ledger, keeper, async () => {
      for (const end of atTheEnd) end();
      // What was said last goes out before the connections end.
      await keeper.inStep();
      await node.close();
      await keeper.close();
      await closeLedger(ledger);
    });
    const group = { author: shortAuthor(author), stamp: (dateMs: number) => hybrid.next(dateMs) };
    const peers = () => node.states().map((state) => stateOf(state, replica));
    server = options.serve({ log: peerLog, group, peers }, logDirectoryIn(directory));
    // Who starts it again with the same words does not mean another secret.
    for (const id of removed) if (!file.removed.has(id)) node.remove(id, randomHex(32));
    node.start();
    atTheEnd.push(tellWhere(server, group.author, node));
    const muted = new Set(options.mute);
    atTheEnd.push(followWishes(directory, journal, async ({ remove, mute }) => {
      for (const id of remove.map((beginning) => memberBy(file, beginning))) {
        if (file.removed.has(id)) continue;
        node.remove(id, randomHex(32));
        journal.info("peer-removed", { peer: id });
      }
      if (mute.length === 0) return;
      for (const key of mute) muted.add(key);
      await ledger.call("mute", { authors: [...muted] });
      journal.info("peer-muted", { authors: mute.join(" ") });
    }));
    const here = endpoint;
    if (options.isOnLan) {
      const lan = findOnLan({
        group: file.group,
        address: () => here.address(),
        onFound: (address) => node.found(address),
        onTrouble: (says) => journal.warn("lan-search-failed", { says }),
      });
      atTheEnd.push(() => lan.close());
    }
    const running = server;
    return {
      port: running.port,
      id: author,
      isDisordered: untilDisordered(keeper, now, atTheEnd),
      onRelay: () => here.onRelay(),
      ticket: () => formatTicket({ group: file.group, ...file.secret, maker: here.address() }),
      stop: () => running.stop(),
    };
  } catch (error) {
    await endpoint?.close().catch(() => {}); // The error that ends the start is told.
    await closeStores(stores);
    throw error;
  }
}

function stateOf({ id, name, path }: NodeState, replica: Replica): PeerState {
  return {
    id,
    author: shortAuthor(id),
    name,
    path: path === null ? null : { ...path, ...replica.distance(id) },
  };
}

/** How long nothing must have come late: what comes is better placed all at once. */
const ORDER_QUIET_MS = 10_000;

function untilDisordered(keeper: Keeper, now: () => number, atTheEnd: (() => void)[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const { count, lastMs } = keeper.late;
      if (count > LATE_MAX && now() - lastMs > ORDER_QUIET_MS) resolve();
    }, 1_000);
    atTheEnd.push(() => clearInterval(timer));
  });
}

/** Gives what ends it. */
function followWishes(
  directory: string,
  journal: Journal,
  grant: (wishes: Wishes) => Promise<void>,
): () => void {
  const look = async () => {
    try {
      await grantWishes(directory, grant);
    } catch (error) {
      journal.warn("wishes-not-granted", { says: error instanceof Error ? error.message : String(error) });
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
}

/** Gives what ends it. */
function tellWhere(server: RunningServer, author: string, node: Node): () => void {
  let said = "[]";
  let saidMs = 0;
  const timer = setInterval(() => {
    const rooms = server.others.whereabouts(author).slice(0, 256);
    const now = JSON.stringify(rooms);
    // Typing holds for 6 s and is said again.
    const isDue = rooms.some(({ isTyping }) => isTyping) && performance.now() - saidMs >= 3_000;
    if (now === said && !isDue) return;
    said = now;
    saidMs = performance.now();
    node.tellHere(rooms.map(({ room, name, isTyping }) => [room, name, isTyping]));
  }, HERE_MS);
  return () => clearInterval(timer);
}

/** The one member whose key begins so. */
function memberBy(file: GroupFile, beginning: string): string {
  const found = [...file.members.keys(), ...file.removed].filter((id) => id.startsWith(beginning));
  const [id] = found;
  if (id !== undefined && found.length === 1) return id;
  const known = [...file.members.keys()].map((one) => one.slice(0, 12)).join(", ") || "not known yet";
  const says = found.length === 0 ? "no member's key begins" : "more than one member's key begins";
  throw new SetupFailure(`${says} with ${beginning}: the members are ${known}`);
}

function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
}
