import type { Clock } from "../transport/clock.ts";
import type { Dial, Network } from "./dial/dial.ts";
import type { Status } from "./status.ts";
import type { OutboxStore } from "./outbox/store.ts";

export interface ClientOptions {
  /** What others see. 1 to 64 characters of one line. */
  readonly name: string;
  /** An invite's token. */
  readonly token?: string | undefined;
  readonly auth?: Record<string, unknown> | undefined;
  /** Where unsent messages are kept. One for each server. */
  readonly store: OutboxStore;
  readonly dial: Dial;
  readonly network?: Network | undefined;
  readonly clock?: Clock | undefined;
  /** Milliseconds since the epoch; `Date.now` unless given. */
  readonly wallMs?: (() => number) | undefined;
  /** Numbers from 0 to below 1, for the jitter. */
  readonly random?: (() => number) | undefined;
  /** What was said while offline and is older is not sent before `outbox.resume`. Default 10 minutes. */
  readonly askAfterMs?: number | undefined;
  /** Bytes that the server may send ahead of this program's reading, 65,536 to 4,194,304. */
  readonly windowBytes?: number | undefined;
  readonly onStatus?: ((status: Status) => void) | undefined;
  /** Odd things that nobody waits for, as sentences without message texts. */
  readonly onNotice?: ((says: string) => void) | undefined;
}
