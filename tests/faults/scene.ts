/** A real server, people with programs of their own, and bad networks between them. */
import { Seeded } from "../fixtures/seeded.ts";
import { type RunningServer, type StartOptions, startServer } from "../e2e/running-server.ts";
import type { Rule } from "../sim/oracle/violation.ts";
import { Path } from "./path.ts";
import type { Performer } from "./performer.ts";
import { ProcessPerformer } from "./process-performer.ts";
import { StoredLog } from "./stored.ts";
import type { Way } from "./talker-process.ts";
import type { Standing } from "./transcript.ts";
import { type Account, judge } from "./verdict.ts";
import { CALM, type Weather } from "./weather.ts";

/** Everything works again: two idle times and the longest wait between attempts, with room. */
const SETTLE_MS = 90_000;
const LOOK_MS = 200;

export interface Casting {
  readonly ways: readonly Way[];
  readonly pauseMs: number;
  readonly rooms?: readonly string[];
  readonly serverArgs?: readonly string[];
  readonly server?: StartOptions;
}

export interface Broken {
  readonly rule: Rule;
  readonly says: string;
}

export class Scene implements AsyncDisposable {
  readonly violations: Broken[] = [];
  readonly stored: StoredLog;
  readonly processes: ProcessPerformer[] = [];
  /** What is in the scene besides, a browser's page say. */
  readonly others: Performer[] = [];
  /** What others than these people said. */
  readonly witnesses: Account[] = [];
  /** How many of each one's lines were compared with the disk. */
  readonly #checked = new Map<Performer, number>();

  private constructor(
    readonly server: RunningServer,
    readonly chance: Seeded,
    readonly directory: string,
    readonly casting: Casting,
  ) {
    this.stored = new StoredLog(server.dataDir, (rule, says) => this.violate(rule, says));
  }

  static async open(seed: number, casting: Casting): Promise<Scene> {
    const directory = await Deno.makeTempDir({ prefix: "quicchat-faults-" });
    const dataDir = casting.server?.dataDir ?? `${directory}/data`;
    const server = await startServer(casting.serverArgs ?? [], { ...casting.server, dataDir });
    const scene = new Scene(server, new Seeded(seed), directory, casting);
    for (const [index, way] of casting.ways.entries()) {
      const own = `${directory}/${index}-${way}`;
      await Deno.mkdir(own);
      const performer = new ProcessPerformer({
        index,
        name: `${way} ${index}`,
        way,
        path: Path.open(server.port, new Seeded(seed + 1_000 + index)),
        seed: seed + 2_000 + index * 100,
        rooms: scene.rooms,
        pauseMs: casting.pauseMs,
        directory: own,
      });
      scene.processes.push(performer);
    }
    try {
      await Promise.all(scene.processes.map((one) => one.start()));
      return scene;
    } catch (error) {
      await scene[Symbol.asyncDispose]();
      throw error;
    }
  }

  get rooms(): readonly string[] {
    return this.casting.rooms ?? ["lobby", "attic"];
  }

  get people(): readonly Performer[] {
    return [...this.processes, ...this.others];
  }

  set weather(weather: Weather) {
    for (const { path } of this.people) path.weather = weather;
  }

  violate(rule: Rule, says: string): void {
    this.violations.push({ rule, says });
  }

