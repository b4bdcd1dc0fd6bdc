/** How the peer's thread and its ledger's worker talk. */
import type { Entry } from "../log/log.ts";
import type { Contradiction, Kept, LedgerOpening, NotStored, Placeable, Run } from "./ledger.ts";
import type { ChainId, SignedEvent } from "./signed-event.ts";

export interface LedgerCalls {
  open: {
    takes: {
      directory: string;
      logDirectory: string;
      group: string;
      author: string;
      /** The device key's 32 secret bytes. */
      seed: Uint8Array;
      epoch: string;
      freshLife: string;
      isRenewed: boolean;
      nowMs: number;
    };
    gives: LedgerOpening;
  };
  keep: { takes: { events: readonly SignedEvent[]; nowMs: number }; gives: Kept };
  break: {
    takes: { proof: Contradiction; nowMs: number };
    gives: { run: Run | null; entries: readonly Entry[] };
  };
  follow: {
    takes: null;
    gives: { said: readonly SignedEvent[]; run: Run | null; more: boolean };
  };
  placeable: { takes: { nowMs: number }; gives: Placeable };
  settle: { takes: { entries: readonly NotStored[] }; gives: null };
  read: { takes: { chain: ChainId; from: number; to: number }; gives: readonly string[] };
  mute: { takes: { authors: readonly string[] }; gives: null };
  proofs: { takes: null; gives: readonly Contradiction[] };
  topic: { takes: { room: string }; gives: string | null };
  close: { takes: null; gives: null };
}
