import assert from "node:assert/strict";
import { Seeded } from "../../tests/fixtures/seeded.ts";
import { type OutboxItem, type RoomEvent, Timeline } from "../client/mod.ts";
import { dayAt } from "./days.ts";
import { Names } from "./names.ts";
import { RowMaker, type RowsInput } from "./rows.ts";
import type { Row } from "./view.ts";

const ADA = "a".repeat(24);
const PEOPLE = [["Ada", ADA], ["Bea", "b".repeat(24)], ["Ada Lovelace", "c".repeat(24)]] as const;
const DAY_S = new Date(2026, 2, 10).getTime() / 1000;

/** What is seen of one message, found out event by event. */
interface Seen {
  readonly event: Extract<RoomEvent, { type: "CHAT_MESSAGE" }>;
  text: string;
  edited: boolean;
  deleted: boolean;
  readonly reactions: Map<string, string[]>;
}

function seenOf(run: readonly RoomEvent[]): Map<number, Seen> {
  const seen = new Map<number, Seen>();
  for (const event of run) {
    if (event.type === "CHAT_MESSAGE") {
      const { text, offset } = event;
      seen.set(offset, { event, text, edited: false, deleted: false, reactions: new Map() });
    }
    const target = "target" in event ? seen.get(event.target) : undefined;
    if (target === undefined || target.deleted) continue;
    const isOwn = target.event.author === event.author;
    if (event.type === "CHAT_EDIT" && isOwn) Object.assign(target, { text: event.text, edited: true });
    else if (event.type === "CHAT_DELETE" && isOwn) {
      Object.assign(target, { text: "", deleted: true });
      target.reactions.clear();
    } else if (event.type === "CHAT_REACT") {
      const by = (target.reactions.get(event.reaction) ?? []).filter((author) => author !== event.author);
      const had = target.reactions.get(event.reaction)?.includes(event.author ?? "") ?? false;
      if (event.on === had) continue;
      if (event.on) by.push(event.author ?? "");
      if (by.length === 0) target.reactions.delete(event.reaction);
      else target.reactions.set(event.reaction, by);
    }
  }
  return seen;
}

/** Rows by the book, of a run of the log, with all the time in the world and nothing remembered. */
function naive(run: readonly RoomEvent[], given: Omit<RowsInput, "messages" | "topics">): unknown[] {
  const seen = seenOf(run);
  const rows: unknown[] = [];
  let lastDay: number | null = null;
  let group: { author: string; sender: string; tsMs: number } | null = null;
  let isNewShown = false;
  const day = (tsMs: number) => {
    const { startMs } = dayAt(tsMs);
    if (startMs === lastDay) return;
    lastDay = startMs;
    if (rows.length === 0 && !given.atBeginning) return;
    rows.push(["day", tsMs]);
    group = null;
  };
  const isFirst = (author: string, sender: string, tsMs: number, isReply: boolean) => {
    const before = group;
    group = { author, sender, tsMs };
    return before === null || before.author !== author || before.sender !== sender || isReply ||
      Math.abs(tsMs - before.tsMs) >= 300_000;
  };
  const quote = (replyTo: number | undefined, below: number) => {
    if (replyTo === undefined) return null;
    const quoted = replyTo < below ? seen.get(replyTo) : undefined;
    if (quoted === undefined) return [replyTo, null, null];
    return [replyTo, quoted.event.sender, quoted.deleted ? null : quoted.text.split("\n")[0]];
  };
  for (const event of run) {
    const tsMs = event.ts * 1000;
    if (event.type === "CHAT_TOPIC") {
      day(tsMs);
      rows.push(["topic", event.text]);
      group = null;
    }
    const it = seen.get(event.offset);
    if (it === undefined) continue;
    day(tsMs);
    const mine = event.author === given.me.author;
    if (given.newAfter !== null && !isNewShown && !mine && !it.deleted && event.offset > given.newAfter) {
      isNewShown = true;
      rows.push(["new"]);
      group = null;
    }
    const first = isFirst(event.author ?? "", event.sender, tsMs, it.event.replyTo !== undefined);
    const reactions = [...it.reactions].map(([reaction, by]) => [
      reaction,
      by.includes(ADA),
      by.flatMap((author) => given.names.of(author) ?? []),
    ]);
    const isLovelace = given.names.longer().length > 0;
    const me = !mine && (it.text === "@ada" || (it.text === "@Ada Lovelace" && !isLovelace));
    const { text, edited, deleted } = it;
    rows.push([
      event.offset,
      mine,
      text,
      edited,
      deleted,
      first,
      me,
      quote(it.event.replyTo, event.offset),
      reactions,
    ]);
  }
  for (const { item, isStored } of given.unplaced) {
    day(item.queuedAtMs);
    const first = isFirst(ADA, "Ada", item.queuedAtMs, false);
    rows.push([null, item.seq, first, isStored ? "stored" : item.state]);
  }
  return rows;
}

