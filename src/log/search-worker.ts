/**
 * The worker that searches: questions may take long, and the index is written beside the log, never in its way.
 * It follows the log by itself: a little after each second, and before each answer.
 */
import { StoreFailure } from "./log.ts";
import { SearchIndex } from "./search-index.ts";
import { storeFailure } from "./sqlite-failure.ts";
import { type Answer, type CallOf, failed, type SearchCalls } from "./worker-calls.ts";

type Call = CallOf<SearchCalls>;

/** Batches that a question waits for, so that it sees what was said just before. */
const BATCHES_BEFORE_ANSWER = 5;
/** When nobody asks, the index follows so far behind. */
const FOLLOW_EVERY_MS = 1_000;

let paths: { readonly log: string; readonly own: string } | null = null;
let index: SearchIndex | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;

self.onmessage = ({ data }: MessageEvent<Call[]>) => self.postMessage(data.map(answerTo));

function answerTo(call: Call): Answer {
  try {
    return { id: call.id, gives: carryOut(call) };
  } catch (error) {
    letGo();
    return failed(call.id, storeFailure(error, "the search index"));
  }
}

function carryOut(call: Call): unknown {
  switch (call.kind) {
    case "open":
      paths = call.takes;
      follow();
      return null;
    case "find": {
      const open = theIndex();
      for (let batch = 0; batch < BATCHES_BEFORE_ANSWER && open.catchUp(); batch++);
      return open.find(call.takes);
    }
    case "close":
      paths = null;
      if (timer !== null) clearTimeout(timer);
      letGo();
      return null;
  }
}

/** One batch a turn, so that questions get theirs in between. */
function follow(): void {
  let hasMore = false;
  try {
    hasMore = theIndex().catchUp();
  } catch {
    // Nothing is lost: the next question tries anew and says what is wrong.
    letGo();
  }
  timer = setTimeout(follow, hasMore ? 0 : FOLLOW_EVERY_MS);
}

function theIndex(): SearchIndex {
  if (paths === null) throw new StoreFailure("broken", "the search is closed");
  return index ??= new SearchIndex(paths.log, paths.own);
}

function letGo(): void {
  index?.close();
  index = null;
}
