import { realClock, VirtualClock } from "../../src/transport/clock.ts";
import type { Wire } from "../../src/protocol/wire.ts";
import type { Link } from "../../src/transport/link.ts";
import { memoryPair } from "../../src/transport/memory-link.ts";
import { dialQuic } from "../../src/transport/quic/quic-dial.ts";
import { listenQuic } from "../../src/transport/quic/quic-listener.ts";
import { StuckWatch } from "../../src/transport/stuck-watch.ts";
import { acceptWebSocket } from "../../src/transport/websocket/websocket-accept.ts";
import { dialWebSocket } from "../../src/transport/websocket/websocket-dial.ts";
import { trustingWebSocket } from "../../src/transport/websocket/websocket-trust.ts";
import { dialWebTransport } from "../../src/transport/webtransport/webtransport-dial.ts";
import { testCertificate } from "../fixtures/certificate.ts";
import { type Relay, relayTcp, relayUdp } from "../fixtures/relay.ts";
import { FIRST, type Linked, type LinkFactory, testLinks } from "./link.ts";

const certificate = await testCertificate();

const real: Pick<LinkFactory, "until" | "pause" | "impatient"> = {
  async until(what, isSo) {
    // Generous: it only decides when a failing test stops waiting.
    const deadline = performance.now() + 20_000;
    while (!isSo()) {
      if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  },
  pause: () => new Promise((resolve) => setTimeout(resolve, 150)),
  impatient: () => ({ limits: { stuckMs: 100 }, watch: new StuckWatch(realClock, 20) }),
};

/** Short, so that silence is noticed soon. */
const limits = { idleMs: 600, keepAliveMs: 200 };

async function overQuic(dial: (relay: Relay) => Promise<Link>): Promise<Linked> {
  const accepted = Promise.withResolvers<Link>();
  const listener = listenQuic({
    ...certificate,
    hostname: "127.0.0.1",
    port: 0,
    wires: ["quicchat/1", "chat/0"],
    onLink: accepted.resolve,
    onTrouble: ({ what, says }) => accepted.reject(new Error(`${what}: ${says}`)),
    limits,
  });
  const relay = relayUdp(listener.port);
  const client = await dial(relay);
  client.push(FIRST);
  return {
    client,
    server: await accepted.promise,
    silence: () => relay.silence(),
    async end() {
      // The links' own goodbyes take a moment.
      await real.pause();
      listener.close();
      relay.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}

function quicFactory(wire: Wire): LinkFactory {
  return {
    ...real,
    name: `quic ${wire}`,
    wire,
    skips: wire === "chat/0"
      ? {
        datagrams: "chat/0 has none",
        alone:
          "our own reader joins packets that wait; outbox_test.ts counts the writes, the interop tests ask aioquic",
      }
      : {},
    connect: (tuning) =>
      overQuic((relay) =>
        dialQuic({
          hostname: "127.0.0.1",
          port: relay.port,
          wire,
          caCerts: [certificate.cert],
          ...(tuning === undefined ? {} : { tuning }),
        })
      ),
  };
}

testLinks(quicFactory("quicchat/1"));
testLinks(quicFactory("chat/0"));

testLinks({
  ...real,
  name: "webtransport",
  wire: "quicchat/1",
  skips: {},
  connect: (tuning) =>
    overQuic((relay) =>
      dialWebTransport(`https://127.0.0.1:${relay.port}/quicchat/1`, {
        certificateHashes: [certificate.hash],
        ...(tuning === undefined ? {} : { tuning }),
      })
    ),
});

function webSocketFactory(name: string, secure: boolean): LinkFactory {
  return {
    ...real,
    name,
    wire: "quicchat/1",
    skips: {
      held: "a WebSocket can't be paused; it is cut off past a bound, see websocket_test.ts",
      stuck: "a WebSocket's platform reads even when its owner does not",
      datagrams: "a WebSocket has none",
    },
    async connect(tuning) {
      const accepted = Promise.withResolvers<Link>();
      const server = Deno.serve({
        hostname: "127.0.0.1",
        port: 0,
        onListen() {},
        ...(secure ? { cert: certificate.cert, key: certificate.key } : {}),
      }, (request) => {
        const { response, link } = acceptWebSocket(request, { remote: "127.0.0.1" });
        accepted.resolve(link);
        return response;
      });
      const relay = relayTcp(server.addr.port);
      const client = await dialWebSocket(
        `${secure ? "https" : "http"}://127.0.0.1:${relay.port}/quicchat/1`,
        {
          ...(secure ? { makeWebSocket: trustingWebSocket([certificate.cert]) } : {}),
          ...(tuning === undefined ? {} : { tuning }),
        },
      );
      client.push(FIRST);
      return {
        client,
        server: await accepted.promise,
        silence: () => relay.silence(),
        async end() {
          await real.pause();
          relay.close();
          await server.shutdown();
        },
      };
    },
  };
}

testLinks(webSocketFactory("websocket", false));
testLinks(webSocketFactory("websocket over TLS", true));

/** Repeats itself: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function memoryFactory(wire: Wire): LinkFactory {
  let clock = new VirtualClock();
  return {
    name: `memory ${wire}`,
    wire,
    skips: {
      gathering: "memory cuts its chunks anew on purpose; outbox_test.ts counts the writes",
      ...(wire === "chat/0" ? { datagrams: "chat/0 has none" } : {}),
    },
    impatient: () => ({}),
    connect() {
      clock = new VirtualClock();
      const pair = memoryPair({
        clock,
        random: seeded(1),
        wire,
        latencyMs: 20,
        // A chat/0 peer gets each write as it is, as it does from a network that is not loaded.
        chunkBytesMax: wire === "chat/0" ? Infinity : 20_000,
      });
      pair.client.push(FIRST);
      return Promise.resolve({
        client: pair.client,
        server: pair.server,
        silence: () => pair.cut("timed out"),
        end: () => clock.advance(10_000),
      });
    },
    async until(what, isSo) {
      const deadlineMs = clock.nowMs() + 600_000;
      while (!isSo()) {
        if (clock.nowMs() > deadlineMs || !await clock.step()) throw new Error(`waited in vain for ${what}`);
      }
    },
    pause: () => clock.advance(1_000),
  };
}

testLinks(memoryFactory("quicchat/1"));
testLinks(memoryFactory("chat/0"));