  /** Resolves when everybody has a connection; gives how long it took. A violation if it takes too long. */
  async allLive(withinMs: number = SETTLE_MS): Promise<number> {
    return await this.#until(withinMs, (standings) => {
      const missing = standings.filter(({ standing }) => standing.status !== "live");
      return missing.length === 0
        ? null
        : missing.map(({ who, standing }) => `${who} is ${standing.status}`).join();
    });
  }

  /** The server is killed at once, and what it leaves on the disk is looked at before it starts again. */
  async killServer(): Promise<void> {
    await this.server.kill9();
    await this.lookAtDisk();
    await this.server.restart();
  }

  /** While no server runs: everything that anybody was told is on the disk. */
  async lookAtDisk(): Promise<void> {
    await this.stored.read(false);
    for (const performer of this.people) {
      const lines = await performer.lines();
      for (const line of lines.slice(this.#checked.get(performer) ?? 0)) {
        if (line.do !== "stored" && line.do !== "shown") continue;
        if (this.stored.at(line.room, line.offset) !== undefined && line.epoch === this.stored.epoch) {
          continue;
        }
        const rule = line.do === "stored" ? "acknowledged-is-durable" : "shown-is-durable";
        this.violate(rule, `${performer.name} was told of ${line.room} ${line.offset}: nothing is there`);
      }
      this.#checked.set(performer, lines.length);
    }
  }

  /** Everything is mended; when it has come to rest, the oracle looks at all of it. Gives how many events were
   * stored. */
  async end(): Promise<number> {
    this.weather = CALM;
    for (const { path } of this.people) path.silence(false);
    await Promise.all(this.people.map((one) => one.quiet(true)));
    await this.#until(SETTLE_MS, unrestOf);
    const accounts: Account[] = [];
    for (const one of this.people) accounts.push({ name: one.name, lines: [], views: await one.views() });
    await Promise.all(this.people.map((one) => one.close()));
    for (const { trouble } of this.processes) if (trouble !== null) this.violate("trouble", trouble);
    await this.server.stop();
    await this.stored.read(true);
    for (const [index, one] of this.people.entries()) {
      accounts[index] = { name: one.name, lines: await one.lines(), views: accounts[index]?.views ?? [] };
    }
    judge([...accounts, ...this.witnesses], this.stored, (rule, says) => this.violate(rule, says));
    return this.stored.events.length;
  }

  /** From the call to the receipt, of everything that got one; in milliseconds, ascending. */
  async receiptTimes(): Promise<number[]> {
    const lines = (await Promise.all(this.people.map((one) => one.lines()))).flat();
    return lines.flatMap((line) => line.do === "stored" ? [line.ms] : []).sort((a, b) => a - b);
  }

  /** How often somebody lost a connection that was live. */
  async reconnects(): Promise<number> {
    let count = 0;
    for (const one of this.people) {
      const states = (await one.lines()).flatMap((line) => line.do === "status" ? [line.state] : []);
      count += states.filter((state, at) => state !== "live" && states[at - 1] === "live").length;
    }
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.people) {
      await one.close();
      one.path.close();
    }
    await this.server.stop();
    await Deno.remove(this.directory, { recursive: true });
  }

  async #until(withinMs: number, unrest: (of: readonly Stands[]) => string | null): Promise<number> {
    const startMs = performance.now();
    for (;;) {
      const standings = await Promise.all(
        this.people.map(async (one) => ({ who: one.name, standing: await one.standing() })),
      );
      const why = unrest(standings);
      const tookMs = performance.now() - startMs;
      if (why === null) return tookMs;
      if (tookMs > withinMs) {
        this.violate("settles", `after ${(tookMs / 1_000).toFixed(0)} s ${why}`);
        return tookMs;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

interface Stands {
  readonly who: string;
  readonly standing: Standing;
}

/** What is still going on; null when everything has come to rest. */
function unrestOf(all: readonly Stands[]): string | null {
  const heads = new Map<string, number>();
  for (const { standing } of all) {
    for (const { room, head } of standing.rooms) heads.set(room, Math.max(head, heads.get(room) ?? 0));
  }
  for (const { who, standing } of all) {
    if (standing.status !== "live") return `${who} is ${standing.status}`;
    if (standing.unsent > 0) return `${who} has ${standing.unsent} without a receipt`;
    for (const { room, state, shown, members } of standing.rooms) {
      if (state !== "live") return `${who} is ${state} in ${room}`;
      const offset = shown?.offset ?? 0;
      if (offset !== heads.get(room)) return `${who} was shown ${offset} of ${heads.get(room)} in ${room}`;
      if (members !== all.length) return `${who} sees ${members} of ${all.length} in ${room}`;
    }
  }
  return null;
}
