import { TextLineStream } from "../text-lines.ts";
import { pause } from "../trial.ts";

/** Beats come so often after a break: it is over. */
const FRESH_MS = 300;
/** For so long. */
const STEADY_MS = 1_500;
const LOOK_MS = 100;
const WARM_UP_MS = 1_500;
/** Longer than anybody here takes to notice a dead connection. */
const IN_VAIN_MS = 90_000;

export interface Break {
  /** Between two answers, at most, around the change. */
  readonly ms: number;
  /** Whether the program was told that its connection is gone. */
  readonly isSeen: boolean;
}

/** A client that says something each 20 ms, in a process of its own, and its answers. */
export class Pulse {
  readonly #child: Deno.ChildProcess;
  readonly #answeredAtMs: number[] = [];
  readonly #answered = new Set<number>();
  #newest = 0;
  #breaksSeen = 0;

  constructor(readonly name: string, program: string, args: readonly string[]) {
    this.#child = new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    })
      .spawn();
    this.#read();
  }

  async warmUp(): Promise<void> {
    await this.#steady(Date.now());
    await pause(WARM_UP_MS);
  }

  /** Follows what a change that is made now does to the answers. */
  async through(change: () => void | Promise<void>): Promise<Break> {
    const seenBefore = this.#breaksSeen;
    const atMs = Date.now();
    await change();
    await this.#steady(Date.now());
    let last = atMs;
    let ms = 0;
    for (const one of this.#answeredAtMs) {
      if (one < atMs) continue;
      ms = Math.max(ms, one - last);
      last = one;
    }
    return { ms, isSeen: this.#breaksSeen > seenBefore };
  }

  /** What was said long enough ago and never answered. Ends the client. */
  async end(): Promise<number> {
    await pause(STEADY_MS);
    this.#child.kill("SIGKILL");
    await this.#child.status;
    return this.#newest - this.#answered.size - this.#stillUnderWay();
  }

  /** The newest few may have had no time to be answered. */
  #stillUnderWay(): number {
    let count = 0;
    while (count < this.#newest && !this.#answered.has(this.#newest - count)) count++;
    return count;
  }

  async #read(): Promise<void> {
    const lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    for await (const line of lines) {
      const { n, atMs, state } = JSON.parse(line);
      if (state !== undefined && state !== "live" && this.#answered.size > 0) this.#breaksSeen++;
      if (n === undefined) continue;
      this.#newest = Math.max(this.#newest, n);
      // One that failed is never answered.
      if (atMs === undefined) continue;
      this.#answered.add(n);
      this.#answeredAtMs.push(atMs);
    }
  }

  async #steady(sinceMs: number): Promise<void> {
    let steadySinceMs = Date.now();
    while (Date.now() - steadySinceMs < STEADY_MS) {
      await pause(LOOK_MS);
      if (Date.now() - (this.#answeredAtMs.at(-1) ?? 0) > FRESH_MS) steadySinceMs = Date.now();
      if (Date.now() - sinceMs > IN_VAIN_MS) {
        throw new Error(`${this.name} gets no answers ${IN_VAIN_MS / 1_000} s after the change`);
      }
    }
  }
}
