import type { Clock } from "../../transport/clock.ts";
import type { Link } from "../../transport/link.ts";
import { Alarm } from "../alarm.ts";
import { Backoff } from "./backoff.ts";
import { BetterWay } from "./better-way.ts";
import type { Dial, Network } from "./dial.ts";
import { ChatFailure, saysOf } from "../failure.ts";
import { CONNECTING, type Status } from "../status.ts";

/** A dialler that hangs is not waited for any longer; both of its ways have had their time by then. */
const DIAL_MS = 15_000;

export interface ConnectorOptions {
  readonly dial: Dial;
  readonly network: Network | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  /** What the attempts look like from outside. */
  readonly onStatus: (status: Status) => void;
  /** There is a link; nothing is tried until `lost`, but a better one may come in its place. */
  readonly onLink: (link: Link) => void;
  /** It makes no sense to try again. */
  readonly onRefused: (failure: ChatFailure) => void;
}

/** The one owner of retry: dials, waits, dials again. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #backoff = new Backoff();
  readonly #redial: Alarm;
  readonly #better: BetterWay;
  readonly #unwatch: (() => void) | undefined;
  /** `waiting`: for the alarm, for a network, or for `now`. */
  #state: "waiting" | "dialling" | "linked" | "stopped" = "waiting";
  #dialling: AbortController | null = null;
  #attempts = 0;
  #because = "";

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#redial = new Alarm(options.clock, () => this.#dial());
    this.#better = new BetterWay({ ...options, onLink: (link) => this.#linked(link) });
    this.#unwatch = options.network?.subscribe(() => {
      if (this.#attempts === 0 || !options.network?.online) return;
      this.now();
      this.#better.now();
    });
  }

  /** Begins, or tries again without waiting. */
  now(): void {
    if (this.#state !== "waiting") return;
    this.#backoff.reset();
    this.#dial();
  }

  /** The link is gone, `livedMs` after its greeting (0: it never was greeted). Tries again after a while. */
  lost(because: string, livedMs: number, retryMs: number | undefined): void {
    if (this.#state === "stopped") return;
    this.#better.lost();
    this.#state = "waiting";
    this.#because = because;
    this.#backoff.ended(livedMs);
    if (this.#isOffline) return this.#options.onStatus({ state: "offline" });
    const inMs = this.#backoff.next(this.#options.random(), retryMs);
    this.#options.onStatus({ state: "reconnecting", inMs, attempt: this.#backoff.attempt, because });
    this.#redial.set(this.#options.clock.nowMs() + inMs);
  }

  /** The link is gone, and only `now` makes another. */
  pause(): void {
    if (this.#state !== "stopped") this.#state = "waiting";
    this.#better.lost();
    this.#redial.set(null);
  }

  /** For good. */
  stop(): void {
    this.#state = "stopped";
    this.#better.lost();
    this.#redial.set(null);
    this.#unwatch?.();
    this.#dialling?.abort(ChatFailure.local("closed"));
  }

  get #isOffline(): boolean {
    return this.#options.network?.online === false;
  }

  #linked(link: Link): void {
    this.#better.linked(link);
    this.#options.onLink(link);
  }

  #dial(): void {
    if (this.#state !== "waiting") return;
    this.#redial.set(null);
    this.#attempts++;
    if (this.#isOffline) return this.#options.onStatus({ state: "offline" });
    const attempt = this.#attempts;
    this.#options.onStatus(
      attempt === 1
        ? CONNECTING
        : { state: "reconnecting", inMs: 0, attempt: this.#backoff.attempt, because: this.#because },
    );
    this.#state = "dialling";
    const dialling = this.#dialling = new AbortController();
    const isCurrent = () => this.#dialling === dialling && this.#state === "dialling";
    const failed = (thrown: unknown) => {
      callOff();
      if (!isCurrent()) return;
      this.#dialling = null;
      if (!(thrown instanceof ChatFailure) || thrown.reconnect) {
        return this.lost(saysOf(thrown), 0, undefined);
      }
      this.pause();
      this.#options.onRefused(thrown);
    };
    const dialled = (link: Link) => {
      callOff();
      if (isCurrent()) {
        this.#dialling = null;
        this.#state = "linked";
        return this.#linked(link);
      }
      // It came too late: another attempt is under way, or none is wanted.
      link.open({ bytes() {}, datagram() {}, closed() {} });
      link.close();
    };
    const callOff = this.#options.clock.after(DIAL_MS, () => {
      const tooLong = new Error(`no connection within ${DIAL_MS / 1000} s`);
      dialling.abort(tooLong);
      failed(tooLong);
    });
    // In a chain, so that a dialler that throws at once is treated as one that rejects.
    Promise.resolve().then(() => this.#options.dial({ signal: dialling.signal, attempt }))
      .then(dialled, failed);
  }
}
