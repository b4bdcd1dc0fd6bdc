/**
 * Everything that can go wrong between a client and a server, in one table (docs/protocol.md, Failures).
 * The code is HTTP-like and travels with the name, so that a peer that does not know a name still knows
 * what kind of failure it is.
 */
export interface Failure {
  /** HTTP-like number on the wire. */
  readonly code: number;
  /** Whether the same PDU may succeed later, unchanged. */
  readonly temporary: boolean;
  /** Whether the server ends the session after saying so. */
  readonly closes: boolean;
  /** Whether a client should come back by itself after the session ended. */
  readonly reconnect: boolean;
  /** What happened and what to do, for people. */
  readonly says: string;
}

export const FAILURES = {
  "malformed": {
    code: 400,
    temporary: false,
    closes: true,
    reconnect: false,
    says: "not a PDU: send one UTF-8 JSON object at a time",
  },
  "invalid": {
    code: 400,
    temporary: false,
    closes: false,
    reconnect: false,
    says: "a field is missing or wrong",
  },
  "bad-order": {
    code: 400,
    temporary: false,
    closes: true,
    reconnect: false,
    says: "say CHAT_HELLO first, and once",
  },
  "unauthorised": {
    code: 401,
    temporary: false,
    closes: true,
    reconnect: false,
    says: "this server wants an invite: open the invite link that its owner has",
  },
  "forbidden": { code: 403, temporary: false, closes: false, reconnect: false, says: "not yours to do" },
  "not-a-member": {
    code: 403,
    temporary: false,
    closes: false,
    reconnect: false,
    says: "join the room first",
  },
  "not-found": {
    code: 404,
    temporary: false,
    closes: false,
    reconnect: false,
    says: "there is no such message in that room",
  },
  "hello-timeout": {
    code: 408,
    temporary: true,
    closes: true,
    reconnect: true,
    says: "no CHAT_HELLO came in time",
  },
  "too-slow": {
    code: 408,
    temporary: true,
    closes: true,
    reconnect: true,
    says: "you read slower than is written to you: reconnect and go on from your position",
  },
  "duplicate": {
    code: 409,
    temporary: false,
    closes: false,
    reconnect: false,
    says: "this seq was already used",
  },
  "pdu-too-large": {
    code: 413,
    temporary: false,
    closes: true,
    reconnect: false,
    says: "a PDU is longer than 65,536 bytes",
  },
  "text-too-large": {
    code: 413,
    temporary: false,
    closes: false,
    reconnect: false,
    says: "a text is longer than 16,384 bytes of UTF-8: send it in parts",
  },
  "too-many-rooms": {
    code: 413,
    temporary: false,
    closes: false,
    reconnect: false,
    says: "you are in as many rooms as one session may be: leave one first",
  },
  "version": {
    code: 426,
    temporary: false,
    closes: true,
    reconnect: false,
    says: "this server speaks version 1 of quicchat: update the client",
  },
  "too-fast": {
    code: 429,
    temporary: true,
    closes: false,
    reconnect: false,
    says: "too fast: wait, then send this and what followed it again",
  },
  "flooding": {
    code: 429,
    temporary: true,
    closes: true,
    reconnect: true,
    says: "too much after being told to slow down",
  },
  "internal": {
    code: 500,
    temporary: true,
    closes: true,
    reconnect: true,
    says: "the server made a mistake: reconnect, nothing that was acknowledged is lost",
  },
  "going-away": {
    code: 503,
    temporary: true,
    closes: true,
    reconnect: true,
    says: "the server stops: reconnect later",
  },
  "busy": {
    code: 503,
    temporary: true,
    closes: true,
    reconnect: true,
    says: "the server has as many connections as it may: try again later",
  },
  "not-read": {
    code: 500,
    temporary: true,
    closes: false,
    reconnect: false,
    says: "the server could not read its store: ask again later",
  },
  "not-stored": {
    code: 507,
    temporary: true,
    closes: false,
    reconnect: false,
    says: "the server could not store this: it keeps nothing new until its disk has room, send again later",
  },
} as const satisfies Record<string, Failure>;

export type FailureName = keyof typeof FAILURES;

/** Looks a failure up by the name that came over the wire; unknown names are judged by their code. */
export function failureOf(name: string | undefined, code: number): Failure {
  if (name !== undefined && Object.hasOwn(FAILURES, name)) return FAILURES[name as FailureName];
  const temporary = code === 408 || code === 429 || code >= 500;
  return { code, temporary, closes: false, reconnect: temporary, says: `failure ${code}` };
}
