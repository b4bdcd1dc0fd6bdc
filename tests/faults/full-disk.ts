/** A disk that is really full, under the whole server. */
import { newDevice, type Reachable, WireClient } from "../fixtures/wire-client.ts";
import { Scene } from "./scene.ts";
import type { Line } from "./transcript.ts";
import { type Outcome, pause, type Trial, type TrialOptions } from "./trial.ts";

const DISK_BYTES = 24_000_000;
/** Room that is left for the log to begin with. */
const BALLAST_CHUNK_BYTES = 65_536;
const CYCLES = 3;
const TALKS_MS = 2_000;
/** A probe until it is refused, and until it is stored again. */
const IN_VAIN_MS = 30_000;
const PROBED_ROOM = "probes";
const PROBE = "probe";
/** Above everybody else's. */
const FIRST_ID = 900_000_000;

async function command(...[program = "", ...args]: string[]): Promise<string | null> {
  try {
    const { success, stderr } = await new Deno.Command(program, { args }).output();
    return success ? null : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    return String(error);
  }
}

/** Null, and it is mounted; or why not. */
function mountSmall(path: string): Promise<string | null> {
  return command("mount", "-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", path);
}

async function unmount(path: string): Promise<void> {
  const why = await command("umount", "--lazy", path);
  if (why !== null) throw new Error(`${path} can't be unmounted: ${why}`);
}

async function missing(): Promise<string | null> {
  const path = await Deno.makeTempDir({ prefix: "quicchat-disk-" });
  try {
    const why = await mountSmall(path);
    if (why === null) await unmount(path);
    return why === null
      ? null
      : `mounting a small disk needs root on Linux (sudo npm run faults -- disk): ${why}`;
  } finally {
    await Deno.remove(path);
  }
}

/** Writes until nothing more fits. */
async function fill(path: string): Promise<void> {
  const file = await Deno.open(path, { create: true, append: true });
  try {
    for (let bytes = BALLAST_CHUNK_BYTES; bytes >= 1;) {
      try {
        const written = await file.write(new Uint8Array(bytes));
        if (written < bytes) bytes = Math.floor(bytes / 2);
      } catch {
        // No room for that much.
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    file.close();
  }
}

/** Says things by hand, so that each answer is seen; its lines are evidence as everybody's. */
class Probe {
  readonly lines: Line[] = [];
  #client: WireClient | null = null;
  #seq = 0;
  #id = FIRST_ID;
  #isAnswered = true;

  /** Anew, with another device. */
  async enter(server: Reachable): Promise<void> {
    this.#client = await WireClient.enter(server, PROBE, {
      device: newDevice(),
      rooms: [{ room: PROBED_ROOM }],
    });
    this.#seq = 0;
    this.#isAnswered = true;
  }

  async leave(): Promise<void> {
    await this.#client?.leave();
    // It has no outbox: what has no receipt now is nobody's business any more.
    this.lines.push({ do: "crashed", journal: "" });
  }

  /** The failure of the answer; null for a receipt. What was refused is said again, as one must. */
  async say(): Promise<string | null> {
    const room = PROBED_ROOM;
    const type = "CHAT_MESSAGE";
    if (this.#isAnswered) {
      this.#seq++;
      this.lines.push({ do: "say", id: ++this.#id, room, type, target: null });
    }
    const text = `#${this.#id} ${"x".repeat(400)}`;
    const answer = await this.#client?.tell({ type, seq: this.#seq, room, text });
    this.#isAnswered = answer?.type === "CHAT_RECEIPT";
    if (answer?.type !== "CHAT_RECEIPT") return answer?.failure ?? "no name";
    const { epoch = "", offset = 0 } = answer;
    this.lines.push({ do: "stored", id: this.#id, room, epoch, offset, ms: 0 });
    return null;
  }

  async until(wanted: (failure: string | null) => boolean): Promise<string | null> {
    const startMs = performance.now();
    for (;;) {
      const failure = await this.say();
      if (wanted(failure)) return failure;
      if (performance.now() - startMs > IN_VAIN_MS) {
        throw new Error(`the probe is answered ${failure} for too long`);
      }
      await pause(20);
    }
  }
}

async function run({ seed, times }: TrialOptions): Promise<Outcome> {
  const mount = await Deno.makeTempDir({ prefix: "quicchat-disk-" });
  const why = await mountSmall(mount);
  if (why !== null) throw new Error(`no small disk: ${why}`);
  try {
    await using scene = await Scene.open(seed, {
      ways: ["quic", "webtransport", "websocket"],
      pauseMs: 30,
      server: { dataDir: `${mount}/data` },
    });
    const ballast = `${mount}/ballast`;
    const cycles = times ?? CYCLES;
    const refusals = new Map<string, number>();
    let read = 0;
    await scene.allLive();
    const probe = new Probe();
    for (let cycle = 0; cycle < cycles; cycle++) {
      await probe.enter(scene.server);
      await probe.until((failure) => failure === null);
      await pause(TALKS_MS / 2);
      await fill(ballast);
      const failure = await probe.until((failure) => failure !== null) ?? "";
      refusals.set(failure, (refusals.get(failure) ?? 0) + 1);
      // Reading goes on, also for who comes only now.
      const reader = await WireClient.enter(scene.server, "reader", { rooms: [] });
      for (const room of scene.rooms) read += (await reader.readAll(room)).length;
      await reader.leave();
      await pause(TALKS_MS / 2);
      // The last time the server ends as well, and starts when there is room again.
      const isKilled = cycle === cycles - 1;
      if (isKilled) {
        await scene.server.kill9();
        await scene.lookAtDisk();
      }
      await Deno.remove(ballast);
      if (isKilled) await scene.server.restart();
      else await probe.until((failure) => failure === null);
      await probe.leave();
    }
    scene.witnesses.push({ name: PROBE, lines: probe.lines, views: [] });
    for (const failure of refusals.keys()) {
      if (failure !== "not-stored") scene.violate("trouble", `a full disk was answered with ${failure}`);
    }
    const stored = await scene.end();
    return {
      violations: scene.violations,
      says:
        `the disk was full ${cycles} times among ${stored} stored events: each time what was new was refused as ` +
        `${
          [...refusals.keys()].join()
        }, ${read} events were read meanwhile by who came only then, and sending went ` +
        `on when there was room again; the last time the server was killed too`,
    };
  } finally {
    await unmount(mount);
    await Deno.remove(mount);
  }
}

export const fullDisk: Trial = {
  name: "disk",
  says: "a full disk under the server",
  missing,
  run,
};
