/** A server under attack: what its honest clients notice, and what it costs the server. */
import { fileURLToPath } from "node:url";
import { connect } from "../../src/client/mod.ts";
import type { RunningServer } from "../e2e/running-server.ts";
import { HonestPair } from "../fixtures/honest-pair.ts";
import { processorSeconds, residentMb, watchMemory } from "../fixtures/memory.ts";
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

export interface SizedAttack {
  readonly attack: AttackName;
  readonly force: Force;
}

/** One attack, or several at once, as those saw it who were there. */
export interface Report {
  readonly attacks: readonly AttackName[];
  /** One an attack. */
  readonly tallies: readonly Tally[];
  readonly waits: Waits;
  readonly startMb: number;
  readonly peakMb: number;
  readonly endMb: number;
  /** Processor time that the server took, in seconds a second. */
  readonly cores: number;
  readonly newcomers: WayNewcomers;
}

/** By `quic://`, which has no other way in, and by `http://`, which falls back to a WebSocket. */
export interface WayNewcomers {
  readonly quic: Newcomers;
  readonly any: Newcomers;
}

/** Two who talk on a server, before, during and after attacks on it, and newcomers meanwhile. */
export class Siege {
  readonly #server: RunningServer;
  readonly #pair: HonestPair;

  private constructor(server: RunningServer, pair: HonestPair) {
    this.#server = server;
    this.#pair = pair;
  }

  static async begin(server: RunningServer): Promise<Siege> {
    const pair = await HonestPair.begin(server);
    await pair.stillTalks();
    return new Siege(server, pair);
  }

  /** How the two fare while nobody attacks. */
  async calm(): Promise<Waits> {
    await this.#pair.stillTalks();
    const from = this.#pair.waitsMs.length;
    await pause(CALM_MS);
    return waitsOf(this.#pair.waitsMs.slice(from));
  }

  async attack(sized: readonly SizedAttack[]): Promise<Report> {
    const { port, dataDir, pid } = this.#server;
    const from = this.#pair.waitsMs.length;
    const startMb = residentMb(pid);
    const peak = watchMemory(pid);
    const newcomers = new Welcome(this.#server);
    const startMs = performance.now();
    const startCpuS = processorSeconds(pid);
    const tallies = await attackWith({ target: { port, dataDir }, attacks: sized });
    const cores = (processorSeconds(pid) - startCpuS) / ((performance.now() - startMs) / 1_000);
    // What was asked last is waited for: if it takes long, that is what was to be seen.
    await this.#pair.stillTalks();
    const waits = waitsOf(this.#pair.waitsMs.slice(from));
    const came = await newcomers.end();
    const attacks = sized.map(({ attack }) => attack);
    const endMb = residentMb(pid);
    return { attacks, tallies, waits, startMb, peakMb: peak(), endMb, cores, newcomers: came };
  }

  /** Ends their talk, in which nothing may have been lost, doubled or refused. */
  async end(): Promise<void> {
    await this.#pair.stillTalks();
    await this.#pair.end();
  }
}

const program = fileURLToPath(new URL("attacker.ts", import.meta.url));

/** Runs them in a process of their own, which gives way to the others: what is measured is what the server
 * does, not who gets the processor. */
async function attackWith(orders: Orders): Promise<Tally[]> {
  const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", "--no-check", program];
  const [command = "", ...args] = Deno.build.os === "windows" ? deno : ["nice", "-n", "19", ...deno];
  const child = new Deno.Command(command, {
    args: [...args, JSON.stringify(orders)],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const seconds = Math.max(...orders.attacks.map(({ force }) => force.seconds)) + HANGS_S;
  const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1_000);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const text = new TextDecoder();
  if (code !== 0 || stdout.length === 0) {
    throw new Error(`the attacker failed (${code}): ${text.decode(stderr)}`);
  }
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

  async end(): Promise<WayNewcomers> {
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

/** One line for a person, and one an attack. */
export function linesOf(report: Report): string {
  const { attacks, tallies, waits, startMb, peakMb, endMb, cores, newcomers } = report;
  const ms = (value: number) => value.toFixed(value < 10 ? 1 : 0);
  const mb = [startMb, peakMb, endMb].map((value) => value.toFixed(0)).join(" / ");
  const came = ({ tried, in: those, slowestMs }: Newcomers) =>
    `${those}/${tried} in ${slowestMs.toFixed(0)} ms`;
  const did = attacks.map((attack, index) => {
    const numbers = Object.entries(tallies[index] ?? {}).map(([name, value]) => `${name} ${value}`);
    return `${attack}: ${numbers.join(", ")}`;
  });
  return `${did.join("\n")}\n  p50 ${ms(waits.p50Ms)} p99 ${
    ms(waits.p99Ms)
  } ms of ${waits.rounds} questions, ` +
    `${cores.toFixed(2)} cores, ${mb} MB, newcomers ${came(newcomers.quic)}, ${came(newcomers.any)}`;
}

/** What a server says of itself when something went past its guards. */
export function complaintsOf(output: string, attacks: readonly AttackName[]): string[] {
  return output.split("\n").filter((line) =>
    /"(escaped-|session-failed|rules-failed|effect-|store-|http-handler-failed|connection-failed)/.test(
      line,
    ) &&
    // Rejected inside of the runtime, where only the process's guard sees it (process_killers_test.ts, K2).
    !(attacks.includes("empty datagrams") && line.includes("escaped-rejection"))
  );
}
