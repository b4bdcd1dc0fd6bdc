/** The load generator: one process, started with its task as JSON. Prints `begin` and `end` around what is measured,
 * and then the result as JSON. */
import { quantile } from "../quantile.ts";
import { cpuSeconds } from "./cpu.ts";
import type { Member } from "./member.ts";
import { pause } from "./pause.ts";
import { fillHall, Talk } from "./talk.ts";
import type { TalkAt, TalkResult } from "./task.ts";
import { wireOf } from "./voices.ts";

/** Presence of the last who came is told within half a second. */
const SETTLE_MS = 600;

async function run(task: TalkAt): Promise<TalkResult> {
  const wire = wireOf(task.wire);
  const members: Member[] = [];
  const halls: Talk[] = [];
  for (let hall = 0; hall < task.halls; hall++) {
    const there = await fillHall(task, wire, hall);
    members.push(...there);
    halls.push(new Talk(task, there, wire));
  }
  await pause(SETTLE_MS);
  const share = Math.ceil(task.messages / task.halls);
  for (const hall of halls) await hall.send(Math.ceil(share / 5));
  for (const member of members) member.startAnew();
  console.log("begin");
  const startCpu = cpuSeconds();
  const startMs = performance.now();
  for (const hall of halls) await hall.send(share);
  const seconds = (performance.now() - startMs) / 1000;
  const loadCpuSeconds = cpuSeconds() - startCpu;
  console.log("end");
  // Long enough for a doubled one to show.
  await pause(200);
  const lost = members.find((member) => member.lost !== null);
  if (lost !== undefined) throw new Error(`member ${lost.index} was thrown out: ${lost.lost}`);
  const latencies = members.flatMap(({ latenciesMs }) => latenciesMs);
  const receipts = members.flatMap(({ receiptLatenciesMs }) => receiptLatenciesMs);
  const result: TalkResult = {
    deliveries: members.reduce((sum, { received }) => sum + received, 0),
    expected: halls.reduce((sum, hall) => sum + hall.expected(share), 0),
    gaps: members.reduce((sum, { gaps }) => sum + gaps, 0),
    seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    receiptP50Ms: wire.hasReceipts ? quantile(receipts, 0.5) : null,
    receiptP99Ms: wire.hasReceipts ? quantile(receipts, 0.99) : null,
    loadCpuSeconds,
  };
  for (const member of members) member.leave();
  return result;
}

if (import.meta.main) {
  const result = await run(JSON.parse(Deno.args[0] ?? "{}"));
  console.log(JSON.stringify(result));
  Deno.exit(0);
}
