import type { Clock } from "../../transport/clock.ts";
import type { Link } from "../../transport/link.ts";
import { Alarm } from "../alarm.ts";
import type { Dial } from "./dial.ts";
import { ChatFailure } from "../failure.ts";

export const BETTER_WAY = {
  /** After the fallback had to be taken: a network that was changed a moment ago has settled by then. */
  firstMs: 15_000,
  /** The longest pause between two tries; where UDP is blocked for good they cost next to nothing. */
  mostMs: 300_000,
  /** UDP that gets through needs a few round trips. */
  tryMs: 5_000,
  /** A better way that held for so long is believed: after it one begins with the shortest pause again. */
  heldMs: 60_000,
} as const;

export interface BetterWayOptions {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly random: () => number;
  /** Takes the better link in place of the one there is. */
  readonly onLink: (link: Link) => void;
}

/** Looks from a fallback now and then whether the better way is open again, with pauses that double. */
export class BetterWay {
  readonly #options: BetterWayOptions;
  readonly #alarm: Alarm;
  #pauseMs: number = BETTER_WAY.firstMs;
  #trying: AbortController | null = null;
  #isWanted = false;
  #heldSinceMs: number | null = null;

  constructor(options: BetterWayOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.#try());
  }

  /** There is a connection over this link. */
  linked({ kind }: Link): void {
    this.#stop();
    if (kind !== "websocket") {
      this.#heldSinceMs = this.#options.clock.nowMs();
      return;
    }
    this.#isWanted = true;
    this.#wait();
  }

  /** There is none any more. */
  lost(): void {
    const { clock } = this.#options;
    if (this.#heldSinceMs !== null && clock.nowMs() - this.#heldSinceMs >= BETTER_WAY.heldMs) {
      this.#pauseMs = BETTER_WAY.firstMs;
    }
    this.#stop();
  }

  /** The network is another one: a good moment. */
  now(): void {
    if (!this.#isWanted || this.#trying !== null) return;
    this.#pauseMs = BETTER_WAY.firstMs;
    this.#try();
  }

  #stop(): void {
    this.#heldSinceMs = null;
    this.#isWanted = false;
    this.#alarm.set(null);
    this.#trying?.abort(new Error("the connection that was to be replaced is gone"));
    this.#trying = null;
  }

  #wait(): void {
    const { clock, random } = this.#options;
    // Half of it by chance, so that all who were driven to the fallback don't come back in one moment.
    this.#alarm.set(clock.nowMs() + this.#pauseMs * (0.5 + random() / 2));
    this.#pauseMs = Math.min(BETTER_WAY.mostMs, this.#pauseMs * 2);
  }

  async #try(): Promise<void> {
    const { clock, dial, onLink } = this.#options;
    this.#alarm.set(null);
    const trying = this.#trying = new AbortController();
    const callOff = clock.after(
      BETTER_WAY.tryMs,
      () => trying.abort(new Error(`no better connection within ${BETTER_WAY.tryMs / 1000} s`)),
    );
    let link: Link | null = null;
    try {
      link = await dial({ signal: trying.signal, attempt: 0, onlyBetter: true });
    } catch (thrown) {
      // There is no better way on this platform at all.
      if (thrown instanceof ChatFailure && !thrown.reconnect) this.#isWanted = false;
    }
    callOff();
    const isCurrent = this.#trying === trying;
    if (isCurrent) this.#trying = null;
    if (link !== null && isCurrent && this.#isWanted && link.kind !== "websocket") return onLink(link);
    // It came too late, or a dialler that knows no better gave another fallback.
    link?.open({ bytes() {}, datagram() {}, closed() {} });
    link?.close();
    if (isCurrent && this.#isWanted) this.#wait();
  }
}
