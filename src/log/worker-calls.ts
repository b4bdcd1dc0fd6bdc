/** How the thread of the log's callers and its workers talk. */
import type { LoggedEvent } from "../protocol/event.ts";
import { StoreFailure } from "./log.ts";
import type { SearchPage, SearchQuery } from "./search.ts";
import type { Entry, Outcome, Page, RoomStand, RoomSummary } from "./log.ts";

/** Every kind of call: what goes in, what comes out. */
export interface WriterCalls {
  open: { takes: { directory: string }; gives: { epoch: string; renewed: string | null } };
  /** `era`: how many failures the caller had been told of when it called (see `Log.append`). */
  append: { takes: { era: number; batch: readonly Entry[] }; gives: readonly Outcome[] };
  close: { takes: null; gives: null };
}

export interface ReaderCalls {
  open: { takes: { database: string }; gives: null };
  read: { takes: { room: string; after: number; limit: number }; gives: Page };
  changes: {
    takes: { room: string; targets: readonly number[]; after: number };
    gives: readonly (readonly LoggedEvent[])[];
  };
  stand: { takes: { room: string }; gives: RoomStand };
  rooms: { takes: { after: string; limit: number }; gives: readonly RoomSummary[] };
  close: { takes: null; gives: null };
}

export interface SearchCalls {
  open: { takes: { log: string; own: string; cacheKib: number }; gives: null };
  find: { takes: SearchQuery; gives: SearchPage };
  close: { takes: null; gives: null };
}

type AnyCalls = { [K in string]: { takes: unknown; gives: unknown } };

/** One call on its way, as a union over the kinds. */
export type CallOf<Calls> = {
  [K in keyof Calls]: Calls[K] extends { takes: infer T } ? { id: number; kind: K; takes: T } : never;
}[keyof Calls];

export type Answer =
  | { readonly id: number; readonly gives: unknown }
  | { readonly id: number; readonly reason: StoreFailure["reason"]; readonly says: string };

export function failed(id: number, { reason, message }: StoreFailure): Answer {
  return { id, reason, says: message };
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (failure: StoreFailure) => void;
}

/** The near end of one worker. Calls of one turn of the event loop travel in one message. */
export class WorkerLine<Calls extends { [K in keyof Calls]: AnyCalls[string] }> {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #outgoing: { id: number; kind: keyof Calls; takes: unknown }[] = [];
  #lastId = 0;
  #dead: StoreFailure | null = null;

  constructor(module: URL, name: string) {
    this.#worker = new Worker(module, { type: "module", name });
    this.#worker.onmessage = ({ data }: MessageEvent<Answer[]>) =>
      data.forEach((answer) => this.#settle(answer));
    this.#worker.onerror = (event) => {
      // Handled here: every caller is told, and the process goes on.
      event.preventDefault();
      this.end(
        new StoreFailure("broken", `the log's ${name} worker died (${event.message}): restart QUICChat`),
      );
    };
  }

  call<K extends keyof Calls>(kind: K, takes: Calls[K]["takes"]): Promise<Calls[K]["gives"]> {
    if (this.#dead !== null) return Promise.reject(this.#dead);
    const id = ++this.#lastId;
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#send());
    this.#outgoing.push({ id, kind, takes });
    return new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  /** Stops the worker; whoever waits gets the failure, and so does every later caller. */
  end(failure: StoreFailure): void {
    this.#dead ??= failure;
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) reject(this.#dead);
    this.#pending.clear();
  }

  #send(): void {
    const calls = this.#outgoing;
    this.#outgoing = [];
    if (this.#dead === null) this.#worker.postMessage(calls);
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ("gives" in answer) pending?.resolve(answer.gives);
    else pending?.reject(new StoreFailure(answer.reason, answer.says));
  }
}
