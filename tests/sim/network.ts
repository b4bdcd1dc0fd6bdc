import type { DialAttempt } from "../../src/client/dial/dial.ts";
import type { Clock } from "../../src/transport/clock.ts";
import type { Link } from "../../src/transport/link.ts";
import { type MemoryPair, memoryPair } from "../../src/transport/memory-link.ts";
import type { Seeded } from "../fixtures/seeded.ts";
import type { Breakage } from "./breakage.ts";
import type { Process } from "./machine.ts";
import type { Faults } from "./plan.ts";
import { TappedLink, UNTOUCHED } from "./wire-tap.ts";

/** How long a connection lives without a packet. */
const IDLE_MS = 15_000;
/** What a lost packet costs before its copy arrives. */
const RETRANSMISSION_MS = [100, 900] as const;

/** One connection, and what the run may do to it. */
interface Way {
  readonly person: number;
  readonly pair: MemoryPair;
  readonly client: TappedLink;
  /** What the server's process has of it. */
  readonly server: TappedLink;
}

/** Gives a link to whoever listens; null: nobody does. */
export type Listener = (link: Link) => TappedLink | null;

/** All connections between the people and the server. */
export class SimNetwork {
  readonly #ways = new Set<Way>();
  /** People whom no packet reaches now. */
  readonly #cutOff = new Set<number>();
  /** Nothing goes wrong by itself any more. */
  isCalm = false;

  constructor(
    readonly clock: Clock,
    readonly chance: Seeded,
    readonly faults: Faults,
    readonly listener: Listener,
    readonly breakage: Breakage,
  ) {}

  async dial(person: number, process: Process, { signal }: DialAttempt): Promise<Link> {
    await process.pause(this.#latencyMs() * 2);
    if (this.#cutOff.has(person)) await process.pause(IDLE_MS);
    if (signal.aborted) throw new Error("called off");
    if (!this.isCalm && this.chance.next() < this.faults.dialFails) throw new Error("no way through");
    if (this.#cutOff.has(person)) throw new Error("nobody answers");
    const { datagramLoss, datagramDoubling, datagramJitterMs, windowBytes } = this.faults;
    const pair = memoryPair({
      clock: this.clock,
      random: () => this.chance.next(),
      latencyMs: () => this.#latencyMs(),
      datagramLoss,
      datagramDoubling,
      datagramJitterMs,
      windowBytes,
    });
    const server = this.listener(pair.server);
    if (server === null) throw new Error("nobody listens");
    const client = new TappedLink(pair.client, this.breakage.client?.() ?? UNTOUCHED);
    this.#ways.add({ person, pair, client, server });
    return client;
  }

  /** Everybody's connections, or one person's, die; what is under way is lost. */
  cut(person: number): void {
    for (const way of this.#of(person)) this.#end(way);
  }

  /** A person's machine stops. */
  vanishClient(person: number): void {
    for (const way of this.#of(person)) {
      this.#ways.delete(way);
      way.client.die();
      way.pair.vanish("client", IDLE_MS);
    }
  }

  /** The server's process ends; its machine may be there to say so. */
  vanishServer(): void {
    const tellsAtMs = this.chance.next() < 0.7 ? this.chance.from(1, 500) : IDLE_MS;
    for (const way of [...this.#ways]) {
      this.#ways.delete(way);
      way.server.die();
      way.pair.vanish("server", tellsAtMs);
    }
  }

  partition(person: number, forMs: number): void {
    if (this.#cutOff.has(person)) return;
    this.#cutOff.add(person);
    const held = this.#of(person);
    for (const { pair } of held) pair.partition();
    this.clock.after(Math.min(forMs, IDLE_MS), () => {
      for (const way of held) {
        if (!this.#ways.has(way)) continue;
        if (forMs >= IDLE_MS) this.#end(way);
        else way.pair.heal();
      }
    });
    this.clock.after(forMs, () => void this.#cutOff.delete(person));
  }

  #end(way: Way): void {
    this.#ways.delete(way);
    way.pair.cut("the simulated network broke it");
  }

  #of(person: number): Way[] {
    return [...this.#ways].filter((way) => way.person === person);
  }

  #latencyMs(): number {
    const [least, most] = this.faults.latencyMs;
    if (this.isCalm) return least;
    const isLost = this.chance.next() < this.faults.loss;
    return this.chance.from(least, most) + (isLost ? this.chance.from(...RETRANSMISSION_MS) : 0);
  }
}
