/** Some hundred members of one room in one process, as light as can be. Takes what it is as JSON, obeys what comes
 * by standard input, a word and JSON a line, and answers each with a line of JSON. */
import { DenseReader } from "../fixtures/dense-reader.ts";
import { TextLineStream } from "./text-lines.ts";
import { percentile } from "./trial.ts";

export interface Crowd {
  readonly name: string;
  readonly port: number;
  readonly dataDir: string;
  readonly count: number;
  /** Bytes that may be unconfirmed; null for every second one leaves it to the transport. */
  readonly windowBytes: number;
}

export interface Talk {
  readonly messages: number;
  readonly perSecond: number;
  readonly textBytes: number;
}

/** How long from the saying to each one's hearing, over all of them, in milliseconds. */
export interface Heard {
  /** Links that were lost meanwhile, and made again. */
  readonly ended: number;
  readonly deliveries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

const ROOM = "hall";
/** So many join at a time: a server takes 512 handshakes at once. */
const JOINING_MAX = 20;
const ATTEMPTS_MAX = 8;
const AGAIN_MS = 250;

const crowd: Crowd = JSON.parse(Deno.args[0] ?? "");
const readers = Array.from({ length: crowd.count }, (_, at) =>
  new DenseReader(crowd, {
    name: `${crowd.name} ${at}`,
    room: ROOM,
    window: at % 2 === 0 ? crowd.windowBytes : null,
  }));

async function joinAll(those: readonly DenseReader[]): Promise<void> {
  for (let at = 0; at < those.length; at += JOINING_MAX) {
    await Promise.all(those.slice(at, at + JOINING_MAX).map(join));
  }
}

/** As any client does: a server that is busy with hundreds who catch up may be late for a handshake. */
async function join(reader: DenseReader): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await reader.join();
    } catch (error) {
      if (attempt === ATTEMPTS_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS * attempt));
    }
  }
}

/** Reads on, and comes back as often as its link ends, until it has that. Gives how often it ended. */
async function reach(reader: DenseReader, offset: number, seen: () => void = () => {}): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  reader.onOffset = () => {
    seen();
    if (reader.offset >= offset) resolve();
  };
  reader.goOn();
  reader.onOffset();
  for (let times = 0;; times++) {
    if (reader.end !== null) await join(reader);
    await Promise.race([promise, reader.ended]);
    if (reader.offset >= offset) return times;
  }
}

/** Only this crowd's first member talks, so that it knows the offsets. */
async function talk({ messages, perSecond, textBytes }: Talk): Promise<Heard> {
  const [speaker] = readers;
  if (speaker === undefined) throw new Error("nobody is there to talk");
  const from = speaker.offset;
  const saidAtMs: number[] = [];
  const tookMs: number[] = [];
  const done = Promise.all(readers.map((reader) => {
    let seen = reader.offset;
    return reach(reader, from + messages, () => {
      const nowMs = performance.now();
      for (; seen < reader.offset; seen++) tookMs.push(nowMs - (saidAtMs[seen - from] ?? nowMs));
    });
  }));
  const text = "x".repeat(textBytes);
  const startMs = performance.now();
  for (let n = 0; n < messages; n++) {
    const waitMs = startMs + n * 1_000 / perSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    saidAtMs.push(performance.now());
    speaker.say(text);
  }
  const ended = (await done).reduce((sum, times) => sum + times, 0);
  tookMs.sort((a, b) => a - b);
  return {
    ended,
    deliveries: tookMs.length,
    p50Ms: percentile(tookMs, 0.5),
    p99Ms: percentile(tookMs, 0.99),
    mostMs: tookMs.at(-1) ?? 0,
  };
}

async function obey(word: string, value: string): Promise<object> {
  switch (word) {
    case "talk":
      return await talk(JSON.parse(value));
    case "hold":
      for (const reader of readers) reader.hold();
      return {};
    case "go-on": {
      const times = await Promise.all(readers.map((reader) => reach(reader, Number(value))));
      return { givenUp: times.filter((one) => one > 0).length };
    }
    case "standing":
      return {
        offset: Math.min(...readers.map(({ offset }) => offset)),
        gaps: readers.reduce((sum, { gaps }) => sum + gaps, 0),
        ended: readers.filter(({ end }) => end !== null).length,
      };
    case "leave":
      await Promise.all(readers.map((reader) => reader.leave()));
      return {};
    default:
      throw new Error(`a crowd does not know the word ${word}`);
  }
}

await joinAll(readers);
console.log("{}");
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
for await (const line of lines) {
  const space = `${line} `.indexOf(" ");
  console.log(JSON.stringify(await obey(line.slice(0, space), line.slice(space + 1))));
}
Deno.exit();
