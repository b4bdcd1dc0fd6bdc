import { type Failure, type FailureName, failureOf, FAILURES } from "../protocol/failures.ts";

/** What only a client can tell: it happens on this side of the wire, so it never travels. */
const CLIENT_FAILURES = {
  "closed": { code: 499, temporary: true, reconnect: false, says: "the client was closed" },
  "left": { code: 499, temporary: false, reconnect: false, says: "the room was left" },
  "discarded": { code: 499, temporary: false, reconnect: false, says: "the message was discarded" },
  "aborted": { code: 499, temporary: false, reconnect: false, says: "it was called off" },
  "no-receipt": {
    code: 504,
    temporary: true,
    reconnect: false,
    says: "no receipt came: it may or may not be known",
  },
  "lost": { code: 503, temporary: true, reconnect: false, says: "the connection was lost" },
  "key-changed": { code: 495, temporary: false, reconnect: false, says: "the server's key is another one" },
  "bad-address": { code: 400, temporary: false, reconnect: false, says: "not the address of a server" },
  "outbox": { code: 507, temporary: true, reconnect: false, says: "this device could not keep the message" },
} as const;

export type ClientFailureName = keyof typeof CLIENT_FAILURES;

/**
 * Why something asked of the SDK did not happen. `name` is a row of the protocol's failure table or one of
 * `ClientFailureName`; a program decides by it or by `code`, a person reads `says`.
 */
export class ChatFailure extends Error {
  override readonly name: string;
  /** HTTP-like. */
  readonly code: number;
  /** Whether the same thing may succeed later, unchanged. */
  readonly temporary: boolean;
  /** Whether the client comes back by itself after it. */
  readonly reconnect: boolean;
  /** True when the message is still in the outbox, and goes out when there is a connection again. */
  readonly kept: boolean;

  constructor(name: string, failure: Omit<Failure, "closes">, says: string, kept = false) {
    super(says);
    this.name = name;
    this.code = failure.code;
    this.temporary = failure.temporary;
    this.reconnect = failure.reconnect;
    this.kept = kept;
  }

  /** What happened and what to do, as a sentence. */
  get says(): string {
    return this.message;
  }

  /** One of the protocol's table that this side found out by itself. */
  static of(name: FailureName, says?: string): ChatFailure {
    return new ChatFailure(name, FAILURES[name], says ?? FAILURES[name].says);
  }

  /** One of this side's own. */
  static local(name: ClientFailureName, says?: string, kept = false): ChatFailure {
    return new ChatFailure(name, CLIENT_FAILURES[name], says ?? CLIENT_FAILURES[name].says, kept);
  }

  /** What a CHAT_ERROR tells. */
  static told(pdu: { code: number; msg: string; failure?: string | undefined }): ChatFailure {
    const failure = failureOf(pdu.failure, pdu.code);
    return new ChatFailure(pdu.failure ?? `code-${pdu.code}`, failure, pdu.msg || failure.says);
  }

  /** The same failure of a message that stays in the outbox. */
  butKept(): ChatFailure {
    const failure = { code: this.code, temporary: this.temporary, reconnect: this.reconnect };
    return new ChatFailure(this.name, { ...failure, says: this.says }, this.says, true);
  }
}

/** A thrown value as a sentence. */
export function saysOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
