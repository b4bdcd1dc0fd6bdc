import type { Seeded } from "../fixtures/seeded.ts";
import { CALM, HELD_BACK_MS, type Weather } from "./weather.ts";

/** The largest packet that UDP has. */
const PACKET_BYTES_MAX = 65_536;
const HOST = "127.0.0.1";

/** One client's way through: `inside` is the address that the server sees it at. */
interface Flow {
  readonly client: Deno.Addr;
  inside: Deno.DatagramConn;
}

/** Carries packets between clients and a server as badly as its weather is. */
export class UdpRelay {
  weather: Weather = CALM;
  /** Nothing gets through, and nobody is told. */
  isSilent = false;
  readonly #outside: Deno.DatagramConn;
  readonly #flows = new Map<string, Flow>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isClosed = false;

  /** Port 0 takes a free one. */
  constructor(readonly serverPort: number, port: number, readonly chance: Seeded) {
    this.#outside = Deno.listenDatagram({ transport: "udp", hostname: HOST, port });
    this.#carryIn();
  }

  get port(): number {
    const { addr } = this.#outside;
    if (!("port" in addr)) throw new Error("not an internet address");
    return addr.port;
  }

  /** From now on the server sees every client at another port; the old ones are gone. */
  changeSource(): void {
    for (const flow of this.#flows.values()) {
      flow.inside.close();
      this.#openInside(flow);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#outside.close();
    for (const { inside } of this.#flows.values()) inside.close();
  }

  #carryIn(): void {
    const server: Deno.NetAddr = { transport: "udp", hostname: HOST, port: this.serverPort };
    this.#each(this.#outside, (packet, client) => {
      const key = JSON.stringify(client);
      let flow = this.#flows.get(key);
      if (flow === undefined) {
        flow = { client, inside: this.#outside };
        this.#openInside(flow);
        this.#flows.set(key, flow);
      }
      const { inside } = flow;
      this.#pass(packet, (bytes) => inside.send(bytes, server));
    });
  }

  #openInside(flow: Flow): void {
    flow.inside = Deno.listenDatagram({ transport: "udp", hostname: HOST, port: 0 });
    const { client } = flow;
    this.#each(flow.inside, (packet) => this.#pass(packet, (bytes) => this.#outside.send(bytes, client)));
  }

  async #each(from: Deno.DatagramConn, take: (packet: Uint8Array, sender: Deno.Addr) => void): Promise<void> {
    const buffer = new Uint8Array(PACKET_BYTES_MAX);
    for (;;) {
      try {
        const [packet, sender] = await from.receive(buffer);
        take(packet.slice(), sender);
      } catch {
        // The socket was closed, by `close` or by `changeSource`.
        return;
      }
    }
  }

  #pass(packet: Uint8Array, send: (packet: Uint8Array) => Promise<number>): void {
    const { chance, weather } = this;
    if (this.isSilent || chance.next() < weather.loss) return;
    const copies = chance.next() < weather.doubling ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const heldMs = chance.next() < weather.reordering ? weather.jitterMs + HELD_BACK_MS : 0;
      const delayMs = weather.delayMs + weather.jitterMs * chance.next() + heldMs;
      if (delayMs === 0) this.#send(packet, send);
      else {
        const timer = setTimeout(() => {
          this.#timers.delete(timer);
          this.#send(packet, send);
        }, delayMs);
        this.#timers.add(timer);
      }
    }
  }

  #send(packet: Uint8Array, send: (packet: Uint8Array) => Promise<number>): void {
    // A packet that can't be sent is a lost one: the socket may be closed meanwhile, its buffer full.
    if (!this.#isClosed && !this.isSilent) send(packet).catch(() => {});
  }
}
