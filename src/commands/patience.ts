import type { Client } from "../client/client.ts";
import type { Status } from "../client/status.ts";
import { Trouble } from "./command.ts";

/** How long a command waits for its server. */
export interface Patience {
  /** Before it ever answered. */
  readonly firstWaitMs: number;
  /** Afterwards, without a connection. */
  readonly laterWaitMs: number;
  /** The server, as the user named it. */
  readonly origin: string;
}

/**
 * Watches a client's connection for a command that must end some day. The promise rejects with `Trouble`
 * when the server says no, or when there was no connection for too long; it never resolves.
 */
export function losePatience(client: Client, patience: Patience): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  let wasLive = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let because = "no answer";
  const arm = () => {
    const waitMs = wasLive ? patience.laterWaitMs : patience.firstWaitMs;
    timer ??= setTimeout(() => {
      reject(
        new Trouble(
          `no connection to ${patience.origin} for ${waitMs / 1000} s (${because}): is the server running?`,
        ),
      );
    }, waitMs);
  };
  const see = (status: Status) => {
    if (status.state === "live") {
      wasLive = true;
      clearTimeout(timer);
      timer = undefined;
    } else if (status.state === "refused") reject(new Trouble(status.failure.says));
    else if (status.state === "closed") clearTimeout(timer);
    else {
      if (status.state === "reconnecting") because = status.because;
      arm();
    }
  };
  see(client.status.current);
  client.status.subscribe(see);
  // Who races it against something that ends first is not interested any more.
  promise.catch(() => {});
  return promise;
}
