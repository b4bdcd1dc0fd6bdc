/** Drives one of the foreign programs of this folder: JSON lines in, JSON lines out. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Far more than anything takes: a wait that ends by it has failed. */
const patienceMs = 20_000;

export const interopDir = fileURLToPath(new URL("./", import.meta.url));

/** A PDU as a foreign peer saw it. */
export interface SeenPdu {
  readonly type: string;
  readonly seq: number;
  readonly [field: string]: unknown;
}

interface PeerEvent {
  readonly event: string;
  readonly pdu?: SeenPdu;
  readonly [field: string]: unknown;
}

export type Command =
  | { readonly do: "send"; readonly text: string; readonly seq?: number; readonly room?: string }
  | { readonly do: "burst"; readonly text: string; readonly count: number; readonly room?: string }
  | { readonly do: "typing"; readonly status: boolean; readonly room?: string }
  | { readonly do: "pdu" | "datagram"; readonly pdu: Record<string, unknown> }
  | { readonly do: "raw"; readonly utf8: string }
  | { readonly do: "raw"; readonly hex: string }
  | { readonly do: "bye"; readonly reason?: string }
  | { readonly do: "hello" | "close" | "counts" };

export type Fields = Readonly<Record<string, unknown>>;

export class Peer implements AsyncDisposable {
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #events: PeerEvent[] = [];
  /** Events that no wait has taken yet. */
  readonly #untaken: PeerEvent[] = [];
  readonly #followed: Promise<unknown>;
  #stderr = "";
  #wake = Promise.withResolvers<void>();
  #ended = false;

  /** `name` is for messages about failures. */
  constructor(name: string, program: string, args: readonly string[]) {
    this.#name = name;
    this.#child = new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#followed = Promise.all([this.#followEvents(), this.#followErrors()]);
  }

  async say(command: Command): Promise<void> {
    await this.#input.write(new TextEncoder().encode(JSON.stringify(command) + "\n"));
  }

  /** The first event of this name, with these fields, that no earlier wait took; waits for it. */
  async event(name: string, fields: Fields = {}): Promise<PeerEvent> {
    return await this.#take(
      (event) => event.event === name && hasFields(event, fields),
      `${name} ${JSON.stringify(fields)}`,
    );
  }

  /** The first PDU of this type, with these fields, that no earlier wait took; waits for it. */
  async pdu(
    type: string,
    fields: Fields = {},
    way: "stream" | "datagram" | "either" = "stream",
  ): Promise<SeenPdu> {
    const { pdu } = await this.#take(
      (event) =>
        (way === "either" || (event.event === "datagram") === (way === "datagram")) &&
        event.pdu?.type === type && hasFields(event.pdu, fields),
      `${type} ${JSON.stringify(fields)} (${way})`,
    );
    assert(pdu !== undefined);
    return pdu;
  }

  /** As many PDUs of this type as that, in the order in which they came. */
  async pdus(type: string, count: number, fields: Fields = {}): Promise<SeenPdu[]> {
    const taken: SeenPdu[] = [];
    while (taken.length < count) taken.push(await this.pdu(type, fields));
    return taken;
  }

  /** Every PDU of this type so far, taken or not. */
  seen(type: string): SeenPdu[] {
    return this.#events.flatMap(({ pdu }) => pdu?.type === type ? [pdu] : []);
  }

  /** Chunks that did not hold exactly one JSON object: an exception in the original. */
  badChunks(): readonly Fields[] {
    return this.#events.filter(({ event }) => event === "bad-chunk");
  }

  /** Waits until the peer's connection ended. */
  async closed(): Promise<PeerEvent> {
    return await this.event("closed");
  }

  /** Leaves, and waits for the program's end. Safe after the peer ended by itself. */
  async leave(): Promise<void> {
    // The pipe is broken already when the program ended by itself, which is no failure here.
    await this.#input.close().catch(() => undefined);
    const hung = setTimeout(() => this.#child.kill("SIGKILL"), patienceMs);
    const { code, signal } = await this.#child.status;
    clearTimeout(hung);
    await this.#followed;
    assert.equal(signal, null, `${this.#name} had to be killed`);
    // 1 is "no connection", which its events say.
    assert(code === 0 || code === 1, `${this.#name} ended with ${code}: ${this.#stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  async #take(matches: (event: PeerEvent) => boolean, what: string): Promise<PeerEvent> {
    const deadline = Promise.withResolvers<"late">();
    const timer = setTimeout(() => deadline.resolve("late"), patienceMs);
    try {
      while (true) {
        const at = this.#untaken.findIndex(matches);
        const [found] = at < 0 ? [] : this.#untaken.splice(at, 1);
        if (found !== undefined) return found;
        if (this.#ended) throw new Error(`${this.#name} ended without ${what}; ${this.#story()}`);
        if (await Promise.race([this.#wake.promise, deadline.promise]) === "late") {
          throw new Error(`${this.#name} waited in vain for ${what}; ${this.#story()}`);
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The last of what it saw, for people. */
  #story(): string {
    const last = this.#events.slice(-10).map((event) => JSON.stringify(event)).join("\n  ");
    return `${this.#events.length} events, the last:\n  ${last}\n${this.#stderr}`;
  }

  async #followEvents(): Promise<void> {
    let unfinished = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (unfinished + text).split("\n");
      unfinished = lines.pop() ?? "";
      for (const line of lines) {
        const event = JSON.parse(line) as PeerEvent;
        this.#events.push(event);
        this.#untaken.push(event);
      }
      this.#wakeAll();
    }
    this.#ended = true;
    this.#wakeAll();
  }

  #wakeAll(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async #followErrors(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) this.#stderr += text;
  }
}

function hasFields(value: Fields, fields: Fields): boolean {
  return Object.entries(fields).every(([name, wanted]) => value[name] === wanted);
}
