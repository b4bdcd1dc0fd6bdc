import assert from "node:assert/strict";
import { adaAt, type ChatWindow, linesOf, messagesOf, write } from "../../tests/fixtures/chat-window.ts";
import { ScriptedServer } from "../../tests/fixtures/scripted-server.ts";
import { LOBBY } from "../protocol/words.ts";
import type { RoomModel } from "./models.ts";

/** A room of 3,000 messages, of which the newest are loaded. */
async function longRoom(
  knobs: Partial<ScriptedServer> = {},
  more: (server: ScriptedServer) => void = () => {},
): Promise<{ server: ScriptedServer; window: ChatWindow; room: RoomModel }> {
  const server = Object.assign(new ScriptedServer(), knobs);
  for (let n = 1; n <= 3_000; n++) server.post(LOBBY, { text: `${n}` });
  more(server);
  const window = adaAt(server);
  return { server, window, room: await window.open() };
}

const ends = (room: RoomModel) => [messagesOf(room)[0]?.offset, messagesOf(room).at(-1)?.offset];
const targetOf = (room: RoomModel) => room.view.current.target?.offset ?? null;

Deno.test("older ones are put before: their number is told, what was there is the same", async () => {
  const { window, room } = await longRoom();
  assert.deepEqual(ends(room), [2_801, 3_000]);
  const before = room.view.current;
  const older = room.older();
  await window.settle(0);
  assert.equal(room.view.current.loading, true);
  await window.settle();
  await older;
  const { rows, prepended, loading, atBeginning } = room.view.current;
  assert.deepEqual([prepended, loading, atBeginning], [200, false, false]);
  assert.deepEqual(rows.length, before.rows.length + 200);
  // The first was the first of a group only since nothing stood before it.
  assert.ok(rows.slice(201).every((row, at) => row === before.rows[at + 1]));
  assert.equal(rows[200]?.key, before.rows[0]?.key);
  await window.chat.close();
});

Deno.test("a jump: to what is loaded, to what is near, to what is far", async () => {
  const { window, room } = await longRoom();
  const jump = async (offset: number) => {
    const jumped = room.jumpTo(offset);
    await window.settle(100);
    await jumped;
    await window.settle(0);
    return [targetOf(room), ...ends(room), room.view.current.atEnd];
  };
  assert.deepEqual(await jump(2_900), [2_900, 2_801, 3_000, true]);
  assert.deepEqual(await jump(2_500), [2_500, 2_401, 3_000, true], "what is between is loaded");
  assert.deepEqual(await jump(1_000), [1_000, 951, 1_050, false]);
  assert.deepEqual(await jump(1_020), [1_020, 951, 1_050, false], "within the place in the past");
  assert.deepEqual(await jump(2_990), [2_990, 2_401, 3_000, true], "what is live is shown live");
  assert.deepEqual(await jump(3), [3, 1, 100, false]);
  assert.equal(room.view.current.atBeginning, true);
  const { jump: first } = room.view.current.target ?? { jump: 0 };
  await jump(3);
  assert.equal(room.view.current.target?.jump, first + 1, "the same place again is another jump");
  room.toNewest();
  await window.settle();
  assert.deepEqual([targetOf(room), ...ends(room), room.view.current.atEnd], [null, 2_401, 3_000, true]);
  await window.chat.close();
});

// A target that is no row kept the list from following the newest message for ever.
Deno.test("a jump to what is no message, or not there: one stays where one is", async () => {
  const { server, window, room } = await longRoom();
  server.post(LOBBY, { type: "CHAT_REACT", target: 3_000, reaction: "👍", on: true });
  await window.settle();
  Object.assign(server.log(LOBBY)[499] ?? {}, { type: "CHAT_REACT", target: 1, reaction: "👍", on: true });
  for (const offset of [3_001, 9_999, 500]) {
    const jumped = room.jumpTo(offset);
    await window.settle();
    await jumped;
    assert.deepEqual([targetOf(room), room.view.current.atEnd, room.view.current.loading], [
      null,
      true,
      false,
    ]);
    assert.equal(room.view.current.missing, offset, "that it is not there is said");
  }
  room.forgetMissing();
  await window.settle(0);
  assert.equal(room.view.current.missing, null);
  for (const somewhere of [() => room.jumpTo(2_950), () => Promise.resolve(room.toNewest())]) {
    const jumped = room.jumpTo(9_999);
    await window.settle();
    await jumped;
    const gone = somewhere();
    await window.settle();
    await gone;
    await window.settle(0);
    assert.equal(room.view.current.missing, null, "until one goes somewhere");
  }
  server.intercept = (pdu, session) => {
    if (pdu.type === "CHAT_HISTORY") session.refuse(pdu.seq, "forbidden", 403);
    return pdu.type === "CHAT_HISTORY";
  };
  const unanswered = room.jumpTo(1_000);
  await window.settle();
  await unanswered;
  await window.settle(0);
  assert.equal(room.view.current.missing, null, "what was not answered may be there");
  await window.chat.close();
});

