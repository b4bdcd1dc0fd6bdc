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
const FILLING: Talk = { messages: 1_600, perSecond: 60, textBytes: 1_000 };
/** The bar for the others. */
const P99_TIMES_MAX = 2;
/** On a machine where everything takes microseconds twice of nothing is noise. */
const P99_FROM_MS = 20;
/** One that is stuck has at most a write of 128 kB under way, in the runtime's hands up to three times (as it was
 * given, on its way into the native side, and unacknowledged in QUIC); and 250 kB of its own. */
const GROWTH_MB_EACH = 0.65;
/** The second round must find the memory of the first: the allocator keeps what was freed, and so does no more. */
const AGAIN_TIMES_MAX = 1.25;
const ROUNDS = 2;
/** Until what is not needed has been given back. */
const REST_MS = 15_000;

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

/** What one round showed. */
interface Round {
  readonly before: Heard;
  readonly meanwhile: Heard;
  readonly givenUp: number;
  readonly caughtUpMs: number;
  readonly joinedMb: number;
  readonly growthMb: number;
  readonly afterMb: number;
}

type Violate = (rule: Broken["rule"], says: string) => void;

/** 500 join, stop reading while the others talk, read on, get everything, and leave. */
async function stopReading(
  pid: number,
  readers: CrowdProcess,
  slow: CrowdProcess,
  talk: Talk,
  violate: Violate,
): Promise<Round> {
  // Whoever joins gets what was said before.
  await slow.answer(`go-on ${(await readers.answer("standing")).offset}`);
  const joinedMb = residentMb(pid);
  const before: Heard = await readers.answer(`talk ${JSON.stringify(talk)}`);
  await slow.answer("hold");
  const peakMb = watchMemory(pid);
  const filling: Heard = await readers.answer(`talk ${JSON.stringify(FILLING)}`);
  const stuck = await slow.answer("standing");
  const meanwhile: Heard = await readers.answer(`talk ${JSON.stringify(talk)}`);
  const growthMb = peakMb() - joinedMb;
  const { offset, gaps } = await readers.answer("standing");
  const ended = before.ended + filling.ended + meanwhile.ended;
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
  return { before, meanwhile, givenUp, caughtUpMs, joinedMb, growthMb, afterMb: residentMb(pid) };
}

async function run({ minutes, say }: TrialOptions): Promise<Outcome> {
  const violations: Broken[] = [];
  const violate: Violate = (rule, says) => void violations.push({ rule, says });
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
    const messages = Math.max(100, Math.round(minutes * 30 * ORDINARY.perSecond));
    const readers = await crowd("reader", READERS);
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const slow = await crowd(`slow ${round}`, SLOW);
      rounds.push(await stopReading(server.pid, readers, slow, { ...ORDINARY, messages }, violate));
      say(saysOf(rounds.at(-1)));
    }
    for (const { before, meanwhile, growthMb } of rounds) {
      const ratio = meanwhile.p99Ms / Math.max(P99_FROM_MS, before.p99Ms);
      if (ratio > P99_TIMES_MAX) {
        violate("bounded", `the others' p99 is ${ratio.toFixed(1)} times what it was`);
      }
      if (growthMb > SLOW * GROWTH_MB_EACH) {
        violate("bounded", `the server grew by ${growthMb.toFixed(0)} MB`);
      }
    }
    const [first, last] = [rounds[0]?.afterMb ?? 0, rounds.at(-1)?.afterMb ?? 0];
    if (last > first * AGAIN_TIMES_MAX) {
      violate(
        "bounded",
        `the server has ${last.toFixed(0)} MB after the last round, ${first.toFixed(0)} after the first`,
      );
    }
    return { violations, says: `${SLOW} of ${READERS + SLOW} stopped reading, ${ROUNDS} times` };
  } finally {
    for (const one of crowds) await one.end();
  }
}

function saysOf(round: Round | undefined): string {
  if (round === undefined) return "";
  const { before, meanwhile, givenUp, caughtUpMs, joinedMb, growthMb, afterMb } = round;
  return `the others' p99 from saying to hearing was ${seconds(before.p99Ms)} before and ` +
    `${seconds(meanwhile.p99Ms)} meanwhile (medians ${seconds(before.p50Ms)} and ${
      seconds(meanwhile.p50Ms)
    }, ` +
    `${meanwhile.deliveries} deliveries), ${givenUp} links were given up; everybody had everything ` +
    `${seconds(caughtUpMs)} after reading on; the server had ${
      joinedMb.toFixed(0)
    } MB with all there, at most ` +
    `${growthMb.toFixed(0)} MB more meanwhile, and ${afterMb.toFixed(0)} MB when they had left`;
}

export const slow: Trial = {
  name: "slow",
  says: `${SLOW} of ${READERS + SLOW} members stop reading`,
  missing: () => Promise.resolve(Deno.build.os === "linux" ? null : "memory is read from Linux's /proc"),
  run,
};
