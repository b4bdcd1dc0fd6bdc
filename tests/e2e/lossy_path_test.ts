/** Congestion control that takes every loss for congestion brings a path that loses a fifth by itself to a
 * standstill: the window falls to two packets and stays there. Ours goes by what arrives. */
import type { Link } from "../../src/transport/link.ts";
import { dialQuic } from "../../src/transport/quic/quic-dial.ts";
import { listenQuic } from "../../src/transport/quic/quic-listener.ts";
import { UdpRelay } from "../faults/udp-relay.ts";
import { STORM } from "../faults/weather.ts";
import { testCertificate } from "../fixtures/certificate.ts";
import { Seeded } from "../fixtures/seeded.ts";

const SEED = 4;
const BYTES = 200_000;
const CHUNK_BYTES = 2_000;
/** Measured: 2 to 3 s as it is, 22 to 28 s with the runtime's default. */
const MS_MAX = 15_000;

async function arrives(from: Link, to: { onBytes: (bytes: Uint8Array) => void }): Promise<number> {
  const startMs = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`not there after ${MS_MAX} ms`)), MS_MAX);
  let left = BYTES;
  to.onBytes = (bytes) => {
    left -= bytes.length;
    if (left <= 0) resolve();
  };
  for (let sent = 0; sent < BYTES; sent += CHUNK_BYTES) from.push(new Uint8Array(CHUNK_BYTES));
  await promise;
  clearTimeout(timer);
  return performance.now() - startMs;
}

Deno.test(`a path that loses ${STORM.loss * 100} % is no congestion, either way`, async () => {
  const { cert, key } = await testCertificate();
  const far = { onBytes: (_: Uint8Array) => {} };
  const near = { onBytes: (_: Uint8Array) => {} };
  const arrived = Promise.withResolvers<Link>();
  const listener = listenQuic({
    hostname: "127.0.0.1",
    port: 0,
    cert,
    key,
    wires: ["quicchat/1"],
    onTrouble() {},
    onLink(link) {
      link.open({ bytes: (chunk) => far.onBytes(chunk), datagram() {}, closed() {} });
      arrived.resolve(link);
    },
  });
  const relay = new UdpRelay(listener.port, 0, new Seeded(SEED));
  try {
    const link = await dialQuic({
      hostname: "127.0.0.1",
      port: relay.port,
      wire: "quicchat/1",
      caCerts: [cert],
      serverName: "localhost",
    });
    link.open({ bytes: (chunk) => near.onBytes(chunk), datagram() {}, closed() {} });
    link.push(new Uint8Array(1));
    const server = await arrived.promise;
    relay.weather = STORM;
    const [upMs, downMs] = [await arrives(link, far), await arrives(server, near)];
    console.log(
      `${BYTES / 1_000} kB through ${STORM.loss * 100} % loss: up in ${upMs.toFixed(0)} ms, ` +
        `down in ${downMs.toFixed(0)} ms`,
    );
    relay.weather = { ...STORM, loss: 0 };
    link.close();
  } finally {
    listener.close();
    relay.close();
  }
});
