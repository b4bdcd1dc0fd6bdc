/** The worker that reads beside the one that writes, so that a long catching up holds up no commit. */
import type { DatabaseSync } from "node:sqlite";
import { openForReading } from "./connection.ts";
import { StoreFailure } from "../log.ts";
import { storeFailure } from "./sqlite-failure.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { type Answer, type CallOf, failed, type ReaderCalls } from "../worker-calls.ts";

type Call = CallOf<ReaderCalls>;

let database = "";
let open: { db: DatabaseSync; reader: SqliteReader } | null = null;

self.onmessage = ({ data }: MessageEvent<Call[]>) => {
  self.postMessage(data.map(answerTo));
};

function answerTo(call: Call): Answer {
  try {
    return { id: call.id, gives: carryOut(call) };
  } catch (error) {
    // The next call opens anew: after an error of the disk a connection is not to be trusted.
    letGo();
    return failed(call.id, storeFailure(error, database));
  }
}

function carryOut(call: Call): unknown {
  switch (call.kind) {
    case "open":
      database = call.takes.database;
      reader();
      return null;
    case "read":
      return reader().read(call.takes.room, call.takes.after, call.takes.limit);
    case "changes":
      return reader().changes(call.takes.room, call.takes.targets, call.takes.after);
    case "stand":
      return reader().stand(call.takes.room);
    case "rooms":
      return reader().rooms(call.takes.after, call.takes.limit);
    case "close":
      letGo();
      database = "";
      return null;
  }
}

function reader(): SqliteReader {
  if (database === "") throw new StoreFailure("broken", "the log is closed");
  if (open === null) {
    const db = openForReading(database);
    open = { db, reader: new SqliteReader(db) };
  }
  return open.reader;
}

function letGo(): void {
  open?.db.close();
  open = null;
}