Deno.test("from the past onwards, page by page, until the live run holds both", async () => {
  const { server, window, room } = await longRoom();
  const far = room.jumpTo(2_000);
  await window.settle();
  await far;
  await window.settle(0);
  room.seen(2_040);
  assert.equal(window.kept()?.read?.offset, 3_000, "what was read is not unread in the past");
  server.post(LOBBY, { text: "3001" });
  for (let page = 0; page < 10 && !room.view.current.atEnd; page++) {
    const newer = room.newer();
    await window.settle();
    await newer;
    await window.settle(0);
    assert.equal(room.view.current.prepended, 0, "nothing moves");
  }
  assert.deepEqual(ends(room), [1_951, 3_001]);
  const offsets = messagesOf(room).map(({ offset }) => offset);
  assert.deepEqual(
    offsets,
    Array.from({ length: offsets.length }, (_, at) => 1_951 + at),
    "no hole, none twice",
  );
  await window.chat.close();
});

// The page of history has messages as they were said: an edit or a deletion long after was not seen in the past, and
// neither was one's own reaction there.
Deno.test("a place in the past shows what the live run knows of edits, deletions and reactions since", async () => {
  const { server, window, room } = await longRoom();
  server.post(LOBBY, { type: "CHAT_EDIT", target: 1_000, text: "changed since" });
  server.post(LOBBY, { type: "CHAT_DELETE", target: 1_001 });
  await window.settle();
  const far = room.jumpTo(1_000);
  await window.settle();
  await far;
  await window.settle(0);
  const at = (offset: number) => messagesOf(room).find((message) => message.offset === offset);
  assert.deepEqual([at(1_000)?.text, at(1_001)?.deleted], ["changed since", true]);
  const before = room.view.current;
  server.post(LOBBY, { text: "of no concern" });
  await window.settle();
  assert.equal(room.view.current.rows, before.rows);
  room.react(1_002, "👍", true);
  await window.settle();
  assert.deepEqual(at(1_002)?.reactions.map(({ reaction, mine }) => [reaction, mine]), [["👍", true]]);
  assert.equal(
    at(1_003),
    before.rows.flatMap((r) => r.kind === "message" ? [r.message] : []).find((m) => m.offset === 1_003),
  );
  await window.chat.close();
});

// An edit, a deletion or a reaction that lies between the page and the run that is loaded was not seen: a deleted
// message showed its text.
Deno.test("a place in the past shows what was said of its messages since, also before what is loaded, and once", async () => {
  const { server, window, room } = await longRoom({ tellsLater: true }, (server) => {
    server.post(LOBBY, { type: "CHAT_EDIT", target: 1_000, text: "changed since" });
    server.post(LOBBY, { type: "CHAT_DELETE", target: 1_001 });
    server.post(LOBBY, { type: "CHAT_REACT", target: 940, reaction: "🎉", on: true });
    server.post(LOBBY, { type: "CHAT_REACT", target: 1_002, reaction: "👍", on: true });
    server.post(LOBBY, { type: "CHAT_EDIT", target: 1_060, text: "further on" });
    for (let n = 1; n <= 1_000; n++) server.post(LOBBY, { text: "since" });
  });
  const does = async (deed: Promise<void>) => {
    await window.settle();
    await deed;
    await window.settle(0);
  };
  const at = (offset: number) => messagesOf(room).find((message) => message.offset === offset);
  const reactions = (offset: number) => at(offset)?.reactions.map((one) => [one.reaction, one.count]);
  await does(room.jumpTo(1_000));
  assert.deepEqual([at(1_000)?.text, at(1_000)?.edited], ["changed since", true]);
  assert.deepEqual([at(1_001)?.text, at(1_001)?.deleted], ["", true]);
  assert.deepEqual(reactions(1_002), [["👍", 1]]);
  const { rows } = room.view.current;
  server.post(LOBBY, { text: "of no concern" });
  await window.settle();
  assert.equal(room.view.current.rows, rows);
  server.post(LOBBY, { type: "CHAT_EDIT", target: 1_000, text: "and again" });
  server.post(LOBBY, { type: "CHAT_REACT", target: 1_002, reaction: "👍", on: false });
  await window.settle();
  assert.deepEqual([at(1_000)?.text, reactions(1_002)], ["and again", []], "what comes live is later still");
  await does(room.older());
  assert.deepEqual(reactions(940), [["🎉", 1]]);
  await does(room.newer());
  assert.deepEqual([at(1_060)?.text, at(1_000)?.text], ["further on", "and again"]);
  for (let page = 0; page < 30 && !room.view.current.atEnd; page++) await does(room.newer());
  assert.equal(room.view.current.atEnd, true);
  assert.deepEqual([at(1_000)?.text, at(1_001)?.deleted, reactions(1_002), reactions(940)], [
    "and again",
    true,
    [],
    [["🎉", 1]],
  ]);
  await window.chat.close();
});

