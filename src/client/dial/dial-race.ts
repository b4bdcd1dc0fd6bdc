import type { Clock } from "../../transport/clock.ts";
import type { Link } from "../../transport/link.ts";
import { saysOf } from "../failure.ts";

export const RACE = {
  /** UDP that gets through needs one or two round trips; where it is blocked nothing ever comes. */
  headStartMs: 2_500,
  /** After the fallback was needed: still tried first, each time, but hardly waited for. */
  doubtfulHeadStartMs: 300,
} as const;

export type Way = (signal: AbortSignal) => Promise<Link>;

/** Two ways to the same server, for one attempt after the other: the better one gets a head start, and a
 * shorter one after it failed. Which of them is first wins; the other is called off. */
export class DialRace {
  readonly #clock: Clock;
  #headStartMs: number = RACE.headStartMs;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The better way alone, while there is a connection by the other. */
  async better(way: Way, signal: AbortSignal): Promise<Link> {
    const link = await way(signal);
    this.#headStartMs = RACE.headStartMs;
    return link;
  }

  /** Rejects when both ways do, with what both say, or when the signal is aborted. */
  run(better: Way, fallback: Way, signal: AbortSignal): Promise<Link> {
    return new Promise((resolve, reject) => {
      const ends = { better: new AbortController(), fallback: new AbortController() };
      const failures: string[] = [];
      let over = false;
      let fallbackRuns = false;
      const finish = () => {
        over = true;
        callOff();
        signal.removeEventListener("abort", aborted);
      };
      const aborted = () => {
        finish();
        ends.better.abort(signal.reason);
        ends.fallback.abort(signal.reason);
        reject(signal.reason);
      };
      const run = (which: "better" | "fallback", way: Way) => {
        const other = which === "better" ? ends.fallback : ends.better;
        Promise.resolve().then(() => way(ends[which].signal)).then((link) => {
          if (over) {
            link.open({ bytes() {}, datagram() {}, closed() {} });
            return link.close();
          }
          finish();
          this.#headStartMs = which === "better" ? RACE.headStartMs : RACE.doubtfulHeadStartMs;
          other.abort(new Error("the other way was faster"));
          resolve(link);
        }, (thrown) => {
          if (over) return;
          failures.push(saysOf(thrown));
          if (failures.length === 2) {
            finish();
            reject(new Error(failures.join("; and ")));
          } else startFallback();
        });
      };
      const startFallback = () => {
        if (fallbackRuns || over) return;
        fallbackRuns = true;
        run("fallback", fallback);
      };
      const callOff = this.#clock.after(this.#headStartMs, startFallback);
      if (signal.aborted) return aborted();
      signal.addEventListener("abort", aborted);
      run("better", better);
    });
  }
}
