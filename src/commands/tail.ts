import process from "node:process";
import { connect } from "../client/connect.ts";
import type { ServerEventPdu } from "../protocol/server-pdu.ts";
import { has, numberOf } from "./arguments.ts";
import { type Command, type Given, UsageError } from "./command.ts";
import { losePatience } from "./patience.ts";
import { readableEvent } from "./readable-event.ts";
import { classicClient } from "./send.ts";
import {
  PROTOCOL_FLAG,
  SERVER_FLAGS,
  type Target,
  targetOf,
  troubleOf,
  TRUST_FLAGS,
} from "./server-flags.ts";

export const tail: Command = {
  name: "tail",
  summary: "Print what is said in a room, as it is said",
  words: "",
  wordsMax: 0,
  flags: {
    ...SERVER_FLAGS,
    json: { says: "one JSON object a line, with the protocol's field names" },
    after: { value: "OFFSET", says: "begin after this offset; 0 is from the first (from now on)" },
    limit: { value: "N", says: "end after N of them" },
    protocol: PROTOCOL_FLAG,
    ...TRUST_FLAGS,
  },
  notes: `Messages, edits, deletions and reactions, each once and in order, also when the server goes
away and comes back meanwhile.

  quicchat tail --after 0 --json | jq -r .text`,
  run: runTail,
};

async function runTail(given: Given): Promise<number> {
  const after = numberOf(given, "after", 0, Number.MAX_SAFE_INTEGER);
  const limit = numberOf(given, "limit", 1, Number.MAX_SAFE_INTEGER) ?? Infinity;
  const target = await targetOf(given);
  if (target.wire === "chat/0" && after !== undefined) {
    throw new UsageError(
      "--after and --protocol chat/0 don't go together: the original's wire has no history",
    );
  }
  const line = has(given, "json") ? (pdu: object) => JSON.stringify(pdu) : readableEvent;
  const events = target.wire === "chat/0" ? classicEvents(target) : ourEvents(target, after);
  let count = 0;
  try {
    for await (const event of events) {
      // Waited for, so that a slow reader of ours slows the server's cursor and not our memory.
      if (!await print(line(event))) return 0;
      if (++count >= limit) return 0;
    }
  } catch (error) {
    throw troubleOf(error);
  }
  return 0;
}

async function* ourEvents(target: Target, after: number | undefined): AsyncGenerator<ServerEventPdu> {
  const { address, name, token, trust } = target;
  const client = connect(address.origin, { name, token, deno: trust });
  const room = client.room(target.room, { after });
  const hopeless = losePatience(client, { ...target, origin: address.origin });
  const events = room[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { value, done } = await Promise.race([events.next(), hopeless]);
      if (done || value === undefined) return;
      yield value;
    }
  } finally {
    await client.close();
    await client.goodbye;
  }
}

async function* classicEvents(target: Target): AsyncGenerator<ServerEventPdu> {
  const client = await classicClient(target);
  try {
    for await (const pdu of client) if (pdu.type === "CHAT_MESSAGE") yield pdu;
  } finally {
    client.close();
  }
}

/** False when nobody reads any more (`tail | head`). */
function print(line: string): Promise<boolean> {
  return new Promise((resolve) =>
    process.stdout.write(line + "\n", (error) => resolve(error === null || error === undefined))
  );
}