Deno.test("older ones of the newest run: what the run knows of them counts once", async () => {
  const { server, window, room } = await longRoom({ tellsLater: true });
  server.post(LOBBY, { type: "CHAT_REACT", target: 2_700, reaction: "👍", on: true });
  server.post(LOBBY, { type: "CHAT_EDIT", target: 2_701, text: "changed" });
  await window.settle();
  const older = room.older();
  await window.settle();
  await older;
  await window.settle(0);
  const [liked, edited] = [2_700, 2_701].map((n) => messagesOf(room).find(({ offset }) => offset === n));
  assert.deepEqual([liked?.reactions.map(({ count }) => count), edited?.text], [[1], "changed"]);
  await window.chat.close();
});

// A page that long texts ended before the place that was jumped to took the jump for one to nowhere.
Deno.test("a jump to where pages are short", async () => {
  const { server, window, room } = await longRoom();
  server.pageEventsMax = 4;
  const far = room.jumpTo(1_000);
  await window.settle();
  await far;
  await window.settle(0);
  assert.deepEqual([targetOf(room), ...ends(room)], [1_000, 1_000, 1_003]);
  await window.chat.close();
});

Deno.test("a log that began anew while one looks at the past: the new one is shown", async () => {
  const { server, window, room } = await longRoom();
  const far = room.jumpTo(1_000);
  await window.settle();
  await far;
  server.epoch = "epoch-2";
  server.rooms.set(LOBBY, []);
  server.post(LOBBY, { text: "a new life" });
  server.session.pair.cut("by the test");
  await window.settle(1_000);
  assert.deepEqual(linesOf(room), ["a new life"]);
  assert.deepEqual([room.view.current.atEnd, targetOf(room)], [true, null]);
  await window.chat.close();
});

// A jump while older ones were loading did nothing but set its target; and a jump that was answered late tore one out
// of what one did since.
Deno.test("races: a jump while older ones load, a later jump, a message sent meanwhile", async () => {
  const { server, window, room } = await longRoom();
  const pages = () => server.session.of("CHAT_HISTORY").length;
  const [brings, brought] = [room.older(), room.jumpTo(2_750)];
  await window.settle(100);
  await Promise.all([brings, brought]);
  await window.settle(0);
  assert.deepEqual([targetOf(room), pages()], [2_750, 1], "what was on its way has brought it");
  const older = room.older();
  const first = room.jumpTo(1_000);
  await window.settle(100);
  await Promise.all([older, first]);
  await window.settle(0);
  assert.deepEqual([targetOf(room), ...ends(room)], [1_000, 951, 1_050]);

  const jumps = [room.jumpTo(500), room.jumpTo(2_000), room.jumpTo(1_500)];
  await window.settle(200);
  await Promise.all(jumps);
  await window.settle(0);
  assert.deepEqual([targetOf(room), ...ends(room)], [1_500, 1_451, 1_550], "the last one counts");

  const late = room.jumpTo(100);
  write(room, "hello");
  await window.settle(200);
  await late;
  assert.deepEqual([targetOf(room), room.view.current.atEnd, linesOf(room).at(-1)], [null, true, "hello"]);

  const near = room.jumpTo(2_300);
  room.toNewest();
  await window.settle(200);
  await near;
  assert.equal(targetOf(room), null);
  assert.equal(room.view.current.loading, false);
  await window.chat.close();
});

Deno.test("without a connection: what is loaded can be jumped to; the rest waits for it, or for another wish", async () => {
  const { server, window, room } = await longRoom();
  let isUp = false;
  server.session.pair.cut("by the test");
  server.intercept = (pdu) => pdu.type === "CHAT_HISTORY" && !isUp;
  await window.settle();
  const far = room.jumpTo(1_000);
  await window.settle(1_000);
  assert.equal(room.view.current.loading, true);
  const near = room.jumpTo(2_950);
  await window.settle(0);
  assert.deepEqual([targetOf(room), room.view.current.loading], [2_950, false]);
  const again = room.jumpTo(1_000);
  await window.settle(1_000);
  isUp = true;
  server.session.pair.cut("by the test");
  await window.settle(2_000);
  await Promise.all([far, near, again]);
  assert.deepEqual([targetOf(room), ...ends(room)], [1_000, 951, 1_050]);
  await window.chat.close();
});
