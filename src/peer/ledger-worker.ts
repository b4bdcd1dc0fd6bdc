/** The worker that keeps the ledger: it checks signatures, signs, and blocks on its disk, in nobody's way. */
import { DatabaseSync } from "node:sqlite";
import { openForReading, openForWriting } from "../log/sqlite/connection.ts";
import { logFilesIn } from "../log/directory.ts";
import { storeFailure } from "../log/sqlite/sqlite-failure.ts";
import { type Answer, type CallOf, failed } from "../log/worker-calls.ts";
import type { LedgerCalls } from "./ledger-calls.ts";
import type { Wrong } from "./ledger.ts";
import { type Checked, LedgerStore } from "./ledger-store.ts";
import { Checker, keyOfSeed, signText } from "./signing.ts";

type Call = CallOf<LedgerCalls>;

/** Of each of its two files, a quarter of SQLite's own measure: the system has their pages as well. */
const CACHE_KIB = 512;

let store: LedgerStore | null = null;
let checker: Checker | null = null;
/** What takes in what others said, and the end, waits for all the rest: however much comes, what has come is shown. */
const PATIENT: readonly Call["kind"][] = ["keep", "break", "close"];
const prompt: Call[] = [];
const patient: Call[] = [];
let isAtWork = false;

self.onmessage = ({ data }: MessageEvent<Call[]>) => {
  for (const call of data) (PATIENT.includes(call.kind) ? patient : prompt).push(call);
  if (!isAtWork) work();
};

/** One after another: a call that checks signatures waits for them. */
async function work(): Promise<void> {
  isAtWork = true;
  for (;;) {
    const call = prompt.shift() ?? patient.shift();
    if (call === undefined) break;
    self.postMessage([await answerTo(call)]);
  }
  isAtWork = false;
}

async function answerTo(call: Call): Promise<Answer> {
  try {
    return { id: call.id, gives: await carryOut(call) };
  } catch (error) {
    return failed(call.id, storeFailure(error, "the ledger"));
  }
}

async function carryOut(call: Call): Promise<unknown> {
  switch (call.kind) {
    case "open": {
      const { directory, logDirectory, seed, ...me } = call.takes;
      const path = `${directory}/ledger.sqlite`;
      // For this user's eyes only, as the log itself.
      Deno.openSync(path, { create: true, append: true, mode: 0o600 }).close();
      const db: DatabaseSync = openForWriting(path);
      db.exec("PRAGMA wal_autocheckpoint = 1000");
      const log = openForReading(logFilesIn(logDirectory).database);
      for (const one of [db, log]) one.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
      const key = keyOfSeed(seed);
      store = new LedgerStore(db, log, {
        ...me,
        path,
        sign: (text) => signText(key, me.group, text),
      });
      // From here on a power cut may take the last transactions: what was said is signed again from the log, to the
      // same bytes, and what others said comes again from them.
      db.exec("PRAGMA synchronous = NORMAL");
      checker = new Checker(me.group);
      return store.opening();
    }
    case "keep": {
      const { events, nowMs } = call.takes;
      const wrongs: Wrong[] = [];
      const right: Checked[] = [];
      // What several neighbours passed on is not checked again: that takes longest.
      const fresh = events.filter((one) => !theStore().holds(one));
      for (const one of await theChecker().check(fresh)) {
        if (typeof one === "string") wrongs.push({ why: one });
        else right.push(one);
      }
      const kept = theStore().keep(right, nowMs);
      return { ...kept, wrongs: [...wrongs, ...kept.wrongs] };
    }
    case "break": {
      const proof = await theChecker().checkProof(call.takes.proof);
      return proof === null ? { run: null, entries: [] } : theStore().break(proof, call.takes.nowMs);
    }
    case "follow":
      return theStore().follow();
    case "placeable":
      return theStore().placeable(call.takes.nowMs);
    case "settle":
      theStore().settle(call.takes.entries);
      return null;
    case "read":
      return theStore().read(call.takes.chain, call.takes.from, call.takes.to);
    case "mute":
      theStore().mute(call.takes.authors);
      return null;
    case "proofs":
      return theStore().proofs();
    case "topic":
      return theStore().topic(call.takes.room);
    case "close":
      store?.close();
      store = null;
      return null;
  }
}

function theStore(): LedgerStore {
  if (store === null) throw new Error("it is closed");
  return store;
}

function theChecker(): Checker {
  if (checker === null) throw new Error("it is closed");
  return checker;
}
