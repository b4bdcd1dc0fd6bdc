/** 500 of 1,000 members stop reading: the others notice nothing, and the server keeps nothing for them. */
import { fileURLToPath } from "node:url";
import { startServer } from "../e2e/running-server.ts";
import { residentMb, watchMemory } from "../fixtures/memory.ts";
import type { Crowd, Heard, Talk } from "./crowd-process.ts";
import type { Broken } from "./scene.ts";
import { TextLineStream } from "./text-lines.ts";
import { type Outcome, pause, seconds, type Trial, type TrialOptions } from "./trial.ts";

const CROWD = fileURLToPath(new URL("crowd-process.ts", import.meta.url));
const READERS = 500;
const SLOW = 500;
const WINDOW_BYTES = 262_144;
/** Modest, since server and 1,000 clients share the machine. */
const ORDINARY: Omit<Talk, "messages"> = { perSecond: 10, textBytes: 200 };
/** What a reader over QUIC may have under way unread is 1.25 MB: this is more, so that they are stuck. */
const FILLING: Talk = { messages: 1_600, perSecond: 200, textBytes: 1_000 };
/** The bar for the others. */
const P99_TIMES_MAX = 2;
/** On a machine where everything takes microseconds twice of nothing is noise. */
const P99_FROM_MS = 20;
const GROWTH_MB_MAX = 300;
/** Of what the server had when everybody was there; the garbage collector has its own mind. */
const BACK_TIMES_MAX = 1.5;
/** Until what is not needed has been given back. */
const REST_MS = 20_000;

class CrowdProcess {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<string>;

  constructor(crowd: Crowd) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-all", CROWD, JSON.stringify(crowd)],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#answers = this.#child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
      .getReader();
  }

  /** Resolves with the answer; the first one, without words, comes when all have joined. */
  async answer(words: string | null) {
    if (words !== null) await this.#stdin.write(new TextEncoder().encode(`${words}\n`));
    const { value } = await this.#answers.read();
    if (value === undefined) throw new Error(`a crowd ended while it was told to ${words ?? "join"}`);
    return JSON.parse(value);
  }

  async end(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
  }
}

async function run({ minutes }: TrialOptions): Promise<Outcome> {
  const violations: Broken[] = [];
  const violate = (rule: Broken["rule"], says: string) => void violations.push({ rule, says });
  await using server = await startServer(["--rate", "1000000"]);
  const { port, dataDir } = server;
  const crowds: CrowdProcess[] = [];
  const crowd = async (name: string, count: number) => {
    const made = new CrowdProcess({ name, port, dataDir, count, windowBytes: WINDOW_BYTES });
    crowds.push(made);
    await made.answer(null);
    return made;
  };
  try {
    const talk: Talk = {
      ...ORDINARY,
      messages: Math.max(100, Math.round(minutes * 30 * ORDINARY.perSecond)),
    };
    const readers = await crowd("reader", READERS);
    const slow = await crowd("slow", SLOW);
    const joinedMb = residentMb(server.pid);
    const before: Heard = await readers.answer(`talk ${JSON.stringify(talk)}`);
    await slow.answer("hold");
    const peakMb = watchMemory(server.pid);
    await readers.answer(`talk ${JSON.stringify(FILLING)}`);
    const stuck = await slow.answer("standing");
    const meanwhile: Heard = await readers.answer(`talk ${JSON.stringify(talk)}`);
    const growthMb = peakMb() - joinedMb;
    const { offset, gaps, ended } = await readers.answer("standing");
    if (gaps > 0 || ended > 0) {
      violate("dense-offsets", `${gaps} holes and ${ended} ended links among the others`);
    }
    if (stuck.offset >= offset) violate("trouble", "nobody was slow: this shows nothing");

    const backMs = performance.now();
    const { givenUp } = await slow.answer(`go-on ${offset}`);
    const caughtUpMs = performance.now() - backMs;
    const caughtUp = await slow.answer("standing");
    if (caughtUp.gaps > 0) violate("dense-offsets", `${caughtUp.gaps} holes among those who came back`);
    await slow.answer("leave");
    await pause(REST_MS);
    const afterMb = residentMb(server.pid);
    const ratio = meanwhile.p99Ms / Math.max(P99_FROM_MS, before.p99Ms);
    if (ratio > P99_TIMES_MAX) violate("bounded", `the others' p99 is ${ratio.toFixed(1)} times what it was`);
    if (growthMb > GROWTH_MB_MAX) violate("bounded", `the server grew by ${growthMb.toFixed(0)} MB`);
    if (afterMb > joinedMb * BACK_TIMES_MAX) {
      violate("bounded", `the server has ${afterMb.toFixed(0)} MB afterwards, had ${joinedMb.toFixed(0)}`);
    }
    return {
      violations,
      says: `${SLOW} of ${READERS + SLOW} stopped reading: the others' p99 from saying to hearing was ` +
        `${seconds(before.p99Ms)} before and ${seconds(meanwhile.p99Ms)} meanwhile (medians ` +
        `${seconds(before.p50Ms)} and ${
          seconds(meanwhile.p50Ms)
        }, ${meanwhile.deliveries} deliveries), ${givenUp} ` +
        `links were given up; everybody had everything ${
          seconds(caughtUpMs)
        } after reading on; the server had ` +
        `${joinedMb.toFixed(0)} MB with all there, at most ${growthMb.toFixed(0)} MB more meanwhile, and ` +
        `${afterMb.toFixed(0)} MB when they had left`,
    };
  } finally {
    for (const one of crowds) await one.end();
  }
}

export const slow: Trial = {
  name: "slow",
  says: `${SLOW} of ${READERS + SLOW} members stop reading`,
  missing: () => Promise.resolve(Deno.build.os === "linux" ? null : "memory is read from Linux's /proc"),
  run,
};
