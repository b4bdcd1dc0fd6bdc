/**
 * The worker that writes: owns the file. The appends of one message are one transaction. It is begun at once: who
 * appends gathers while a commit runs (`chat/commits.ts`), and to look here for more would keep everybody waiting.
 */
import { StoreFailure } from "../log.ts";
import { storeFailure } from "./sqlite-failure.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { type Answer, type CallOf, failed, type WriterCalls } from "../worker-calls.ts";

type Call = CallOf<WriterCalls>;
type Append = Extract<Call, { kind: "append" }>;

/** Entries in one transaction: at 100,000 a second it takes 20 ms, and nobody waits longer for others. */
const COMMIT_ENTRIES_MAX = 2_000;

let store: SqliteStore | null = null;
/** The newest failure, and the caller's era in which it happened: appends of that era fail with it. */
let failure: { era: number; is: StoreFailure } | null = null;

self.onmessage = ({ data: calls }: MessageEvent<Call[]>) => {
  for (let at = 0; at < calls.length;) {
    const call = calls[at];
    if (call === undefined) break;
    if (call.kind === "append") {
      const group = appendsFrom(calls, at);
      at += group.length;
      answer(keep(group));
    } else {
      at++;
      answer([call.kind === "open" ? open(call.id, call.takes.directory) : close(call.id)]);
    }
  }
  store?.tidy();
};

function appendsFrom(calls: readonly Call[], from: number): Append[] {
  const group: Append[] = [];
  let entries = 0;
  for (let at = from; at < calls.length && entries < COMMIT_ENTRIES_MAX; at++) {
    const call = calls[at];
    if (call?.kind !== "append") break;
    group.push(call);
    entries += call.takes.batch.length;
  }
  return group;
}

function keep(group: readonly Append[]): Answer[] {
  const late = failure;
  const isLate = (call: Append) => late !== null && call.takes.era <= late.era;
  const answers = group.filter(isLate).map(({ id }) => failed(id, late?.is ?? closed()));
  const calls = group.filter((call) => !isLate(call));
  if (calls.length === 0) return answers;
  try {
    if (store === null) throw closed();
    const outcomes = store.append(calls.map(({ takes }) => takes.batch));
    calls.forEach(({ id }, at) => answers.push({ id, gives: outcomes[at] }));
  } catch (error) {
    const is = storeFailure(error, "the log");
    failure = { era: Math.max(...calls.map(({ takes }) => takes.era)), is };
    calls.forEach(({ id }) => answers.push(failed(id, is)));
  }
  return answers;
}

function open(id: number, directory: string): Answer {
  try {
    store = new SqliteStore(directory);
    return { id, gives: { epoch: store.epoch, renewed: store.renewed } };
  } catch (error) {
    return failed(id, storeFailure(error, directory));
  }
}

function close(id: number): Answer {
  store?.close();
  store = null;
  return { id, gives: null };
}

function closed(): StoreFailure {
  return new StoreFailure("broken", "the log is closed");
}

function answer(answers: Answer[]): void {
  self.postMessage(answers);
}
