import type { CancelTimer, Clock } from "./clock.ts";

/** What did not become a link, for the operator's log. */
export interface Trouble {
  readonly what:
    /** The TLS or QUIC handshake failed, was not done in time, or wanted an ALPN that is not spoken here. */
    | "handshake"
    /** No stream, or no bytes on it, in time. */
    | "no-stream"
    /** HTTP/3 without a WebTransport session, or a broken one. */
    | "webtransport"
    | "wrong-path"
    | "too-many-connections"
    | "too-many-half-open"
    /** The listener itself failed: a bug, or the socket is gone. */
    | "listener";
  /** How many of this kind since the last report, this one included. */
  readonly count: number;
  /** The last one's reason. May hold what a peer chose. */
  readonly says: string;
}

/** One report of a kind in this time: a flood must not become a flood of log lines. */
const REPORT_EVERY_MS = 1_000;

interface Unreported {
  count: number;
  says: string;
}

/** Reports the first trouble of a kind at once, and what follows within a second as one. */
export class TroubleGate {
  /** Kinds that were reported a moment ago, with what came since. */
  readonly #recent = new Map<Trouble["what"], Unreported>();
  readonly #timers = new Set<CancelTimer>();

  constructor(readonly clock: Clock, readonly report: (trouble: Trouble) => void) {}

  tell(what: Trouble["what"], error?: unknown): void {
    const says = error instanceof Error ? error.message : error === undefined ? "" : String(error);
    const since = this.#recent.get(what);
    if (since !== undefined) {
      since.count++;
      since.says = says;
      return;
    }
    this.#wait(what);
    this.report({ what, count: 1, says });
  }

  /** Reports what is left and tells nothing any more by itself. */
  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    for (const [what, { count, says }] of this.#recent) if (count > 0) this.report({ what, count, says });
    this.#recent.clear();
  }

  #wait(what: Trouble["what"]): void {
    this.#recent.set(what, { count: 0, says: "" });
    const cancel = this.clock.after(REPORT_EVERY_MS, () => {
      this.#timers.delete(cancel);
      const since = this.#recent.get(what);
      this.#recent.delete(what);
      if (since === undefined || since.count === 0) return;
      this.#wait(what);
      this.report({ what, ...since });
    });
    this.#timers.add(cancel);
  }
}
