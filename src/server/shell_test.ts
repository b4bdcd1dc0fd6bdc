/** Found by the simulation: a calendar that was set back stopped everything that waits (presence, typing, the
 * greeting's time), until it was again as late as before. */
import assert from "node:assert/strict";
import { Chat } from "../chat/chat.ts";
import { MemoryLog } from "../log/memory-log.ts";
import { decoderOf, encodePdu } from "../protocol/wire.ts";
import { VirtualClock } from "../transport/clock.ts";
import { memoryPair } from "../transport/memory-link.ts";
import { Shell } from "./shell.ts";

interface Told {
  readonly type: string;
  readonly ts: number;
  readonly came?: readonly { readonly name: string }[];
}

Deno.test("shell: what waits goes by a time that nobody sets, what is written down by the calendar", async () => {
  const clock = new VirtualClock();
  let calendarMs = 1_790_000_000_000;
  let devices = 0;
  const log = new MemoryLog({ epoch: "e1" });
  const nothing = () => {};
  const shell = new Shell(new Chat({ epoch: "e1", helloTimeoutMs: 5_000 }), log, {
    search: null,
    clock,
    now: () => calendarMs + clock.nowMs(),
    freshDevice: () => String(++devices).padStart(32, "0"),
    watcher: {
      opened: nothing,
      closed: nothing,
      ended: nothing,
      appended: nothing,
      sent: nothing,
      store: nothing,
      trouble: (event, error) => assert.fail(`${event}: ${error}`),
    },
  });
  const enter = () => {
    const pair = memoryPair({ clock, random: () => 0.5 });
    const told: Told[] = [];
    const decoder = decoderOf("quicchat/1");
    pair.client.open({
      bytes(chunk) {
        for (const one of decoder.push(chunk)) if ("value" in one) told.push(one.value as Told);
      },
      datagram() {},
      closed() {},
    });
    shell.welcome(pair.server);
    const say = (pdu: object) => pair.client.push(encodePdu({ ts: 0, seq: 0, ...pdu }, "quicchat/1"));
    return { told, say };
  };
  const ann = enter();
  ann.say({ type: "CHAT_HELLO", name: "Ann" });
  await clock.advance(1_000);
  calendarMs -= 3_600_000;
  await clock.advance(200);
  const silent = enter();
  const bob = enter();
  bob.say({ type: "CHAT_HELLO", name: "Bob" });
  bob.say({ type: "CHAT_MESSAGE", seq: 1, text: "what time is it?" });
  await clock.advance(1_000);
  const message = ann.told.find(({ type }) => type === "CHAT_MESSAGE");
  assert.ok(Math.abs((message?.ts ?? 0) * 1_000 - calendarMs) < 5_000, "the calendar as it is now");
  const came = ann.told.findLast(({ type }) => type === "CHAT_PRESENCE");
  assert.deepEqual(came?.came?.map(({ name }) => name), ["Bob"]);
  const here = bob.told.find(({ type }) => type === "CHAT_PRESENCE");
  for (const told of [came, here]) {
    const agoMs = calendarMs + clock.nowMs() - (told?.ts ?? 0) * 1_000;
    assert.ok(agoMs >= 0 && agoMs <= 1_000, `by the calendar as it is now, ${agoMs} ms ago`);
  }
  await clock.advance(5_000);
  assert.ok(silent.told.some(({ type }) => type === "CHAT_BYE"), "who does not greet is sent away");
  await clock.advance(0);
  const stopped = shell.stop();
  await clock.advance(100);
  await stopped;
});
