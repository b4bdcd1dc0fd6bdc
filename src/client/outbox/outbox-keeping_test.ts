/** What the keeper does around the outbox's rules: the store before the link, and nobody left waiting. */
import assert from "node:assert/strict";
import { VirtualClock } from "../../transport/clock.ts";
import { ChatFailure } from "../failure.ts";
import { OutboxKeeper } from "./outbox-keeper.ts";
import type { Receipt } from "./outbox.ts";
import { MemoryStore } from "./store-memory.ts";
import type { OutboxStore } from "./store.ts";

const DEVICE = "d".repeat(32);
const DRAFT = { type: "CHAT_MESSAGE", room: "lobby", text: "x" } as const;

/** Lets what is ready happen. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

function receipt(seq: number): Receipt {
  return { room: "lobby", epoch: "e1", offset: seq, seq };
}

/** A keeper on a link that only counts. Its store is at hand, to break it. */
function setUp(store: OutboxStore = new MemoryStore(DEVICE), wall = { ms: 0 }) {
  const clock = new VirtualClock();
  const sent: number[] = [];
  const notices: string[] = [];
  const calls = { gaveUp: 0, changed: 0 };
  const keeper = new OutboxKeeper(store, {
    clock,
    wallMs: () => wall.ms,
    askAfterMs: undefined,
    follow: () => {},
    push: (bytes) => void sent.push(JSON.parse(new TextDecoder().decode(bytes)).seq),
    giveUpConnection: () => void calls.gaveUp++,
    changed: () => void calls.changed++,
    notice: (says) => void notices.push(says),
  });
  /** Says it, and keeps what comes of it. */
  const say = () => {
    const outcome: { value: unknown } = { value: "nothing yet" };
    keeper.send(DRAFT).then((value) => outcome.value = value, (thrown) => outcome.value = thrown);
    return outcome;
  };
  return { keeper, store, clock, sent, notices, calls, say };
}

/** Name and `kept` of a failure. */
function failureOf({ value }: { value: unknown }): [string, boolean] {
  assert.ok(value instanceof ChatFailure, String(value));
  return [value.name, value.kept];
}

Deno.test("keeper: an event is kept before it is sent, and forgotten with its receipt", async () => {
  const { keeper, store, sent, say } = setUp();
  assert.deepEqual(keeper.items.current, []);
  assert.equal(await keeper.load(), DEVICE);
  keeper.connected();
  const said = say();
  assert.deepEqual([...keeper.rooms()], ["lobby"], "its room is needed from the first moment");
  assert.deepEqual(sent, []);
  await turn();
  assert.deepEqual(sent, [1]);
  assert.deepEqual((await store.load()).entries.map(({ seq }) => seq), [1]);
  keeper.receipt(1, receipt(1));
  await turn();
  assert.deepEqual(said.value, receipt(1));
  assert.deepEqual((await store.load()).entries, []);
  assert.deepEqual([...keeper.rooms()], []);
});

Deno.test("keeper: a closed one takes nothing, and tells whoever waits that it is kept", async () => {
  const { keeper, store, say } = setUp();
  await keeper.load();
  const early = say();
  await turn();
  const onItsWay = say();
  await keeper.close();
  const late = say();
  await turn();
  assert.deepEqual(failureOf(early), ["closed", true]);
  assert.deepEqual(failureOf(onItsWay), ["closed", true]);
  assert.deepEqual(failureOf(late), ["closed", false]);
  assert.deepEqual((await store.load()).entries.map(({ seq }) => seq), [1, 2]);
});

Deno.test("keeper: a store that can't be read or written fails what is said, with the reason", async () => {
  const broken = setUp(
    Object.assign(new MemoryStore(DEVICE), { load: () => Promise.reject(new Error("rust")) }),
  );
  await assert.rejects(broken.keeper.load(), { message: "rust" });
  const said = broken.say();
  await turn();
  assert.deepEqual(failureOf(said), ["outbox", false]);
  assert.match(String(said.value), /rust/);

  const full = setUp(
    Object.assign(new MemoryStore(DEVICE), { put: () => Promise.reject(new Error("full")) }),
  );
  await full.keeper.load();
  full.keeper.connected();
  const again = full.say();
  await turn();
  assert.deepEqual(failureOf(again), ["outbox", false]);
  assert.deepEqual(full.sent, []);
});

