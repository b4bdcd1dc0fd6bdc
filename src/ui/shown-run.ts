import { ChatFailure, type Message, type Room, type TimelineSnapshot } from "../client/mod.ts";
import { messageAt } from "./message-at.ts";
import { PastRun } from "./past.ts";
import type { RoomView } from "./view.ts";

const OLDER_EVENTS = 200;
/** A place that is so near is reached by loading what is between. */
const NEAR_EVENTS = 600;

/**
 * Which part of a room is shown: the newest, or a place in the past until one comes back from there. Of several
 * jumps only the last counts, and what answers to an earlier wish is thrown away.
 */
export class ShownRun {
  readonly #room: Room;
  readonly #changed: () => void;
  #past: PastRun | null = null;
  #isLoading = false;
  /** Resolves when nothing is loaded any more. */
  #loaded: Promise<void> = Promise.resolve();
  #target: RoomView["target"] = null;
  #missing: number | null = null;
  #jumps = 0;
  /** Ends what an earlier wish asks for. */
  #wish = new AbortController();
  #epoch = "";

  constructor(room: Room, changed: () => void) {
    this.#room = room;
    this.#changed = changed;
  }

  get isPast(): boolean {
    return this.#past !== null;
  }

  get isLoading(): boolean {
    return this.#isLoading;
  }

  get target(): RoomView["target"] {
    return this.#target;
  }

  /** The offset that was jumped to last and where no message is. */
  get missing(): number | null {
    return this.#missing;
  }

  get snapshot(): TimelineSnapshot {
    const live = this.#live;
    return this.#past?.shownWith(live) ?? live;
  }

  message(offset: number): Message | undefined {
    return messageAt(this.snapshot.messages, offset);
  }

  /** A log that began anew has none of the places of the old one. */
  follow(): void {
    const { epoch } = this.#live;
    if (this.#epoch !== "" && epoch !== this.#epoch) {
      this.#become(null);
      this.#missing = null;
    }
    this.#epoch = epoch;
  }

  toNewest(): void {
    this.#wishAnew();
    this.#become(null);
    this.#changed();
  }

  forgetMissing(): void {
    this.#missing = null;
    this.#changed();
  }

  async older(): Promise<void> {
    if (this.#isLoading) return;
    const past = this.#past;
    await this.#load(async () => {
      if (past !== null) await past.older();
      else await this.#room.older(OLDER_EVENTS);
    });
  }

  async newer(): Promise<void> {
    const past = this.#past;
    if (past === null || this.#isLoading) return;
    await this.#load(async () => {
      await past.newer();
      const live = this.#live;
      const { epoch, after, offset } = past.snapshot;
      if (epoch !== live.epoch || offset < live.after || this.#past !== past) return;
      // The two runs meet: from here on the live one holds both.
      if (live.after < after || this.#room.putBefore(past.events)) this.#past = null;
    });
  }

  async jumpTo(offset: number): Promise<void> {
    const { signal } = this.#wishAnew();
    const { after, offset: newest } = this.#live;
    if (this.#aim(offset)) return;
    if (offset > after && offset <= newest) return this.#miss(offset);
    // Older ones that are on their way may bring it.
    await this.#loaded;
    if (signal.aborted || this.#aim(offset)) return;
    let isAnswered = false;
    await this.#load(async () => {
      const { after } = this.#live;
      if (after > 0 && offset <= after && after - offset < NEAR_EVENTS) {
        while (!signal.aborted && this.#live.after >= offset && await this.#room.older(OLDER_EVENTS));
        if (!signal.aborted) this.#past = null;
        isAnswered = true;
        return;
      }
      const past = await PastRun.around(
        this.#room.name,
        offset,
        (options) => this.#room.history({ ...options, signal }),
      );
      if (!signal.aborted && past !== null) this.#past = past;
      isAnswered = true;
    });
    if (!signal.aborted && !this.#aim(offset) && isAnswered) this.#miss(offset);
  }

  get #live(): TimelineSnapshot {
    return this.#room.timeline.current;
  }

  /** False where the message is not loaded. One that is loaded live is shown live. */
  #aim(offset: number): boolean {
    const isLive = messageAt(this.#live.messages, offset) !== undefined;
    if (!isLive && this.message(offset) === undefined) return false;
    if (isLive) this.#past = null;
    this.#target = { offset, jump: ++this.#jumps };
    this.#changed();
    return true;
  }

  #miss(offset: number): void {
    this.#missing = offset;
    this.#changed();
  }

  #become(past: PastRun | null): void {
    this.#past = past;
    this.#target = null;
  }

  #wishAnew(): AbortController {
    this.#missing = null;
    this.#wish.abort();
    return this.#wish = new AbortController();
  }

  async #load(load: () => Promise<void>): Promise<void> {
    const before = this.#loaded;
    const done = Promise.withResolvers<void>();
    this.#loaded = done.promise;
    await before;
    this.#isLoading = true;
    this.#changed();
    try {
      await load();
    } catch (thrown) {
      // There is no connection, it was lost, or nobody wants it any more: it is asked for again when one scrolls
      // or jumps there again. Anything else is our mistake, and is seen.
      if (!(thrown instanceof ChatFailure)) throw thrown;
    } finally {
      this.#isLoading = false;
      done.resolve();
      this.#changed();
    }
  }
}
