/** Peers that get in, or almost, and then misuse what they were given. */
import { LIMITS } from "../../src/protocol/limits.ts";
import { atOnce, type Attack, inTime, noiseOf, pause, randomOf } from "./attack.ts";
import { drain, type Entered, RawDialer } from "./raw-quic.ts";
import { fuzzedLines } from "../fuzz/words.ts";

const ABREAST = 24;
const encoder = new TextEncoder();

function line(pdu: object): string {
  return JSON.stringify({ seq: 0, ts: 1, ...pdu }) + "\n";
}

/** A stream that ended, or whose peer reads no further for now, takes no more: then another is opened. */
async function wasTaken(write: Promise<void>): Promise<boolean> {
  return await inTime(write.then(() => true)) ?? false;
}

export const STREAM_ATTACKS = {
  "another alpn": async (target, { count }) => {
    const dialer = await RawDialer.to(target);
    const alpns = ["h2", "quicchat/2", "", "x".repeat(255)];
    const got = await atOnce(count, ABREAST, (index) => dialer.dial(alpns[index % alpns.length]));
    return { tried: count, got };
  },
  /** As many as it is given, all of them quiet. */
  "many connections": async (target, { count, seconds }) => {
    const dialer = await RawDialer.to(target);
    const entered = await atOnce(count, 64, async (index) => {
      const { readable } = await dialer.enter(`idle ${index}`);
      void drain(readable);
    });
    await pause(seconds * 1_000);
    return { tried: count, entered };
  },
  "connect and vanish": async (target, { count }) => {
    const dialer = await RawDialer.to(target);
    const entered = await atOnce(count, ABREAST, async () => {
      const { conn } = await dialer.enter("brief", [{ room: "doorway" }]);
      conn.close();
    });
    return { entered };
  },
  "streams never written, never read, reset half-way": async (target, { count, seconds }) => {
    const dialer = await RawDialer.to(target);
    let streams = 0;
    const entered = await atOnce(count, ABREAST, async (index) => {
      const { conn, writer } = await dialer.enter("odd", [{ room: "odd" }]);
      // Many more than may be open at once.
      for (let i = 0; i < 20; i++) {
        const further = await inTime(conn.createBidirectionalStream({ waitUntilAvailable: true }));
        if (further === undefined) break;
        const words = further.writable.getWriter();
        streams++;
        if (i % 3 === 0) continue;
        await inTime(words.write(new Uint8Array(1_000)));
        if (i % 3 === 1) await inTime(words.abort());
      }
      if (index % 2 === 0) {
        await writer.write(encoder.encode('{"type":"CHAT_MESSAGE","seq":1,"ts":1,"te'));
        await inTime(writer.abort());
      }
    });
    await pause(seconds * 1_000);
    return { entered, streams };
  },
  /** Everything is asked for, nothing is ever taken. */
  "answers never read": async (target, { count, seconds }) => {
    const dialer = await RawDialer.to(target);
    const all: Entered[] = [];
    const entered = await atOnce(count, ABREAST, async (index) => {
      all.push(await dialer.enter(`deaf ${index}`, [{ room: "deaf", offset: 0 }]));
    });
    const text = "x".repeat(10_000);
    let seq = 0;
    const untilMs = performance.now() + seconds * 1_000;
    while (performance.now() < untilMs) {
      seq++;
      for (const { writer } of all) {
        const words = [
          { type: "CHAT_MESSAGE", seq, room: "deaf", text },
          { type: "CHAT_HISTORY", seq, room: "deaf", limit: 200 },
          { type: "CHAT_JOIN", seq, room: "deaf", offset: 0 },
        ];
        writer.write(encoder.encode(words.map(line).join(""))).catch(() => {});
      }
      await pause(100);
    }
    return { entered, rounds: seq };
  },
  /** A byte now and then, of a HELLO that never ends. */
  "slow hellos": async (target, { count, seconds }) => {
    const dialer = await RawDialer.to(target);
    const hello = encoder.encode(line({ type: "CHAT_HELLO", name: "slow" }));
    const opened = await atOnce(count, count, async () => {
      const conn = await dialer.dial();
      const stream = await conn.createBidirectionalStream();
      const writer = stream.writable.getWriter();
      const untilMs = performance.now() + seconds * 1_000;
      for (let at = 0; at < hello.length - 1 && performance.now() < untilMs; at++) {
        await writer.write(hello.subarray(at, at + 1));
        await pause(200);
      }
    });
    return { opened };
  },
  "pdu flood": async (target, { count, seconds }) => {
    const dialer = await RawDialer.to(target);
    const untilMs = performance.now() + seconds * 1_000;
    let said = 0;
    let seq = 0;
    await Promise.all(Array.from({ length: count }, async () => {
      while (performance.now() < untilMs) {
        try {
          const { writer, readable } = await dialer.enter("flood", [{ room: "flood" }]);
          void drain(readable);
          while (performance.now() < untilMs) {
            const words = Array.from(
              { length: 200 },
              () => line({ type: "CHAT_MESSAGE", seq: ++seq, room: "flood", text: "flood" }),
            );
            if (!await wasTaken(writer.write(encoder.encode(words.join(""))))) break;
            said += words.length;
          }
        } catch {
          // Sent away: it comes again.
        }
      }
    }));
    return { said };
  },
  /** Lines that look like PDUs, from a few who come again whenever they are sent away. */
  "fuzzed pdus": async (target, force) => {
    const dialer = await RawDialer.to(target);
    const random = randomOf(force);
    let said = 0;
    let entered = 0;
    await Promise.all(Array.from({ length: 4 }, async () => {
      while (said < force.count) {
        try {
          const { writer, readable } = await dialer.enter("fuzz", [{ room: "fuzz" }]);
          entered++;
          void drain(readable);
          while (said < force.count) {
            const { bytes, lines } = fuzzedLines(random);
            if (!await wasTaken(writer.write(bytes))) break;
            said += lines;
          }
        } catch {
          // Sent away: it comes again.
        }
      }
    }));
    return { said, entered };
  },
  "fuzzed chat datagrams": async (target, force) => {
    const dialer = await RawDialer.to(target);
    const random = randomOf(force);
    const { conn, readable } = await dialer.enter("fuzz", [{ room: "fuzz" }]);
    void drain(readable);
    let sent = 0;
    while (sent < force.count) {
      const { bytes } = fuzzedLines(random);
      const payload = random.next() < 0.7
        ? bytes.subarray(0, LIMITS.datagramBytesMax)
        : noiseOf(random, random.from(0, LIMITS.datagramBytesMax));
      await inTime(conn.sendDatagram(payload));
      sent++;
      // What the socket drops was never heard.
      if (sent % 64 === 0) await pause(1);
    }
    return { sent };
  },
  /** Rooms of the longest names in all of UTF-8, until the server has no more. */
  "a million rooms": async (target, { count, seconds }) => {
    const dialer = await RawDialer.to(target);
    const sessions = Math.ceil(count / LIMITS.roomsPerSessionMax);
    let said = 0;
    let bytes = 0;
    const entered = await atOnce(sessions, 64, async (session) => {
      const { writer, readable } = await dialer.enter(`rooms ${session}`);
      drain(readable).then((length) => bytes += length);
      for (let i = 0; i < LIMITS.roomsPerSessionMax && said < count; i++, said++) {
        const room = `${session} ${i} `.padEnd(LIMITS.roomCharsMax, "言");
        await writer.write(encoder.encode(line({ type: "CHAT_JOIN", seq: i, room })));
      }
      // And then what is dearest: the list of them all, as fast as it is given.
      const untilMs = performance.now() + seconds * 1_000;
      while (performance.now() < untilMs) {
        await writer.write(encoder.encode(line({ type: "CHAT_ROOMS", seq: 1 }).repeat(4)));
        await pause(50);
      }
    });
    return { sessions: entered, rooms: said };
  },
  "nesting bombs": async (target, { count }) => {
    const dialer = await RawDialer.to(target);
    const bombs = [
      `{"a":${"[".repeat(60_000)}`,
      `{"a":`.repeat(12_000),
      `{"a":"${"\\u0000".repeat(10_000)}"}`,
      `{"a":${"9".repeat(60_000)}}`,
      `{"a":[${"{},".repeat(20_000)}{}]}`,
      `{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":0`).join()}}`,
      `{"__proto__":{"type":"CHAT_MESSAGE"},"constructor":{"prototype":{}},"type":"CHAT_PING","seq":1,"ts":1}`,
      `{"type":"CHAT_HELLO","auth":{${Array.from({ length: 4_000 }, (_, i) => `"k${i}":{}`).join()}}}`,
    ];
    const said = await atOnce(count, ABREAST, async (index) => {
      const { conn, writer } = await dialer.enter("bomb");
      await writer.write(encoder.encode(bombs[index % bombs.length] + "\n"));
      await Promise.race([conn.closed.catch(() => {}), pause(200)]);
      conn.close();
    });
    return { said };
  },
} satisfies Record<string, Attack>;
