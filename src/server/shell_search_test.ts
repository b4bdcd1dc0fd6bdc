/** What the shell does with a search: carries it out, or says that it can't. */
import assert from "node:assert/strict";
import { Chat } from "../chat/chat.ts";
import { StoreFailure } from "../log/log.ts";
import { MemoryLog } from "../log/memory-log.ts";
import type { Search, SearchQuery } from "../log/search.ts";
import { checkServerPdu, type ServerPdu } from "../protocol/server-pdu.ts";
import { decoderOf, encodePdu } from "../protocol/wire.ts";
import { VirtualClock } from "../transport/clock.ts";
import { memoryPair } from "../transport/memory-link.ts";
import { Shell } from "./shell.ts";

/** What Ann is told when she searches for tea, and what the operator is. */
async function askedOf(search: Search | null): Promise<{ told: ServerPdu | undefined; troubles: string[] }> {
  const clock = new VirtualClock();
  const troubles: string[] = [];
  const nothing = () => {};
  const shell = new Shell(new Chat({ epoch: "e1" }), new MemoryLog({ epoch: "e1" }), {
    search,
    clock,
    now: () => clock.nowMs(),
    freshDevice: () => "f".repeat(32),
    watcher: {
      opened: nothing,
      closed: nothing,
      ended: nothing,
      appended: nothing,
      sent: nothing,
      store: nothing,
      trouble: (event, error) => troubles.push(`${event}: ${error}`),
    },
  });
  const told: ServerPdu[] = [];
  const decoder = decoderOf("quicchat/1");
  const pair = memoryPair({ clock, random: () => 0.5 });
  pair.client.open({
    bytes(chunk) {
      for (const one of decoder.push(chunk)) {
        const checked = "value" in one ? checkServerPdu(one.value) : null;
        if (checked?.ok && checked.pdu.type !== "unknown") told.push(checked.pdu);
      }
    },
    datagram() {},
    closed() {},
  });
  shell.welcome(pair.server);
  pair.client.push(encodePdu({ type: "CHAT_HELLO", seq: 0, ts: 0, name: "Ann" }, "quicchat/1"));
  pair.client.push(encodePdu({ type: "CHAT_SEARCH", seq: 1, ts: 0, query: "tea" }, "quicchat/1"));
  await clock.advance(1_000);
  const stopped = shell.stop();
  await clock.advance(1_000);
  await stopped;
  return { told: told.find((pdu) => "ack" in pdu && pdu.ack === 1), troubles };
}

function searchThat(find: (query: SearchQuery) => ReturnType<Search["find"]>): Search {
  return { find, close: () => Promise.resolve() };
}

Deno.test("shell: a search is carried out, in the rooms of whoever asks", async () => {
  const asked: SearchQuery[] = [];
  const { told, troubles } = await askedOf(searchThat((query) => {
    asked.push(query);
    return Promise.resolve({ found: [], next: 7, isBehind: false });
  }));
  assert.deepEqual(asked, [{ text: "tea", rooms: ["lobby"], before: null, limit: 20 }]);
  assert.ok(told?.type === "CHAT_FOUND" && told.next === 7);
  assert.deepEqual(troubles, []);
});

Deno.test("shell: where there is no search, or it fails, it says so, and the operator is told why", async () => {
  const none = await askedOf(null);
  assert.ok(none.told?.type === "CHAT_ERROR" && none.told.failure === "not-read");
  const failure = new StoreFailure("broken", "the disk failed: check the disk");
  const failed = await askedOf(searchThat(() => Promise.reject(failure)));
  assert.ok(failed.told?.type === "CHAT_ERROR" && failed.told.failure === "not-read");
  assert.deepEqual(failed.troubles, ["store-search-failed: StoreFailure: the disk failed: check the disk"]);
});
