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
  /** Makes the current value, once somebody looks. */
  #make: (() => T) | null = null;
  readonly #subscribers = new Set<(value: T) => void>();
  readonly #wakers = new Set<() => void>();
  #version = 0;
  #ended = false;

  constructor(first: T) {
    this.#current = first;
  }

  get current(): T {
    if (this.#make !== null) {
      this.#current = this.#make();
      this.#make = null;
    }
    return this.#current;
  }

  set(value: T): void {
    if (!this.#ended && !Object.is(value, this.current)) this.#change(() => value);
  }

  /** A new value that costs something to make: it is made when somebody looks, and not for nobody. Where it
   * turns out to be the same object again, nobody is called. */
  setLazily(make: () => T): void {
    if (this.#ended) return;
    if (this.#subscribers.size === 0) return this.#change(make);
    const value = make();
    this.#make = null;
    if (!Object.is(value, this.#current)) this.#change(() => value);
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
    let waker: (() => void) | null = null;
    const next = async (): Promise<IteratorResult<T, undefined>> => {
      while (!stopped) {
        if (seen !== this.#version) {
          seen = this.#version;
          return { done: false, value: this.current };
        }
        if (this.#ended) break;
        await new Promise<void>((wake) => this.#wakers.add(waker = wake));
      }
      return { done: true, value: undefined };
    };
    return {
      next,
      return: () => {
        stopped = true;
        if (waker !== null) this.#wakers.delete(waker);
        waker?.();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #change(make: () => T): void {
    this.#make = make;
    this.#version++;
    for (const f of [...this.#subscribers]) callSafely(() => f(this.current));
    this.#wake();
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
