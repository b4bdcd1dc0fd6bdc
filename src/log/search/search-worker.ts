/**
 * The worker that searches: questions may take long, and the index is written beside the log, never in its way.
 * It follows the log by itself: a little after each second, and before each answer.
 */
import { IndexUnfit, removeIndexFile } from "./search-file.ts";
import { SearchIndex } from "./search-index.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
import { StoreFailure } from "../log.ts";
import { storeFailure } from "../sqlite/sqlite-failure.ts";
import { type Answer, type CallOf, failed, type SearchCalls } from "../worker-calls.ts";

type Call = CallOf<SearchCalls>;

/** For so long a question waits until the index has what was said just before: about 1,000 messages. */
const CATCH_UP_MS = 40;
/** When nobody asks, the index follows so far behind. */
const FOLLOW_EVERY_MS = 1_000;
/** Behind, it takes a quarter of a core at most: a flood of 50,000 messages took 13 s beside an index that followed it
 * as fast as it could, 8 s alone. */
const PAUSE_TO_WORK = 3;

let paths: SearchCalls["open"]["takes"] | null = null;
let index: SearchIndex | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

self.onmessage = ({ data }: MessageEvent<Call[]>) => {
  for (const call of data) self.postMessage([answerTo(call)]);
};

function answerTo(call: Call): Answer {
  try {
    return { id: call.id, gives: carryOut(call) };
  } catch (error) {
    return failed(call.id, trouble(error));
  }
}

/** The next call opens anew: after an error of the disk a connection is not to be trusted. */
function trouble(error: unknown): StoreFailure {
  letGo();
  return storeFailure(error, paths?.own ?? "the search index");
}

function carryOut(call: Call): unknown {
  switch (call.kind) {
    case "open":
      paths = call.takes;
      follow();
      return null;
    case "find":
      return find(call.takes);
    case "close":
      paths = null;
      clearTimeout(timer);
      letGo();
      return null;
  }
}

function find(query: SearchQuery): SearchPage {
  try {
    catchUp(CATCH_UP_MS);
  } catch (error) {
    // What was taken in before can still be found, and `isBehind` says that it is not all.
    if (trouble(error).reason !== "full") throw error;
  }
  return withIndex((open) => open.find(query));
}

/** One batch a turn, so that questions get theirs in between; then a pause, so that whoever talks has the processor. */
function follow(): void {
  let hasMore = false;
  const startMs = performance.now();
  try {
    hasMore = catchUp(0);
  } catch (error) {
    // Nothing is lost: the next turn tries anew, and the next question says what is wrong.
    trouble(error);
  }
  timer = setTimeout(follow, hasMore ? (performance.now() - startMs) * PAUSE_TO_WORK : FOLLOW_EVERY_MS);
}

/** At least one batch. Whether there may be more. */
function catchUp(forMs: number): boolean {
  const endMs = performance.now() + forMs;
  for (;;) {
    if (!withIndex((open) => open.catchUp())) return false;
    if (performance.now() >= endMs) return true;
  }
}

/** Does something with the index. One that is unfit is made anew, once: a disk that damages what was just written
 * is the operator's to mend. */
function withIndex<T>(act: (open: SearchIndex) => T): T {
  try {
    return act(theIndex());
  } catch (error) {
    if (!(error instanceof IndexUnfit) || paths === null) throw error;
    letGo();
    removeIndexFile(paths.own);
    return act(theIndex());
  }
}

function theIndex(): SearchIndex {
  if (paths === null) throw new StoreFailure("broken", "the search is closed");
  return index ??= new SearchIndex(paths.log, paths.own, paths.cacheKib);
}

function letGo(): void {
  index?.close();
  index = null;
}
