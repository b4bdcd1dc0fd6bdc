/** The load generator of `shapes/upload.ts`: a person of the SDK who wrote while offline, and one who reads. */
import { connect } from "../../src/client/mod.ts";
import { FileStore } from "../../src/client/outbox/store-file.ts";
import { comeIn } from "./coming-in.ts";
import { cpuSeconds } from "./cpu.ts";
import { pause } from "./pause.ts";
import { read, type ServerAt } from "./quicchat-session.ts";

export interface UploadTask extends ServerAt {
  readonly messages: number;
  readonly textBytes: number;
  /** Where the outbox is kept. */
  readonly directory: string;
}

export interface UploadResult {
  /** To keep one message while offline, on the disk. */
  readonly keepMs: number;
  /** From opening the outbox until every message has its receipt. */
  readonly seconds: number;
  /** Of the writer, with all its messages kept, more than before; and at most until all are stored. */
  readonly heldMiB: number;
  readonly peakMiB: number;
  /** Of writer and reader. */
  readonly loadCpuSeconds: number;
  readonly fault: string | null;
}

const ROOM = "lobby";
const HOUR_MS = 3_600_000;
const MIB = 1_048_576;
const GIVE_UP_MS = 120_000;

async function run(task: UploadTask): Promise<UploadResult> {
  let fault: string | null = null;
  let heard = 0;
  const all = Promise.withResolvers<void>();
  const reader = await comeIn(task, {
    name: "reader",
    positions: () => [{ room: ROOM }],
    heard: (offset, line) => {
      const number = Number(String(read(line)["text"]).split(" ")[1]);
      if (number !== heard || offset !== heard + 1) fault ??= `message ${number} came as the ${heard + 1}th`;
      if (++heard === task.messages) all.resolve();
    },
    refused: (says) => fault ??= says,
    lost: (says) => fault ??= says,
  });
  const before = rssMiB();
  const keepMs = await writeOffline(task);
  const [startMs, startCpu] = [performance.now(), cpuSeconds()];
  console.log("begin");
  const client = connect(`http://${task.hostname}:${task.port}`, {
    name: "writer",
    store: new FileStore(task.directory),
  });
  let receipts = 0;
  let peak = 0;
  const stored = Promise.withResolvers<void>();
  client.outbox.onReceipt(({ seq, offset }) => {
    if (seq !== ++receipts || offset !== seq) fault ??= `receipt ${receipts} was of ${seq} at ${offset}`;
    peak = Math.max(peak, receipts % 100 === 0 ? rssMiB() : 0);
    if (receipts === task.messages) stored.resolve();
  });
  await client.live();
  const heldMiB = rssMiB() - before;
  // What is older than ten minutes waits for its author's word.
  client.outbox.resume();
  const giveUp = setTimeout(
    () => stored.reject(new Error(`${receipts} of ${task.messages} messages have a receipt`)),
    GIVE_UP_MS,
  );
  await stored.promise;
  clearTimeout(giveUp);
  const seconds = (performance.now() - startMs) / 1_000;
  const loadCpuSeconds = cpuSeconds() - startCpu;
  console.log("end");
  await all.promise;
  // Long enough for a doubled one to show.
  await pause(300);
  if (heard !== task.messages) fault ??= `${heard} messages came of ${task.messages}`;
  await client.close();
  reader.session.leave();
  return { keepMs, seconds, heldMiB, peakMiB: peak - before, loadCpuSeconds, fault };
}

/** An hour without a server, a message now and then. Milliseconds that one took. */
async function writeOffline({ directory, messages, textBytes }: UploadTask): Promise<number> {
  let written = 0;
  const client = connect("http://127.0.0.1:1", {
    name: "writer",
    store: new FileStore(directory),
    dial: () => Promise.reject(new Error("there is no network")),
    wallMs: () => Date.now() - HOUR_MS + HOUR_MS / messages * written,
  });
  const room = client.room(ROOM);
  const startMs = performance.now();
  const kept = Promise.withResolvers<void>();
  client.outbox.items.subscribe((items) => {
    if (items.length === messages) kept.resolve();
  });
  for (; written < messages; written++) {
    // They are kept and not stored: that is the point.
    room.send(`message ${written} `.padEnd(textBytes, ".")).catch(() => {});
  }
  await kept.promise;
  const keepMs = (performance.now() - startMs) / messages;
  await client.close();
  return keepMs;
}

function rssMiB(): number {
  return Deno.memoryUsage().rss / MIB;
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(Deno.args[0] ?? "{}"))));
  Deno.exit(0);
}