/** A row with what `naive` says of one. */
function told(row: Row): unknown {
  if (row.kind === "day") return ["day", row.tsMs];
  if (row.kind === "new") return ["new"];
  if (row.kind === "topic") return ["topic", row.text];
  const { offset, seq, key, mine, text, edited, deleted, first, mentionsMe, reply, delivery } = row.message;
  if (offset === null) return [null, seq ?? Number(key.slice("own ".length)), first, delivery];
  const quote = reply === null ? null : [reply.offset, reply.sender, reply.text];
  const reactions = row.message.reactions.map((one) => [one.reaction, one.mine, one.names]);
  return [offset, mine, text, edited, deleted, first, mentionsMe, quote, reactions];
}

/** An event of the kinds that a room has, of three people. */
function someEvent(chance: Seeded, offset: number, ts: number): RoomEvent {
  const [sender, author] = chance.pick(PEOPLE) ?? PEOPLE[0];
  const target = chance.from(1, offset);
  const rest = chance.pick([
    { type: "CHAT_MESSAGE", text: chance.pick(["hello", "@ada", "@Ada Lovelace", "a\nb"]) },
    { type: "CHAT_MESSAGE", text: "re", replyTo: target },
    { type: "CHAT_MESSAGE", text: "plain" },
    { type: "CHAT_EDIT", target, text: "changed" },
    { type: "CHAT_DELETE", target },
    { type: "CHAT_REACT", target, reaction: chance.pick(["👍", "🎉"]), on: chance.next() < 0.7 },
    { type: "CHAT_TOPIC", text: `about ${offset}` },
  ]);
  return { seq: offset, ts, room: "lobby", epoch: "e", offset, sender, author, ...rest } as RoomEvent;
}

/** A log of some days, with a clock that is set back now and then. */
function someLog(chance: Seeded): RoomEvent[] {
  let ts = DAY_S;
  return Array.from({ length: 120 }, (_, at) => {
    ts += chance.next() < 0.05 ? -50_000 : chance.from(0, chance.next() < 0.1 ? 40_000 : 200);
    return someEvent(chance, at + 1, ts);
  });
}

Deno.test("whatever the order of events, pages and receipts: the rows are those of a naive rebuild", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const chance = new Seeded(seed);
    const log = someLog(chance);
    const names = new Names("Ada");
    const maker = new RowMaker();
    const timeline = new Timeline("lobby", chance.next() < 0.3 ? 20 : 1_000);
    timeline.reset({ epoch: "e", offset: chance.from(0, 60) });
    let unplaced: RowsInput["unplaced"] = [];
    let newAfter: number | null = null;
    let last = new Map<string, Row>();
    for (let step = 0; step < 120; step++) {
      const { after, offset } = timeline.snapshot();
      const next = log[offset];
      const luck = chance.next();
      if (luck < 0.6 && next !== undefined) {
        timeline.append(next);
        names.learn(next.author, next.sender);
      } else if (luck < 0.7 && after > 0) {
        timeline.prepend(log.slice(Math.max(0, after - chance.from(1, 30)), after));
      } else if (luck < 0.8) unplaced = [...unplaced, { item: queued(1_000 + step), isStored: false }];
      else if (luck < 0.87) unplaced = unplaced.slice(1);
      else if (luck < 0.93) unplaced = unplaced.map((one) => ({ ...one, isStored: true }));
      else newAfter = chance.pick([null, chance.from(1, 120)]);

      const { messages, topics, ...run } = timeline.snapshot();
      const given: Omit<RowsInput, "messages" | "topics"> = {
        unplaced,
        newAfter,
        names,
        dayAt,
        me: { name: "Ada", author: ADA },
        atBeginning: run.after === 0,
      };
      const rows = maker.make({ ...given, messages, topics });
      const says = `seed ${seed} step ${step}`;
      assert.deepEqual(rows.map(told), naive(log.slice(run.after, run.offset), given), says);
      assert.equal(
        maker.make({ ...given, messages: messages.slice(), topics }),
        rows,
        `${says}: nothing changed`,
      );
      const now = new Map(rows.map((row) => [row.key, row]));
      assert.equal(now.size, rows.length, `${says}: keys are unique`);
      for (const [key, row] of now) {
        const there = last.get(key);
        // An edit that says the same again makes another message, and may make another row.
        if (there === undefined || there === row || (row.kind === "message" && row.message.edited)) continue;
        assert.notDeepEqual(there, row, `${says}: ${key} was made anew`);
      }
      last = now;
    }
  }
});

function queued(seq: number): OutboxItem {
  const queuedAtMs = (DAY_S + seq * 100) * 1000;
  return { seq, queuedAtMs, draft: { type: "CHAT_MESSAGE", room: "lobby", text: "mine" }, state: "queued" };
}
