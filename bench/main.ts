/**
 * `npm run bench`: how much a delivery costs. A real server process (durable, encrypted) on one core and the
 * load generator on the other, each simulated client with a UDP socket of its own; and the bare relay of
 * `relay.ts` in the same run, since absolute figures of a shared machine say little.
 *
 *     npm run bench [-- --quick] [--json FILE]
 */
import { parseArgs } from "node:util";
import { HEAPS } from "../bin/heaps.mjs";
import { makeCertificate, makeKey } from "../src/server/certificate/certificate.ts";
import type { Result, Task } from "./load.ts";

const flags = flagsOf();

function flagsOf(): { readonly quick?: boolean; readonly json?: string } {
  try {
    return parseArgs({ options: { quick: { type: "boolean" }, json: { type: "string" } } }).values;
  } catch {
    console.error(
      "usage: npm run bench [-- --quick] [--json FILE], npm run bench -- search, npm run bench -- page",
    );
    Deno.exit(2);
  }
}

type Shape = Omit<Task, "hostname" | "port" | "caCerts">;
const scale = flags.quick === true ? 0.1 : 1;
const SHAPES: readonly Shape[] = [
  { shape: "loaded", members: 200, senders: 10, inFlight: 8, messages: 20_000 * scale, textBytes: 100 },
  { shape: "one-at-a-time", members: 50, senders: 1, inFlight: 1, messages: 2_000 * scale, textBytes: 100 },
];
const HOUR_MS = 3_600_000;
/** Linux's USER_HZ, in which /proc counts, is 100 on every architecture that Deno runs on. */
const TICKS_PER_SECOND = 100;

interface Figure extends Result {
  readonly system: "quicchat" | "bare relay";
  readonly shape: Shape["shape"];
  readonly deliveriesPerSecond: number;
  readonly serverCpuMicros: number;
  readonly serverRssMiB: number;
}

interface Started {
  readonly process: Deno.ChildProcess;
  readonly port: number;
  readonly caCerts: readonly string[];
}

const isPinned = await canPin();

