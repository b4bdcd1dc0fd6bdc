/** The rules of the chat, with sessions that say anything at any time, and a log that answers when it likes. */
import assert from "node:assert/strict";
import { checkClientPdu } from "../../src/protocol/client-pdu.ts";
import { LIMITS } from "../../src/protocol/limits.ts";
import type { ServerPdu } from "../../src/protocol/server-pdu.ts";
import { decodeDatagram, decoderOf } from "../../src/protocol/wire.ts";
import type { Seeded } from "../fixtures/seeded.ts";
import { Stage } from "../fixtures/stage.ts";
import { fuzzedBytes, honestWords, oddWords } from "./words.ts";

const SESSIONS_MAX = 8;

/**
 * One play. The stage itself throws when the server says what its own schema refuses, or has two batches on the
 * way; what a session was told is looked at when it ends. Gives how many PDUs were said.
 */
export function fuzzSessions(random: Seeded, stageOf: typeof Stage = Stage): number {
  const stage = new stageOf({
    rate: random.pick([{ perSecond: 100, burst: 600 }, { perSecond: 5, burst: 5 }]) ??
      { perSecond: 1, burst: 1 },
    roomsMax: random.pick([3, 50_000]) ?? 3,
  });
  stage.isPrompt = random.next() < 0.6;
  const here = new Set<number>();
  const ours = new Set<number>();
  let said = 0;
  const steps = random.from(20, 200);
  for (let step = 0; step < steps; step++) {
    const id = random.pick([...here]);
    const act = random.next();
    if (id === null || (act < 0.06 && here.size < SESSIONS_MAX)) {
      const isClassic = random.next() < 0.2;
      const opened = stage.open(isClassic ? "chat/0" : "quicchat/1", random.next() < 0.5);
      here.add(opened);
      if (!isClassic) ours.add(opened);
      if (random.next() < 0.3) stage.reading.delete(opened);
      if (random.next() < 0.9) {
        const window = random.next() < 0.3 ? { window: LIMITS.pduBytesMax } : {};
        stage.say(opened, { type: "CHAT_HELLO", seq: 0, name: "Ann", ...window });
        said++;
      }
    } else if (act < 0.08) {
      stage.leave(id);
      here.delete(id);
    } else if (act < 0.12) stage.pass(random.from(1, 40) * 100);
    else if (act < 0.2) answer(stage, random);
    else if (act < 0.24) stage.read(id, random.from(1, 100_000));
    else if (act < 0.3) {
      const decoded = decodeDatagram(fuzzedBytes(random));
      if ("value" in decoded) stage.chat.hinted(id, checkClientPdu(decoded.value), stage.nowMs);
      stage.run();
      said++;
    } else if (act < 0.36) {
      for (const decoded of decoderOf("quicchat/1").push(new Uint8Array([...fuzzedBytes(random), 0x0a]))) {
        if ("failure" in decoded) stage.chat.unreadable(id, decoded.failure, stage.nowMs);
        else stage.chat.said(id, checkClientPdu(decoded.value), stage.nowMs);
      }
      stage.run();
      said++;
    } else {
      const words = act < 0.8 ? honestWords(random) : oddWords(random);
      stage.chat.said(id, checkClientPdu(JSON.parse(JSON.stringify(words))), stage.nowMs);
      stage.run();
      said++;
    }
  }
  settle(stage);
  for (const [id, told] of stage.told) judge(told, ours.has(id), stage.closed.has(id));
  for (const id of here) stage.leave(id);
  settle(stage);
  assert.equal(stage.chat.sessionCount, 0);
  assert.equal(stage.chat.roomCount, 1, "only the lobby stays open when everybody has gone");
  assert.ok(stage.chat.isSettled);
  return said;
}

/** The log does what it was asked to, or can't. */
function answer(stage: Stage, random: Seeded): void {
  const fails = random.next() < 0.2;
  if (stage.appending !== null && random.next() < 0.6) {
    if (fails) stage.failCommit();
    else stage.commit();
  } else if (stage.questions.length > 0) stage.answer(fails);
}

function settle(stage: Stage): void {
  stage.isPrompt = true;
  stage.run();
  // What could not be read is asked for again at the next tick.
  stage.pass(1_000);
}

/** What must hold of everything that one session was told. */
function judge(told: readonly ServerPdu[], isOurs: boolean, isClosed: boolean): void {
  const bye = told.findIndex(({ type }) => type === "CHAT_BYE");
  assert.equal(bye >= 0, isClosed, "a session that is closed was told so, and no other");
  assert(bye < 0 || bye === told.length - 1, "goodbye is the last word");
  const welcomes = told.filter(({ type }) => type === "CHAT_WELCOME").length;
  assert(welcomes <= 1);
  if (welcomes === 0) {
    for (const { type } of told) {
      assert(type === "CHAT_ERROR" || type === "CHAT_BYE", `${type} before welcome`);
    }
  }
  if (!isOurs) return;
  const next = new Map<string, number>();
  const receipts = new Map<number, string>();
  for (const pdu of told) {
    if (pdu.type === "CHAT_JOINED") next.set(pdu.room, pdu.after + 1);
    else if (pdu.type === "CHAT_RECEIPT") {
      const place = `${pdu.room} ${pdu.offset}`;
      assert.equal(receipts.get(pdu.ack) ?? place, place, "one event, one place");
      receipts.set(pdu.ack, place);
    } else if ("offset" in pdu && "sender" in pdu && pdu.offset !== undefined && pdu.room !== undefined) {
      const expected = next.get(pdu.room);
      // Of a room that was never joined nothing may be told; of one that was left, what was on the way.
      assert(expected !== undefined, `an event of ${pdu.room}, which was not joined`);
      assert.equal(pdu.offset, expected, `${pdu.room}: no hole, nothing twice`);
      next.set(pdu.room, expected + 1);
    }
  }
}
