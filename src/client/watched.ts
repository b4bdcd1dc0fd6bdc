/** A value that changes, for whoever wants to see it: now, by callback, or as a stream. */
export interface Watched<T> extends AsyncIterable<T> {
  readonly current: T;
  /** Calls `f` after each change, not for the current value. Returns what ends it. */
  subscribe(f: (value: T) => void): () => void;
  /** The current value, then each new one; a reader slower than the changes sees the newest and skips what
   * was between. Ends when the value can't change any more. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined>;
}

/** The owner's side of a `Watched`. */
export class Watchable<T> implements Watched<T> {
  #current: T;
  #subscribers = new Set<(value: T) => void>();
  #wakers = new Set<() => void>();
  #version = 0;
  #ended = false;

  constructor(first: T) {
    this.#current = first;
  }

  get current(): T {
    return this.#current;
  }

  set(value: T): void {
    if (this.#ended || Object.is(value, this.#current)) return;
    this.#current = value;
    this.#version++;
    for (const f of [...this.#subscribers]) callSafely(() => f(value));
    this.#wake();
  }

  /** After this the value stays. */
  end(): void {
    this.#ended = true;
    this.#subscribers.clear();
    this.#wake();
  }

  subscribe(f: (value: T) => void): () => void {
    if (!this.#ended) this.#subscribers.add(f);
    return () => void this.#subscribers.delete(f);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    let seen = -1;
    let stopped = false;
    const wakers = new Set<() => void>();
    const next = async (): Promise<IteratorResult<T, undefined>> => {
      while (!stopped) {
        if (seen !== this.#version) {
          seen = this.#version;
          return { done: false, value: this.#current };
        }
        if (this.#ended) break;
        await new Promise<void>((wake) => {
          wakers.add(wake);
          this.#wakers.add(wake);
        });
      }
      return { done: true, value: undefined };
    };
    return {
      next,
      return: () => {
        stopped = true;
        for (const wake of wakers) {
          this.#wakers.delete(wake);
          wake();
        }
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #wake(): void {
    const wakers = [...this.#wakers];
    this.#wakers.clear();
    for (const wake of wakers) wake();
  }
}

/** Calls what a user handed in. Its mistake must not stop the SDK, and must not go unseen. */
export function callSafely(f: () => void): void {
  try {
    f();
  } catch (thrown) {
    console.error("quicchat: a callback threw", thrown);
  }
}
