import type { ClientPdu } from "../protocol/client-pdu.ts";
import type { ServerPduOf } from "../protocol/server-pdu.ts";
import { ChatFailure } from "./failure.ts";

export type AnswerType = "CHAT_PAGE" | "CHAT_ROOMS" | "CHAT_WHO" | "CHAT_FOUND";
type Answer = ServerPduOf<AnswerType>;

interface Pending {
  readonly pdu: ClientPdu;
  readonly answered: (pdu: Answer) => void;
  readonly failed: (failure: ChatFailure) => void;
  /** When to ask again after a temporary refusal. */
  retryAtMs: number | null;
}

/** Questions that wait for their answer. They only read, so that each new connection may ask them again. */
export class Requests {
  #pending = new Map<number, Pending>();

  /** Registers a question; saying it is the caller's part. */
  ask<T extends AnswerType>(
    pdu: ClientPdu,
    type: T,
    signal: AbortSignal | undefined,
  ): Promise<ServerPduOf<T>> {
    return new Promise((resolve, reject) => {
      const over = () => {
        this.#pending.delete(pdu.seq);
        signal?.removeEventListener("abort", abort);
      };
      const failed = (failure: ChatFailure) => {
        over();
        reject(failure);
      };
      const abort = () => failed(ChatFailure.local("aborted"));
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort);
      const answered = (answer: Answer) => {
        if (!isOf(answer, type)) {
          return failed(ChatFailure.of("invalid", `the server answered ${pdu.type} with ${answer.type}`));
        }
        over();
        resolve(answer);
      };
      this.#pending.set(pdu.seq, { pdu, answered, failed, retryAtMs: null });
    });
  }

  /** Everything without an answer: a new connection has to be asked it. */
  all(): ClientPdu[] {
    return [...this.#pending.values()].map((one) => {
      one.retryAtMs = null;
      return one.pdu;
    });
  }

  answer(pdu: Answer): void {
    this.#pending.get(pdu.ack)?.answered(pdu);
  }

  refused(ack: number, failure: ChatFailure, retryMs: number | undefined, nowMs: number): void {
    const one = this.#pending.get(ack);
    if (one === undefined) return;
    if (failure.temporary) one.retryAtMs = nowMs + (retryMs ?? 1_000);
    else one.failed(failure);
  }

  failAll(failure: ChatFailure): void {
    for (const one of [...this.#pending.values()]) one.failed(failure);
  }

  deadlineMs(): number | null {
    const times = [...this.#pending.values()].flatMap(({ retryAtMs }) =>
      retryAtMs === null ? [] : [retryAtMs]
    );
    return times.length === 0 ? null : Math.min(...times);
  }

  /** What is to be asked again now. */
  tick(nowMs: number): ClientPdu[] {
    const due = [...this.#pending.values()].filter((one) => one.retryAtMs !== null && one.retryAtMs <= nowMs);
    for (const one of due) one.retryAtMs = null;
    return due.map((one) => one.pdu);
  }
}

function isOf<T extends AnswerType>(
  pdu: Answer,
  type: T,
): pdu is Extract<Answer, { type: T }> & ServerPduOf<T> {
  return pdu.type === type;
}
