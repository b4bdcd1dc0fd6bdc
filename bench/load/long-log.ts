/** The load generator of `shapes/long-log.ts`: one who pages through the past and searches it, over a link. */
import { KINDS } from "../log/questions.ts";
import { ALL_ROOMS } from "../log/talk.ts";
import { quantile } from "../quantile.ts";
import { Seeded } from "../../tests/fixtures/seeded.ts";
import { comeIn } from "./coming-in.ts";
import { cpuSeconds } from "./cpu.ts";
import { read, type ServerAt } from "./quicchat-session.ts";

export interface LongLogTask extends ServerAt {
  readonly pages: number;
  /** Of each kind. */
  readonly searches: number;
}

export interface LongLogResult {
  /** Of the newest page of each room. */
  readonly newestP50Ms: number;
  readonly newestP95Ms: number;
  /** Of a page anywhere in the past. */
  readonly pageP50Ms: number;
  readonly pageP95Ms: number;
  /** Of all kinds of question but the one that is made to be slow. */
  readonly searchP50Ms: number;
  readonly searchP95Ms: number;
  /** Of the kind whose p95 is the highest. */
  readonly slowestP95Ms: number;
  readonly loadCpuSeconds: number;
  readonly seconds: number;
  readonly fault: string | null;
}

const PAGE_EVENTS = 50;
/** Before it is measured: both sides and the system's cache get warm. */
const WARM_UP = 50;

async function run(task: LongLogTask): Promise<LongLogResult> {
  let fault: string | null = null;
  let answered: (answer: Record<string, unknown>) => void = () => {};
  const { session, joined } = await comeIn(task, {
    name: "reader",
    positions: () => ALL_ROOMS.map((room) => ({ room })),
    heard: () => {},
    told: (_kind, line) => {
      const answer = read(line);
      if (answer["type"] === "CHAT_PAGE" || answer["type"] === "CHAT_FOUND") answered(answer);
    },
    refused: (says) => fault ??= says,
    lost: (says) => fault ??= says,
  });
  const heads = new Map(joined.map(({ room, head }): [string, number] => [String(room), Number(head)]));
  let asked = 0;
  /** The answer, and the milliseconds from asking to having read it. */
  const ask = async (question: object): Promise<[Record<string, unknown>, number]> => {
    const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
    answered = resolve;
    const startMs = performance.now();
    session.say({ seq: ++asked, ts: 0, ...question });
    const answer = await promise;
    if (answer["ack"] !== asked) fault ??= `${answer["type"]} answers ${answer["ack"]}, not ${asked}`;
    return [answer, performance.now() - startMs];
  };
  const page = async (room: string, before: number | null): Promise<number> => {
    const [answer, tookMs] = await ask({
      type: "CHAT_HISTORY",
      room,
      limit: PAGE_EVENTS,
      ...(before === null ? {} : { before }),
    });
    const last = before === null ? heads.get(room) ?? NaN : before - 1;
    fault ??= faultOfPage(answer["events"], last);
    return tookMs;
  };
  const chance = new Seeded(7);
  const somewhere = () => {
    const room = ALL_ROOMS[chance.from(0, ALL_ROOMS.length - 1)] ?? "";
    return page(room, chance.from(PAGE_EVENTS + 1, heads.get(room) ?? NaN));
  };
  for (let n = 0; n < WARM_UP; n++) await somewhere();
  console.log("begin");
  const [startMs, startCpu] = [performance.now(), cpuSeconds()];
  const newest: number[] = [];
  for (const room of ALL_ROOMS) newest.push(await page(room, null));
  const anywhere: number[] = [];
  for (let n = 0; n < task.pages; n++) anywhere.push(await somewhere());
  const kinds: number[][] = [];
  for (const { rooms, query, isWorst = false } of KINDS) {
    if (isWorst) continue;
    const times: number[] = [];
    for (let n = 0; n < task.searches; n++) {
      const [answer, tookMs] = await ask({ type: "CHAT_SEARCH", query: query(n), rooms, limit: 20 });
      if (answer["behind"] === true) fault ??= "the search has not read all of the log";
      times.push(tookMs);
    }
    kinds.push(times);
  }
  const seconds = (performance.now() - startMs) / 1_000;
  const loadCpuSeconds = cpuSeconds() - startCpu;
  console.log("end");
  session.leave();
  const searches = kinds.flat();
  return {
    newestP50Ms: quantile(newest, 0.5),
    newestP95Ms: quantile(newest, 0.95),
    pageP50Ms: quantile(anywhere, 0.5),
    pageP95Ms: quantile(anywhere, 0.95),
    searchP50Ms: quantile(searches, 0.5),
    searchP95Ms: quantile(searches, 0.95),
    slowestP95Ms: Math.max(...kinds.map((times) => quantile(times, 0.95))),
    loadCpuSeconds,
    seconds,
    fault,
  };
}

/** A page is whole: ascending without hole up to its last. */
function faultOfPage(events: unknown, last: number): string | null {
  const offsets = Array.isArray(events) ? events.map(({ offset }) => Number(offset)) : [];
  const first = last - offsets.length + 1;
  return offsets.length === PAGE_EVENTS && offsets.every((offset, at) => offset === first + at)
    ? null
    : `a page up to ${last} has ${offsets.length} events from ${offsets[0]} to ${offsets.at(-1)}`;
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(Deno.args[0] ?? "{}"))));
  Deno.exit(0);
}
