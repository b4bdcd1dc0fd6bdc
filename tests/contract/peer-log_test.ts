/** The log of a peer is a log like any other. */
import { DatabaseSync } from "node:sqlite";
import type { Log } from "../../src/log/log.ts";
import { HybridClock } from "../../src/peer/hybrid-clock.ts";
import { Keeper } from "../../src/peer/keeper.ts";
import { closeLedger, logDirectoryIn, openStores } from "../../src/peer/open-group.ts";
import { PeerLog } from "../../src/peer/peer-log.ts";
import { Replica } from "../../src/peer/replica.ts";
import { keyOfSeed, publicOf } from "../../src/peer/signing.ts";
import { realClock } from "../../src/transport/clock.ts";
import { testLog } from "./log.ts";

async function openPeerLog(directory: string): Promise<Log> {
  const seed = new Uint8Array(32).fill(7);
  const author = publicOf(keyOfSeed(seed));
  const { log, ledger, opening } = await openStores({
    directory,
    group: "0".repeat(32),
    author,
    seed,
    freshLife: "1".repeat(16),
    nowMs: 1_790_000_000_000,
  });
  const keeper = new Keeper({
    ledger,
    log,
    replica: new Replica(author, opening.runs, []),
    hybrid: new HybridClock(opening.tsMsMax),
    clock: realClock,
    now: () => 1_790_000_000_000,
    links: { say() {}, pause() {}, end() {} },
    onPlaced: () => {},
    note: () => {},
  });
  await keeper.start();
  return new PeerLog(log, ledger, keeper, async () => {
    await keeper.close();
    await closeLedger(ledger);
  });
}

testLog("peer", 6, async () => {
  const directory = await Deno.makeTempDir();
  const log = await openPeerLog(directory);
  let newest = log;
  return {
    log,
    async reopen() {
      await newest.close();
      return newest = await openPeerLog(directory);
    },
    /** Another program that writes to the file keeps ours out, as SQLite's locks have it. */
    breakStore() {
      const other = new DatabaseSync(`${logDirectoryIn(directory)}/log.sqlite`);
      other.exec("BEGIN IMMEDIATE");
      return () => other.close();
    },
    async dispose() {
      await newest.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
});
