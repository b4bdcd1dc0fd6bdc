/** Packets from one address, without any connection behind them. */
import type { Seeded } from "../fixtures/seeded.ts";
import { atRate, type Attack, ATTACKER, noiseOf, pause, randomOf } from "./attack.ts";
import { DATAGRAM_BYTES, honestLookingInitial, nonsenseInitial } from "./initial.ts";

/** Made before the attack, then sent over and over: sealing one takes 0.1 ms, sending it a fifth of that. */
const READY = 1_024;
/** Sockets to send from: one address, many ports. */
const SOCKETS = 32;

export const UDP_ATTACKS = {
  "udp garbage": flood((random) => noiseOf(random, random.from(1, 1_400))),
  "udp garbage with a long header": flood((random) => {
    const packet = noiseOf(random, random.from(20, 1_400));
    packet.set([0xc0 | random.from(0, 63), 0, 0, 0, random.from(0, 2)]);
    return packet;
  }),
  "truncated initials": flood((random) => {
    const whole = honestLookingInitial(random);
    return whole.slice(0, random.from(1, DATAGRAM_BYTES - 1));
  }),
  "damaged initials": flood((random) => {
    const packet = honestLookingInitial(random);
    for (let damages = random.from(1, 8); damages > 0; damages--) {
      packet[random.from(0, packet.length - 1)]! ^= 1 << random.from(0, 7);
    }
    return packet;
  }),
  "replayed initial": flood(constant(honestLookingInitial)),
  "initials with nonsense inside": flood(nonsenseInitial),
  "initials of another alpn": flood((random) => honestLookingInitial(random, "h2")),
  "initial flood": flood((random) => honestLookingInitial(random)),
} satisfies Record<string, Attack>;

function flood(make: (random: Seeded) => Uint8Array): Attack {
  return async ({ port }, force) => {
    const random = randomOf(force);
    const packets = Array.from({ length: READY }, () => make(random));
    const sockets = Array.from(
      { length: SOCKETS },
      () => Deno.listenDatagram({ transport: "udp", hostname: ATTACKER, port: 0 }),
    );
    // Other attacks of this process prepare themselves: none of it counts.
    await pause(100);
    const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
    const sent = await atRate(
      force,
      (index) => sockets[index % SOCKETS]!.send(packets[index % READY]!, to),
    );
    for (const socket of sockets) socket.close();
    return { sent };
  };
}

function constant<T>(make: (random: Seeded) => T): (random: Seeded) => T {
  let made: T | undefined;
  return (random) => made ??= make(random);
}