async function canPin(): Promise<boolean> {
  if (navigator.hardwareConcurrency < 2) return false;
  try {
    return (await new Deno.Command("taskset", { args: ["-c", "1", "true"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Deno with these arguments, on one core where that is possible. */
function start(core: number, args: readonly string[]): Deno.ChildProcess {
  const line = isPinned ? ["taskset", "-c", String(core), Deno.execPath()] : [Deno.execPath()];
  const [program = Deno.execPath(), ...rest] = line;
  return new Deno.Command(program, {
    args: [...rest, "run", "-A", ...args],
    stdout: "piped",
    stderr: "inherit",
  })
    .spawn();
}

async function* linesOf(process: Deno.ChildProcess): AsyncGenerator<string> {
  let rest = "";
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

async function startChat(directory: string): Promise<Started> {
  const process = start(0, [
    ...HEAPS["serve"] ?? [],
    "src/main.ts",
    "serve",
    "--port",
    "0",
    "--data",
    directory,
    "--rate",
    "1000000",
  ]);
  for await (const line of linesOf(process)) {
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    return {
      process,
      port: Number(port),
      caCerts: [await Deno.readTextFile(`${directory}/certificate.pem`)],
    };
  }
  throw new Error("the server did not start");
}

async function startRelay(directory: string): Promise<Started> {
  const key = await makeKey();
  const made = await makeCertificate({
    key,
    names: ["localhost"],
    notBeforeMs: Date.now() - HOUR_MS,
    days: 2,
  });
  const files = [`${directory}/relay-certificate`, `${directory}/relay-key`] as const;
  await Deno.writeTextFile(files[0], made.certificatePem);
  await Deno.writeTextFile(files[1], made.keyPem, { mode: 0o600 });
  const process = start(0, ["bench/relay.ts", ...files]);
  for await (const line of linesOf(process)) {
    return { process, port: Number(line), caCerts: [made.certificatePem] };
  }
  throw new Error("the relay did not start");
}

async function cpuSecondsOf({ pid }: Deno.ChildProcess): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name, in brackets, may hold anything; what follows it is numbers.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function rssMiBOf({ pid }: Deno.ChildProcess): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

async function measure(system: Figure["system"], server: Started, shape: Shape): Promise<Figure> {
  const task: Task = { ...shape, hostname: "127.0.0.1", port: server.port, caCerts: server.caCerts };
  const load = start(1, ["bench/load.ts", JSON.stringify(task)]);
  let before = 0;
  let after = 0;
  for await (const line of linesOf(load)) {
    if (line === "begin") before = await cpuSecondsOf(server.process);
    else if (line === "end") after = await cpuSecondsOf(server.process);
    else {
      const result: Result = JSON.parse(line);
      return {
        system,
        ...result,
        shape: shape.shape,
        deliveriesPerSecond: result.deliveries / result.seconds,
        serverCpuMicros: (after - before) / result.deliveries * 1e6,
        serverRssMiB: await rssMiBOf(server.process),
      };
    }
  }
  throw new Error("the load generator ended without a result");
}

const directory = await Deno.makeTempDir({ prefix: "quicchat-bench-" });
const figures: Figure[] = [];
try {
  for (const shape of SHAPES) {
    for (const system of ["bare relay", "quicchat"] as const) {
      const server = system === "quicchat"
        ? await startChat(`${directory}/data`)
        : await startRelay(directory);
      try {
        figures.push(await measure(system, server, shape));
      } finally {
        server.process.kill("SIGTERM");
        await server.process.status;
      }
    }
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}

let isWrong = false;
for (const { shape, members, senders, inFlight, textBytes } of SHAPES) {
  console.log(
    `\n${members} members, ${senders} sender${
      senders > 1 ? "s" : ""
    }, ${inFlight} in flight, ${textBytes}-byte texts`,
  );
  console.log(
    "                deliveries/s  CPU µs each  p50 ms  p99 ms  receipt p50  p99 ms  RSS MiB  load CPU",
  );
  for (const figure of figures.filter((one) => one.shape === shape)) {
    const cells = [
      figure.system.padEnd(14),
      Math.round(figure.deliveriesPerSecond).toLocaleString("en").padStart(14),
      figure.serverCpuMicros.toFixed(2).padStart(13),
      figure.p50Ms.toFixed(2).padStart(8),
      figure.p99Ms.toFixed(2).padStart(8),
      figure.receiptP50Ms.toFixed(2).padStart(13),
      figure.receiptP99Ms.toFixed(2).padStart(8),
      figure.serverRssMiB.toFixed(0).padStart(9),
      `${Math.round(figure.loadCpuSeconds / figure.seconds * 100)} %`.padStart(10),
    ];
    console.log(cells.join(""));
    const isWhole = figure.deliveries === figure.expected && figure.gaps === 0;
    if (!isWhole) {
      isWrong = true;
      console.log(
        `  WRONG: ${figure.deliveries} of ${figure.expected} deliveries, ${figure.gaps} out of order`,
      );
    }
  }
  const [relay, chat] = ["bare relay", "quicchat"].map((system) =>
    figures.find((one) => one.shape === shape && one.system === system)
  );
  if (relay !== undefined && chat !== undefined) {
    console.log(
      `  CPU a delivery, to the bare relay's: ${(chat.serverCpuMicros / relay.serverCpuMicros).toFixed(2)}`,
    );
  }
}
console.log(`
quicchat: stored (fsync) before it is acknowledged or shown, encrypted. bare relay: encrypted, no store, no checks.
${
  isPinned
    ? "Server on core 0, load generator on core 1."
    : "Not pinned to cores (no taskset, or one core)."
}`);
if (flags.json !== undefined) await Deno.writeTextFile(flags.json, JSON.stringify(figures, null, 2) + "\n");
Deno.exit(isWrong ? 1 : 0);