Deno.test("keeper: a store that can't forget or close is told of, and stops nothing", async () => {
  const store = Object.assign(new MemoryStore(DEVICE), {
    remove: () => Promise.reject(new Error("stuck")),
    close: () => Promise.reject(new Error("busy")),
  });
  const { keeper, notices, say } = setUp(store);
  await keeper.load();
  keeper.connected();
  const said = say();
  await turn();
  keeper.receipt(1, receipt(1));
  await turn();
  assert.deepEqual(said.value, receipt(1));
  await keeper.close();
  assert.deepEqual(notices.map((says) => says.split(": ").at(-1)), ["stuck", "busy"]);
});

Deno.test("keeper: where nobody is let in, whoever waits or comes is told at once, and all is kept", async () => {
  const { keeper, store, sent, say } = setUp();
  await keeper.load();
  const before = say();
  await turn();
  keeper.refuse(ChatFailure.of("unauthorised"));
  const after = say();
  await turn();
  assert.deepEqual(failureOf(before), ["unauthorised", true]);
  assert.deepEqual(failureOf(after), ["unauthorised", true]);
  assert.equal((await store.load()).entries.length, 2);
  keeper.connected();
  assert.deepEqual(sent, [1, 2], "let in later they go out");
  const third = say();
  await turn();
  assert.equal(third.value, "nothing yet");
});

Deno.test("keeper: discarded means forgotten, told, and nothing left to wait for", async () => {
  const { keeper, store, say } = setUp();
  await keeper.load();
  keeper.connected();
  const said = say();
  await turn();
  keeper.refused(1, ChatFailure.of("forbidden"), undefined);
  await turn();
  assert.deepEqual(failureOf(said), ["forbidden", false]);
  keeper.discard(1);
  assert.deepEqual(keeper.items.current, []);
  assert.deepEqual((await store.load()).entries, []);
});

Deno.test("keeper: what is old is asked for, once it is connected; discarded it fails", async () => {
  const store = new MemoryStore(DEVICE);
  await store.put({ seq: 1, queuedAtMs: 0, draft: DRAFT });
  const { keeper, notices, sent } = setUp(store, { ms: 3_600_000 });
  await keeper.load();
  keeper.connected();
  assert.equal(notices.length, 1);
  assert.match(notices[0] ?? "", /^1 messages are old/);
  assert.deepEqual(sent, []);
  keeper.discard();
  assert.deepEqual(keeper.items.current, []);
});

Deno.test("keeper: whoever waits for what became old and is discarded is told so", async () => {
  const wall = { ms: 0 };
  const { keeper, say } = setUp(new MemoryStore(DEVICE), wall);
  await keeper.load();
  const said = say();
  await turn();
  wall.ms = 3_600_000;
  keeper.connected();
  keeper.discard();
  await turn();
  assert.deepEqual(failureOf(said), ["discarded", false]);
});

Deno.test("keeper: a spent number is replaced in the store in one step, and its author still told", async () => {
  const { keeper, store, sent, say } = setUp();
  await keeper.load();
  keeper.connected();
  const said = say();
  await turn();
  keeper.refused(1, ChatFailure.of("duplicate"), undefined);
  assert.deepEqual([...keeper.rooms()], ["lobby"], "while it is on its way into the store");
  let drained = false;
  keeper.drained(1_000).then(() => drained = true);
  await Promise.resolve();
  assert.equal(drained, false);
  await turn();
  assert.deepEqual(sent, [1, 2]);
  assert.deepEqual((await store.load()).entries.map(({ seq }) => seq), [2]);
  keeper.receipt(2, receipt(2));
  await turn();
  assert.deepEqual([said.value, drained, [...keeper.rooms()]], [receipt(2), true, []]);
});

