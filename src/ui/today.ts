import type { Clock } from "../client/mod.ts";
import { dayAt } from "./days.ts";

/** A timer stands still while a device sleeps, and the calendar may be set: the day is looked at so often at least. */
const LOOK_MS = 3_600_000;

/** Which day it is, by the device's calendar. Tells when it is another one. */
export class Today {
  readonly #clock: Clock;
  readonly #wallMs: () => number;
  readonly #turned: () => void;
  /** The day that was told of last. */
  #toldMs: number;
  #callOff: () => void = () => {};

  constructor(clock: Clock, wallMs: () => number, turned: () => void) {
    this.#clock = clock;
    this.#wallMs = wallMs;
    this.#turned = turned;
    this.#toldMs = this.startMs;
    this.#wait();
  }

  /** When it began, in milliseconds since the epoch. */
  get startMs(): number {
    return dayAt(this.#wallMs()).startMs;
  }

  stop(): void {
    this.#callOff();
  }

  #wait(): void {
    const nowMs = this.#wallMs();
    this.#callOff = this.#clock.after(Math.min(LOOK_MS, dayAt(nowMs).endMs - nowMs), () => {
      const told = this.#toldMs;
      this.#toldMs = this.startMs;
      this.#wait();
      if (told !== this.#toldMs) this.#turned();
    });
  }
}
