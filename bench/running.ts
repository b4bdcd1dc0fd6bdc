/** Programs under measurement: the server on one core, the load generator on another, and what they cost. */

/** Linux's USER_HZ, in which /proc counts, is 100 on every architecture that Deno runs on. */
const TICKS_PER_SECOND = 100;
/** A server that has not ended this long after it was asked to is ended. */
const STOP_MS = 10_000;
const COMPLAINTS_CHARS_MAX = 4_000;

export type Role = "server" | "load";
const CORES: Readonly<Record<Role, number>> = { server: 0, load: 1 };

export const isPinned = await canPin();

async function canPin(): Promise<boolean> {
  if (navigator.hardwareConcurrency < 2) return false;
  return await has("taskset", ["-c", "1", "true"]);
}

/** Whether a program is there and runs with these arguments. */
export async function has(program: string, args: readonly string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

export interface RunningOptions {
  /** Added to the bench's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs, and leaves what it leaves. */
  readonly cwd?: string;
}

export class Running {
  readonly #process: Deno.ChildProcess;
  #rest = "";
  readonly #texts: ReadableStreamDefaultReader<string>;
  #complaints = "";
  readonly #complaining: Promise<void>;
  #isRunning = true;

  constructor(role: Role, program: string, args: readonly string[], options: RunningOptions = {}) {
    const line = isPinned ? ["taskset", "-c", String(CORES[role]), program, ...args] : [program, ...args];
    const [first = program, ...rest] = line;
    this.#process = new Deno.Command(first, { ...options, args: rest, stdout: "piped", stderr: "piped" })
      .spawn();
    void this.#process.status.then(() => this.#isRunning = false);
    this.#texts = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#complaining = this.#keepComplaints();
  }

  static deno(role: Role, args: readonly string[]): Running {
    return new Running(role, Deno.execPath(), ["run", "-A", ...args]);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** The newest of what it said on its standard error. */
  get complaints(): string {
    return this.#complaints;
  }

  /** The next line that it prints; null when it ended. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#texts.read();
      if (done) return null;
      this.#rest += value;
    }
  }

  /** The first group of the pattern in the first line that has it. Throws when the program ends before. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const line = await this.line();
      if (line === null) {
        await this.#complaining;
        throw new Error(`a program of the bench ended without having said ${pattern}\n${this.#complaints}`);
      }
      const found = pattern.exec(line)?.[1];
      if (found !== undefined) return found;
    }
  }

  /** User and system time of all its threads since its start, in steps of 10 ms. */
  async cpuSeconds(): Promise<number> {
    const stat = await Deno.readTextFile(`/proc/${this.pid}/stat`);
    // The name, in brackets, may hold anything; what follows it is numbers.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  async rssMiB(): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.pid}/status`);
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  /** The most that it ever had. */
  async peakRssMiB(): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.pid}/status`);
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  async #keepComplaints(): Promise<void> {
    for await (const text of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      this.#complaints = (this.#complaints + text).slice(-COMPLAINTS_CHARS_MAX);
    }
  }

  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    try {
      this.#process.kill(signal);
    } catch {
      // It has ended by itself, which `status` tells.
    }
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), STOP_MS);
    // What it still prints must not keep it from ending.
    while (await this.line() !== null);
    await this.#process.status;
    clearTimeout(timer);
  }
}
