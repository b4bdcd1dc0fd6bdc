/**
 * When a self-made certificate is renewed (docs: ARCHITECTURE.md). Two exist at any time: the current one, and
 * the next, whose hash is published from its making on, days before anyone meets it. So a page that learned
 * both hashes and stayed open does not lose its way when the server changes over.
 */
import { CERTIFICATE_DAYS } from "./certificate.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The current one hands over when it has less than this left: enough for a server that was off for a long
 * weekend to come back with it still valid. */
const switchBeforeEndMs = 4 * dayMs;

/** How far a certificate's first moment lies before its first use: clients' clocks may be behind. */
export const backdateMs = hourMs;

/** A next one that would hand over sooner than this after taking over was made by another plan. */
const nextServesMsMin = (CERTIFICATE_DAYS - 5) * dayMs;

export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface Plan {
  readonly current: "keep" | "promote next" | "make";
  readonly next: "keep" | "make";
}

/**
 * What is to be done at `nowMs`. Pure, and right for any clock: a server that was off while both ended, or
 * whose clock was set back to before the current one began, gets new ones of the same key.
 */
export function planOf(current: Validity | null, next: Validity | null, nowMs: number): Plan {
  if (current !== null && serves(current, nowMs)) {
    return { current: "keep", next: next !== null && follows(next, current) ? "keep" : "make" };
  }
  if (next !== null && serves(next, nowMs)) return { current: "promote next", next: "make" };
  return { current: "make", next: "make" };
}

/** When `planOf` will say something else than keep. */
export function dueOf(current: Validity): number {
  return current.notAfterMs - switchBeforeEndMs;
}

/** The first moment of the certificate that follows `current`. */
export function nextBeginsOf(current: Validity): number {
  return dueOf(current) - backdateMs;
}

function serves(certificate: Validity, nowMs: number): boolean {
  return certificate.notBeforeMs <= nowMs && nowMs < dueOf(certificate);
}

function follows(next: Validity, current: Validity): boolean {
  const handoverMs = dueOf(current);
  return next.notBeforeMs <= handoverMs && dueOf(next) - handoverMs >= nextServesMsMin;
}
