import type { Outcome, StoreFailure } from "../log/log.ts";
import type { FailureName } from "../protocol/failures.ts";
import type { Link, LinkEnd } from "../transport/link.ts";
import type { Journal } from "./journal.ts";
import type { Metrics } from "./metrics.ts";
import type { Watcher } from "./shell.ts";

/** Writes down what happens: numbers into the metrics, words into the journal. */
export class Watch implements Watcher {
  /** Why the store takes nothing new, or null while it does. */
  refusal: string | null = null;

  constructor(readonly metrics: Metrics, readonly journal: Journal) {}

  opened(link: Link): void {
    this.metrics.sessionOpened(link.kind, link.wire);
    this.journal.debug("session-opened", { link: link.kind, wire: link.wire, remote: link.remote });
  }

  closed(link: Link, end: LinkEnd): void {
    this.metrics.sessionClosed(link.kind, link.wire);
    this.journal.debug("session-closed", {
      link: link.kind,
      why: end.why,
      ...("says" in end ? { says: end.says } : {}),
    });
  }

  ended(link: Link, failure: FailureName | null): void {
    if (failure !== null && failure !== "going-away") {
      this.journal.warn("session-ended", { failure, link: link.kind, wire: link.wire, remote: link.remote });
    }
  }

  appended(outcomes: readonly Outcome[], durationMs: number): void {
    this.metrics.appended(outcomes.length, durationMs);
    let stored = 0;
    for (const { status } of outcomes) {
      if (status === "stored") stored++;
      else if (status === "duplicate") this.metrics.duplicate();
    }
    this.metrics.stored(stored);
  }

  sent(bytes: number): void {
    this.metrics.sent(bytes);
  }

  store(failure: StoreFailure | null): void {
    if (failure === null) this.journal.info("store-works-again");
    else this.journal.error("store-refuses", { reason: failure.reason, says: failure.message });
    this.refusal = failure?.message ?? null;
  }

  trouble(event: string, error: unknown): void {
    const says = error instanceof Error ? error.message : String(error);
    this.journal.error(event, { says, ...(error instanceof Error ? { stack: error.stack ?? "" } : {}) });
  }
}
