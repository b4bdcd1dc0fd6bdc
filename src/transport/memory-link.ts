import type { Wire } from "../protocol/wire.ts";
import type { Clock } from "./clock.ts";
import type { Link, LinkEnd } from "./link.ts";
import type { OutboxLimits } from "./outbox.ts";
import { StreamLink } from "./stream-link.ts";
import { StuckWatch } from "./stuck-watch.ts";

export interface MemoryPairOptions {
  readonly clock: Clock;
  /** Numbers from 0 to below 1; seed it to repeat a run. */
  readonly random: () => number;
  readonly wire?: Wire;
  /** One way. Default 0: at the end of the turn. A function is asked for each write, and for each datagram: the
   * stream's order is kept all the same, as what is lost and sent again holds up what follows it. */
  readonly latencyMs?: number | (() => number);
  /** Bytes on the way or unread before a write is pending, as a flow-control window. Default 1 MiB. */
  readonly windowBytes?: number;
  /** Probabilities, default 0. Datagrams are also reordered if `datagramJitterMs` is more than 0. */
  readonly datagramLoss?: number;
  readonly datagramDoubling?: number;
  readonly datagramJitterMs?: number;
  /** Longest piece that a receiver gets at once; pieces are cut anywhere. Default 1,200. */
  readonly chunkBytesMax?: number;
  readonly limits?: Partial<OutboxLimits>;
}

/** Two links that are connected to each other, and what can happen to their network. */
export interface MemoryPair {
  readonly client: Link;
  readonly server: Link;
  /** The connection dies: what is on the way is lost, both ends see `lost`. */
  cut(says: string): void;
  /** One end's machine vanishes: that link says and hears nothing any more, not even its own end; the other
   * one sees `lost` after the idle time. */
  vanish(who: "client" | "server", idleMs: number): void;
  /** Holds everything back, both ways. Datagrams are lost. */
  partition(): void;
  /** Delivers what was held back. */
  heal(): void;
}

/** What travels: bytes, the end of them, or the end of the connection. */
type Item = Uint8Array | "finished" | "closed";

/** One direction. Keeps the order, whatever the latency does. */
class Pipe {
  held = false;
  dead = false;
  readonly #arrived: Item[] = [];
  #reading = false;
  #windowUsed = 0;
  #waiting: { readonly length: number; readonly enter: () => void } | null = null;
  #onItem: ((item: Item) => void | Promise<void>) | null = null;
  readonly #travelling: Item[] = [];
  /** When the last that was written arrives. */
  #lastAtMs = 0;

  constructor(readonly options: MemoryPairOptions, readonly windowBytes: number) {}

  /** Resolves when the window has taken the bytes. One call at a time, as an outbox makes them. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      const enter = () => {
        this.#windowUsed += bytes.length;
        resolve();
        // Copied as a kernel would, so that a giver who reuses the buffer is found out.
        this.#travel(bytes.slice());
      };
      if (this.#windowUsed === 0 || this.#windowUsed + bytes.length <= this.windowBytes) enter();
      else this.#waiting = { length: bytes.length, enter };
    });
  }

  say(item: "finished" | "closed"): void {
    this.#travel(item);
  }

  /** Starts handing over. */
  read(onItem: (item: Item) => void | Promise<void>): void {
    this.#onItem = onItem;
    this.handOver();
  }

