/** The load generator of `shapes/big-room.ts`: one message at a time, and everybody hears it. */
import { quantile } from "../quantile.ts";
import { cpuSeconds } from "./cpu.ts";
import { Crowd } from "./crowd.ts";
import { pause } from "./pause.ts";
import type { ServerAt } from "./quicchat-session.ts";

export interface BigRoomTask extends ServerAt {
  readonly members: number;
  readonly messages: number;
  readonly textBytes: number;
}

export interface BigRoomResult {
  readonly deliveries: number;
  /** From sending until the last of all has it. */
  readonly lastP50Ms: number;
  readonly lastWorstMs: number;
  /** From sending until half of them have it. */
  readonly halfP50Ms: number;
  readonly joinSeconds: number;
  /** See `Crowd.failures`. */
  readonly failures: number;
  readonly loadCpuSeconds: number;
  readonly seconds: number;
  readonly fault: string | null;
}

const ROOM = "hall";
/** Presence of the last who came is told. */
const SETTLE_MS = 2_000;
/** Between two messages: the acknowledgements of the one before would else fill the server's socket, and the next
 * message be lost in them. */
const REST_MS = 500;
/** The first messages warm up both sides. */
const WARM_UP = 3;
const SILENCE_MS = 20_000;

async function run(task: BigRoomTask): Promise<BigRoomResult> {
  const { members, messages, textBytes } = task;
  const newest = new Float64Array(members);
  let deliveries = 0;
  let missing = 0;
  let fault: string | null = null;
  let onHalf = () => {};
  let onAll = () => {};
  const joinMs = performance.now();
  const crowd = await Crowd.join({
    at: task,
    members,
    roomsOf: () => [ROOM],
    heard: (index, offset) => {
      deliveries++;
      if (offset !== (newest[index] ?? NaN) + 1) {
        fault ??= `member ${index} got ${offset} after ${newest[index]}`;
      }
      newest[index] = offset;
      missing--;
      if (missing === members >> 1) onHalf();
      if (missing === 0) onAll();
    },
  });
  const joinSeconds = (performance.now() - joinMs) / 1_000;
  await pause(SETTLE_MS);
  const lasts: number[] = [];
  const halves: number[] = [];
  const sendOne = async (number: number) => {
    const all = Promise.withResolvers<void>();
    missing = members;
    let halfMs = NaN;
    onHalf = () => halfMs = performance.now();
    onAll = () => all.resolve();
    const silence = setTimeout(
      () => all.reject(new Error(`${missing} of ${members} did not hear message ${number}`)),
      SILENCE_MS,
    );
    const sentMs = performance.now();
    const receipt = crowd.say(number % members, ROOM, `message ${number} `.padEnd(textBytes, "."));
    await all.promise;
    clearTimeout(silence);
    lasts.push(performance.now() - sentMs);
    halves.push(halfMs - sentMs);
    await receipt;
    await pause(REST_MS);
  };
  for (let number = 0; number < WARM_UP; number++) await sendOne(number);
  lasts.length = halves.length = deliveries = 0;
  console.log("begin");
  const [startMs, startCpu] = [performance.now(), cpuSeconds()];
  for (let number = 0; number < messages; number++) await sendOne(WARM_UP + number);
  const seconds = (performance.now() - startMs - messages * REST_MS) / 1_000;
  const loadCpuSeconds = cpuSeconds() - startCpu;
  console.log("end");
  // Long enough for a doubled one to show.
  await pause(300);
  if (deliveries !== members * messages) fault ??= `${deliveries} of ${members * messages} deliveries`;
  return {
    deliveries,
    lastP50Ms: quantile(lasts, 0.5),
    lastWorstMs: Math.max(...lasts),
    halfP50Ms: quantile(halves, 0.5),
    joinSeconds,
    failures: crowd.failures,
    loadCpuSeconds,
    seconds,
    fault: crowd.lost[0] ?? fault,
  };
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(Deno.args[0] ?? "{}"))));
  Deno.exit(0);
}
