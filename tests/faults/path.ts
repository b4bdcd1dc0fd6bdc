import type { Seeded } from "../fixtures/seeded.ts";
import { TcpRelay } from "./tcp-relay.ts";
import { UdpRelay } from "./udp-relay.ts";
import type { Weather } from "./weather.ts";

/** How often a port that UDP has is not free for TCP. */
const TRIES_MAX = 50;
const EPHEMERAL = { first: 20_000, last: 30_000 };

/** Between one client and the server: UDP and TCP on one port, as the server has it, through the same weather. */
export class Path {
  private constructor(readonly port: number, readonly udp: UdpRelay, readonly tcp: TcpRelay) {}

  static open(serverPort: number, chance: Seeded): Path {
    for (let tries = 1;; tries++) {
      // Chosen by the operating system's chance, not by the seed: two runs of a seed may be side by side.
      const port = EPHEMERAL.first + Math.floor(Math.random() * (EPHEMERAL.last - EPHEMERAL.first));
      let tcp: TcpRelay | null = null;
      try {
        tcp = new TcpRelay(serverPort, port, chance);
        return new Path(port, new UdpRelay(serverPort, port, chance), tcp);
      } catch (error) {
        tcp?.close();
        if (!(error instanceof Deno.errors.AddrInUse) || tries === TRIES_MAX) throw error;
      }
    }
  }

  set weather(weather: Weather) {
    this.udp.weather = weather;
    this.tcp.weather = weather;
  }

  /** Nothing gets through for a while, and nobody is told. TCP connections that lived through it would go on:
   * these don't. */
  silence(isSilent: boolean): void {
    this.udp.isSilent = isSilent;
    this.tcp.isSilent = isSilent;
    if (isSilent) this.tcp.silence();
  }

  /** The client is at another address from now on. */
  changeAddress(): void {
    this.udp.changeSource();
    this.tcp.silence();
  }

  cut(): void {
    this.tcp.cut();
  }

  close(): void {
    this.udp.close();
    this.tcp.close();
  }
}
