/** A server under attack: what its honest clients notice, and what it costs the server. */
import { fileURLToPath } from "node:url";
import { connect } from "../../src/client/mod.ts";
import type { RunningServer } from "../e2e/running-server.ts";
import { HonestPair } from "../fixtures/honest-pair.ts";
import { residentMb, watchMemory } from "../fixtures/memory.ts";
import { type Force, pause, type Tally } from "./attack.ts";
import type { Orders } from "./attacker.ts";
import type { AttackName } from "./attacks.ts";

/** A newcomer that is not in by then gave up (the bar of the half-open flood). */
const NEWCOMER_MS = 5_000;
/** Between two newcomers of one way. */
const NEWCOMER_EVERY_MS = 500;
/** An attacker that takes so much longer than it was told to hangs, and is killed. */
const HANGS_S = 60;
/** How long the pair talks before and after: about 40 questions a second. */
const CALM_MS = 2_000;

export interface Waits {
  readonly rounds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Newcomers {
  readonly tried: number;
  /** Within 5 s. */
  readonly in: number;
  readonly slowestMs: number;
}

export interface Siege {
  readonly attack: AttackName;
  readonly tally: Tally;
  readonly before: Waits;
  readonly during: Waits;
  readonly after: Waits;
  readonly beforeMb: number;
  readonly peakMb: number;
  readonly afterMb: number;
  /** By `quic://`, which has no other way in, and by `http://`, which falls back to a WebSocket. */
  readonly newcomers: { readonly quic: Newcomers; readonly any: Newcomers };
}

/** Attacks a server while an honest pair talks and honest newcomers come. */
export async function besiege(server: RunningServer, attack: AttackName, force: Force): Promise<Siege> {
  const pair = await HonestPair.begin(server);
  await pair.stillTalks();
  const mark = () => pair.waitsMs.length;
  const begin = mark();
  await pause(CALM_MS);
  const beforeMb = residentMb(server.pid);
  const from = mark();
  const peak = watchMemory(server.pid);
  const newcomers = new Welcome(server);
  const tally = await attackWith({ attack, target: { port: server.port, dataDir: server.dataDir }, force });
  const to = mark();
  const came = await newcomers.end();
  await pair.stillTalks();
  const calm = mark();
  await pause(CALM_MS);
  const waits = pair.waitsMs.slice();
  await pair.end();
  const peakMb = peak();
  return {
    attack,
    tally,
    before: waitsOf(waits.slice(begin, from)),
    // What was asked in the last moment of it was answered after it.
    during: waitsOf(waits.slice(from, to + 1)),
    after: waitsOf(waits.slice(calm)),
    beforeMb,
    peakMb,
    afterMb: residentMb(server.pid),
    newcomers: came,
  };
}

const program = fileURLToPath(new URL("attacker.ts", import.meta.url));

/** Runs one attack in a process of its own, which gives way to the others: what is measured is what the server
 * does, not who gets the processor. */
async function attackWith(orders: Orders): Promise<Tally> {
  const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", "--no-check", program];
  const [command = "", ...args] = Deno.build.os === "windows" ? deno : ["nice", "-n", "19", ...deno];
  const child = new Deno.Command(command, {
    args: [...args, JSON.stringify(orders)],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), (orders.force.seconds + HANGS_S) * 1_000);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const text = new TextDecoder();
  if (code !== 0) throw new Error(`${orders.attack}: the attacker failed (${code}): ${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout));
}

/** Honest people who come one after the other, by two ways, while it lasts. */
class Welcome {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #coming: Promise<void>[] = [];
  readonly #waitsMs = { quic: [] as (number | null)[], any: [] as (number | null)[] };

  constructor(readonly server: RunningServer) {
    this.#timer = setInterval(() => {
      this.#coming.push(this.#come("quic"), this.#come("any"));
    }, NEWCOMER_EVERY_MS);
  }

  async end(): Promise<Siege["newcomers"]> {
    clearInterval(this.#timer);
    await Promise.all(this.#coming);
    const sum = (waits: readonly (number | null)[]) => {
      const those = waits.filter((ms) => ms !== null);
      return { tried: waits.length, in: those.length, slowestMs: Math.max(0, ...those) };
    };
    return { quic: sum(this.#waitsMs.quic), any: sum(this.#waitsMs.any) };
  }

  async #come(way: "quic" | "any"): Promise<void> {
    const url = `${way === "quic" ? "quic" : "http"}://127.0.0.1:${this.server.port}`;
    const startMs = performance.now();
    const client = connect(url, { name: "newcomer" });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void client.close();
    }, NEWCOMER_MS);
    try {
      await client.live();
      this.#waitsMs[way].push(performance.now() - startMs);
    } catch (error) {
      if (!late) throw error;
      this.#waitsMs[way].push(null);
    } finally {
      clearTimeout(timer);
      await client.close();
    }
  }
}

export function waitsOf(waitsMs: readonly number[]): Waits {
  const sorted = [...waitsMs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { rounds: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** One line for a person. */
export function lineOf(siege: Siege): string {
  const { before, during, after, newcomers } = siege;
  const ms = (value: number) => value.toFixed(value < 10 ? 1 : 0);
  const came = ({ tried, in: those, slowestMs }: Newcomers) =>
    `${those}/${tried} (${slowestMs.toFixed(0)} ms)`;
  return [
    siege.attack.padEnd(32),
    `p99 ${ms(before.p99Ms)} / ${ms(during.p99Ms)} / ${ms(after.p99Ms)} ms`,
    `p50 ${ms(before.p50Ms)} / ${ms(during.p50Ms)}`,
    `rss ${siege.beforeMb.toFixed(0)} / ${siege.peakMb.toFixed(0)} / ${siege.afterMb.toFixed(0)} MB`,
    `in by quic ${came(newcomers.quic)}, any ${came(newcomers.any)}`,
    JSON.stringify(siege.tally),
  ].join("  ");
}