  #travel(item: Item): void {
    // Whoever arrives first takes what was written first: the order is kept, whatever each was delayed by.
    const { clock } = this.options;
    this.#lastAtMs = Math.max(this.#lastAtMs, clock.nowMs() + latencyOf(this.options));
    this.#travelling.push(item);
    clock.after(this.#lastAtMs - clock.nowMs(), () => {
      const first = this.#travelling.shift();
      if (this.dead || first === undefined) return;
      this.#arrived.push(first);
      this.handOver();
    });
  }

  handOver(): void {
    while (!this.held && !this.dead && !this.#reading && this.#onItem !== null) {
      const item = this.#take();
      if (item === null) return;
      const pending = this.#onItem(item);
      if (typeof item !== "string") this.#windowUsed -= item.length;
      this.#letIn();
      if (pending === undefined) continue;
      this.#reading = true;
      pending.then(() => {
        this.#reading = false;
        this.handOver();
      });
    }
  }

  /** The next item, with what arrived behind it cut anew: a receiver must take any cut. */
  #take(): Item | null {
    const first = this.#arrived[0];
    if (first === undefined) return null;
    if (typeof first === "string") {
      this.#arrived.shift();
      return first;
    }
    const wanted = 1 + Math.floor(this.options.random() * (this.options.chunkBytesMax ?? 1_200));
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length < wanted) {
      const next = this.#arrived[0];
      if (next === undefined || typeof next === "string") break;
      const part = next.subarray(0, wanted - length);
      if (part.length === next.length) this.#arrived.shift();
      else this.#arrived[0] = next.subarray(part.length);
      parts.push(part);
      length += part.length;
    }
    const chunk = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      chunk.set(part, at);
      at += part.length;
    }
    return chunk;
  }

  #letIn(): void {
    const next = this.#waiting;
    if (next === null) return;
    if (this.#windowUsed > 0 && this.#windowUsed + next.length > this.windowBytes) return;
    this.#waiting = null;
    next.enter();
  }
}

class MemoryLink extends StreamLink {
  readonly kind = "memory";
  readonly hasDatagrams: boolean;
  other: MemoryLink | null = null;

  constructor(
    readonly remote: string,
    readonly outgoing: Pipe,
    readonly incoming: Pipe,
    readonly options: MemoryPairOptions,
    watch: StuckWatch,
  ) {
    const wire = options.wire ?? "quicchat/1";
    super(wire, { clock: options.clock, watch, limits: options.limits ?? {} });
    this.hasDatagrams = wire !== "chat/0";
  }

  protected sendDatagram(payload: Uint8Array): void {
    if (this.outgoing.dead || this.outgoing.held) return;
    const { random, clock, datagramJitterMs = 0 } = this.options;
    if (random() < (this.options.datagramLoss ?? 0)) return;
    const copies = random() < (this.options.datagramDoubling ?? 0) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const bytes = payload.slice();
      clock.after(latencyOf(this.options) + random() * datagramJitterMs, () => {
        if (!this.outgoing.dead && !this.outgoing.held) this.other?.deliverDatagram(bytes);
      });
    }
  }

  die(end: LinkEnd): void {
    this.gone(end);
  }

  protected write(bytes: Uint8Array): Promise<void> {
    return this.outgoing.write(bytes);
  }

  protected startReading(): void {
    this.incoming.read((item) => {
      if (item === "closed") this.gone({ why: "peer" });
      else if (item === "finished") this.peerFinished();
      else return this.deliver(item);
    });
  }

  protected finish(): boolean {
    this.outgoing.say("finished");
    return true;
  }

  protected cut(): void {
    this.outgoing.say("closed");
    this.incoming.dead = true;
  }
}

function latencyOf({ latencyMs = 0 }: MemoryPairOptions): number {
  return typeof latencyMs === "number" ? latencyMs : latencyMs();
}

/** A client's and a server's link with a network between them that does as it is told. */
export function memoryPair(options: MemoryPairOptions): MemoryPair {
  const windowBytes = options.windowBytes ?? 1_048_576;
  const up = new Pipe(options, windowBytes);
  const down = new Pipe(options, windowBytes);
  const watch = new StuckWatch(options.clock, 1_000);
  const client = new MemoryLink("server.memory", up, down, options, watch);
  const server = new MemoryLink("client.memory", down, up, options, watch);
  client.other = server;
  server.other = client;
  const kill = () => void (up.dead = down.dead = true);
  return {
    client,
    server,
    cut(says) {
      kill();
      client.die({ why: "lost", says });
      server.die({ why: "lost", says });
    },
    vanish(who, idleMs) {
      kill();
      const survivor = who === "client" ? server : client;
      options.clock.after(idleMs, () => survivor.die({ why: "lost", says: "timed out" }));
    },
    partition() {
      up.held = down.held = true;
    },
    heal() {
      up.held = down.held = false;
      up.handOver();
      down.handOver();
    },
  };
}
