/** An error that nobody caught. */
export interface Escaped {
  readonly kind: "rejection" | "error";
  readonly says: string;
  /** Where it was thrown; "" when that is not known. */
  readonly stack: string;
}

/**
 * Keeps the process alive when an error escapes, and tells of it. Call it first: with Deno's QUIC a single
 * remote peer can cause rejections inside the runtime that no other code sees (an empty WebTransport datagram,
 * for one). Returns what takes the guard away again.
 */
export function guardProcess(onEscaped: (escaped: Escaped) => void): () => void {
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    onEscaped(describe("rejection", event.reason));
  };
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    onEscaped(describe("error", event.error ?? event.message));
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return () => {
    globalThis.removeEventListener("unhandledrejection", onRejection);
    globalThis.removeEventListener("error", onError);
  };
}

function describe(kind: Escaped["kind"], reason: unknown): Escaped {
  return reason instanceof Error
    ? { kind, says: reason.message, stack: reason.stack ?? "" }
    : { kind, says: String(reason), stack: "" };
}
