/** A real server's past, through the SDK: a page far back has its messages as they stand today. */
import assert from "node:assert/strict";
import { amended, type Change, connect, type RoomEvent, Timeline } from "../../src/client/mod.ts";
import { startServer } from "./running-server.ts";

const SINCE = 1_000;

/** A page's messages, with or without what was said of them later. */
function messagesOf(events: readonly RoomEvent[], later: readonly Change[] = []) {
  const [first] = events;
  assert.ok(first !== undefined);
  const timeline = new Timeline("lobby");
  timeline.reset({ epoch: first.epoch, offset: first.offset - 1 });
  for (const event of events) timeline.append(event);
  return amended(timeline.snapshot(), later).messages;
}

Deno.test("history: what was edited, deleted and reacted to 1,000 events later, before and after a restart", async () => {
  await using server = await startServer(["--rate", "5000"]);
  const ada = connect(server.url, { name: "Ada" });
  const lobby = ada.room("lobby");
  for (const text of ["as it is", "to be edited", "to be deleted", "to be liked"]) await lobby.send(text);
  const since = Promise.all(Array.from({ length: SINCE }, (_, n) => lobby.send(`since ${n}`)));
  // Two editions: only the last counts.
  await Promise.all([since, lobby.edit(2, "edited once"), lobby.edit(2, "edited")]);
  await Promise.all([
    lobby.delete(3),
    lobby.react(4, "🎉"),
    lobby.react(4, "👍"),
    lobby.react(4, "🎉", false),
  ]);
  await ada.close();

  for (const restart of [() => Promise.resolve(), () => server.restart()]) {
    await restart();
    // The newest ten: Bea's own run knows of nothing that was said about the first four.
    const bea = connect(server.url, { name: "Bea" });
    const room = bea.room("lobby", { last: 2 });
    for (const options of [{ after: 0, limit: 50 }, { before: 5 }]) {
      const { events, later } = await room.history(options);
      assert.deepEqual(events.slice(0, 4).map((e) => e.type === "CHAT_MESSAGE" ? e.text : ""), [
        "as it is",
        "to be edited",
        "to be deleted",
        "to be liked",
      ]);
      assert.deepEqual(later.map(({ type, target }) => [type, target]), [
        ["CHAT_EDIT", 2],
        ["CHAT_DELETE", 3],
        ["CHAT_REACT", 4],
        ["CHAT_REACT", 4],
      ]);
      const messages = messagesOf(events, later).slice(0, 4);
      assert.deepEqual(messages.map(({ text, deleted }) => [text, deleted]), [
        ["as it is", false],
        ["edited", false],
        ["", true],
        ["to be liked", false],
      ]);
      assert.deepEqual(messages[3]?.reactions.map(({ reaction, by }) => [reaction, by.length]), [["👍", 1]]);
    }
    await bea.close();
  }
});
