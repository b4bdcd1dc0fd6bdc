import { fileURLToPath } from "node:url";
import type { Path } from "./path.ts";
import type { Performer } from "./performer.ts";
import type { Casting, Way } from "./talker-process.ts";
import { TextLineStream } from "./text-lines.ts";
import type { Line, Place, Standing, View } from "./transcript.ts";
import { TranscriptFile } from "./transcript-file.ts";

/** What is said first; a person's numbers stay below the next one's. */
const IDS_EACH = 1_000_000;
/** A start under load, or an answer of a process that was just woken. */
const IN_VAIN_MS = 60_000;
const TALKER = fileURLToPath(new URL("talker-process.ts", import.meta.url));

export interface Role {
  readonly index: number;
  readonly name: string;
  readonly way: Way;
  readonly path: Path;
  readonly seed: number;
  readonly rooms: readonly string[];
  readonly pauseMs: number;
  /** Its own, kept from one life to the next. */
  readonly directory: string;
}

/** A talker in a process, with its outbox in files; may be killed and started again. */
export class ProcessPerformer implements Performer {
  #child: Deno.ChildProcess | null = null;
  #stdin: WritableStreamDefaultWriter<Uint8Array> | null = null;
  #answers: ReadableStreamDefaultReader<string> | null = null;
  #lives = 0;
  /** One question at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #isEnding = false;
  /** Ended by itself, which it must not; null while it did not. */
  trouble: string | null = null;
  readonly #transcript: TranscriptFile;

  constructor(readonly role: Role) {
    this.#transcript = new TranscriptFile(`${role.directory}/transcript.jsonl`);
  }

  get name(): string {
    return this.role.name;
  }

  get path(): Path {
    return this.role.path;
  }

  async start(): Promise<void> {
    const { index, name, way, path, seed, pauseMs, directory } = this.role;
    const lines = this.#lives === 0 ? [] : await this.lines();
    const said = lines.findLast((line) => line.do === "say")?.id ?? (index + 1) * IDS_EACH;
    const casting: Casting = {
      part: {
        name,
        seed: seed + this.#lives++,
        rooms: this.role.rooms.map((room) => ({ room, from: placeIn(room, lines) })),
        firstId: said + 1,
        pauseMs,
      },
      way,
      port: path.port,
      outboxDir: `${directory}/outbox`,
      transcript: this.#transcript.path,
    };
    this.#isEnding = false;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-all", TALKER, JSON.stringify(casting)],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    this.#stdin = child.stdin.getWriter();
    this.#answers = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
      .getReader();
    this.#watch(child);
    await this.#answer();
  }

  /** As a power cut of its machine, without the loss of what the disk has. Comes back by `start`. */
  async kill9(): Promise<void> {
    await this.#end("SIGKILL");
    let journal = "";
    for (const entry of Deno.readDirSync(`${this.role.directory}/outbox`)) {
      if (!entry.name.endsWith(".jsonl")) continue;
      journal += await Deno.readTextFile(`${this.role.directory}/outbox/${entry.name}`);
    }
    await this.#transcript.add({ do: "crashed", journal });
  }

  /** Stands still, with everything as it is. */
  suspend(isSuspended: boolean): void {
    this.#child?.kill(isSuspended ? "SIGSTOP" : "SIGCONT");
  }

  /** Its calendar is wrong by so much from now on. */
  setClock(aheadMs: number): Promise<void> {
    return this.#tell(`set-clock ${aheadMs}`);
  }

  quiet(isQuiet: boolean): Promise<void> {
    return this.#tell(`quiet ${isQuiet}`);
  }

  async standing(): Promise<Standing> {
    return JSON.parse(await this.#ask("standing"));
  }

  async views(): Promise<View[]> {
    return JSON.parse(await this.#ask("views"));
  }

  lines(): Promise<readonly Line[]> {
    return this.#transcript.read();
  }

  async close(): Promise<void> {
    this.#isEnding = true;
    await this.#tell("close").catch(heardByWatch);
    const hung = setTimeout(() => this.#child?.kill("SIGKILL"), IN_VAIN_MS);
    await this.#child?.status;
    clearTimeout(hung);
  }

  async #end(signal: Deno.Signal): Promise<void> {
    const child = this.#child;
    this.#isEnding = true;
    child?.kill(signal);
    await child?.status;
    this.#child = null;
  }

  async #watch(child: Deno.ChildProcess): Promise<void> {
    const [stderr, { code, signal }] = await Promise.all([new Response(child.stderr).text(), child.status]);
    if (!this.#isEnding || (code !== 0 && signal !== "SIGKILL")) {
      this.trouble = `${this.name} ended with ${signal ?? code}: ${stderr}`;
    }
  }

  #tell(words: string): Promise<void> {
    return this.#inTurn(() => this.#write(words));
  }

  #ask(words: string): Promise<string> {
    return this.#inTurn(async () => {
      await this.#write(words);
      return await this.#answer();
    });
  }

  async #write(words: string): Promise<void> {
    await this.#stdin?.write(new TextEncoder().encode(`${words}\n`));
  }

  async #answer(): Promise<string> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`${this.name} does not answer`)), IN_VAIN_MS);
    try {
      const answer = await Promise.race([this.#answers?.read(), late.promise]);
      if (answer?.value === undefined) throw new Error(this.trouble ?? `${this.name} is gone`);
      return answer.value;
    } finally {
      clearTimeout(timer);
    }
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(heardByWatch);
    return done;
  }
}

/** A process that can't be told anything any more has ended: `trouble` says how. */
function heardByWatch(): void {}

/** Where a program that wrote this down goes on in a room: what it was shown last. */
function placeIn(room: string, lines: readonly Line[]): Place | null {
  const last = lines.findLast((line) => line.do === "shown" && line.room === room);
  return last?.do === "shown" ? { epoch: last.epoch, offset: last.offset } : null;
}