Deno.test("keeper: a second number that is spent, too, is not followed by a third", async () => {
  const { keeper, sent, say } = setUp();
  await keeper.load();
  keeper.connected();
  const said = say();
  await turn();
  for (const seq of [1, 2]) {
    keeper.refused(seq, ChatFailure.of("duplicate"), undefined);
    await turn();
  }
  assert.deepEqual([sent, failureOf(said)], [[1, 2], ["duplicate", false]]);
});

Deno.test("keeper: a spent number that can't be replaced, or not before the end, fails its author", async () => {
  for (const [reason, expected] of [["full", ["outbox", false]], ["closed", ["closed", true]]] as const) {
    const { keeper, store, notices, sent, say } = setUp();
    await keeper.load();
    keeper.connected();
    const said = say();
    await turn();
    if (reason === "full") Object.assign(store, { put: () => Promise.reject(new Error(reason)) });
    keeper.refused(1, ChatFailure.of("duplicate"), undefined);
    if (reason === "closed") await keeper.close();
    await turn();
    assert.deepEqual(failureOf(said), expected);
    assert.equal(notices.length, reason === "full" ? 1 : 0);
    assert.deepEqual(sent, [1]);
    assert.deepEqual([...keeper.rooms()], []);
  }
});

Deno.test("keeper: a spent number from an earlier start has nobody to tell", async () => {
  const store = new MemoryStore(DEVICE);
  await store.put({ seq: 1, queuedAtMs: 0, draft: DRAFT });
  const { keeper, sent, notices } = setUp(store);
  await keeper.load();
  keeper.connected();
  keeper.refused(1, ChatFailure.of("duplicate"), undefined);
  await turn();
  assert.deepEqual(sent, [1, 2]);
  Object.assign(store, { put: () => Promise.reject(new Error("full")) });
  keeper.receipt(2, receipt(2));
  assert.deepEqual([keeper.items.current, notices], [[], []]);
});

Deno.test("keeper: drained when nothing is left, when the time is over, or when nobody is let in", async () => {
  const { keeper, clock, say } = setUp();
  await keeper.load();
  let waiting = 0;
  const drain = (mostMs: number) => {
    waiting++;
    keeper.drained(mostMs).then(() => waiting--);
  };
  drain(1_000);
  await turn();
  assert.equal(waiting, 0, "at once");

  const writing = say();
  drain(1_000);
  await turn();
  assert.equal(waiting, 1);
  await clock.advance(999);
  await turn();
  assert.equal(waiting, 1);
  await clock.advance(1);
  await turn();
  assert.equal(waiting, 0, "the time is over");

  drain(1_000);
  keeper.connected();
  keeper.receipt(1, receipt(1));
  await turn();
  assert.deepEqual([waiting, clock.nextDeadlineMs(), writing.value], [0, null, receipt(1)]);

  say();
  await turn();
  drain(1_000);
  keeper.refuse(ChatFailure.of("unauthorised"));
  await turn();
  assert.equal(waiting, 0, "nobody is let in");
  drain(1_000);
  await turn();
  assert.equal(waiting, 0, "as is known already");
});

Deno.test("keeper: the end of a connection that never began changes nothing", async () => {
  const { keeper, sent, say } = setUp();
  await keeper.load();
  let shown = 0;
  keeper.items.subscribe(() => shown++);
  keeper.disconnected();
  assert.equal(shown, 0);
  keeper.connected();
  say();
  await turn();
  keeper.disconnected();
  assert.deepEqual(keeper.items.current.map(({ state }) => state), ["queued"]);
  const before = shown;
  keeper.disconnected();
  assert.equal(shown, before);
  assert.equal(keeper.deadlineMs, null);
  assert.deepEqual(sent, [1]);
});

Deno.test("keeper: a server that answers nothing costs the connection", async () => {
  const { keeper, clock, sent, calls, say } = setUp();
  await keeper.load();
  keeper.connected();
  say();
  await turn();
  for (let second = 1; second <= 4; second++) {
    await clock.advance(1_000);
    keeper.tick();
  }
  assert.deepEqual([sent, calls.gaveUp], [[1, 1, 1, 1], 1]);
});
