/** A member at an MQTT broker: a room is a topic. QoS 0 tells nobody that anything arrived. */
import {
  CONNACK,
  connectPacket,
  payloadOf,
  PUBLISH,
  publishPacket,
  SUBACK,
  subscribePacket,
  takePackets,
} from "./mqtt-packets.ts";
import { Tcp } from "./tcp.ts";
import type { Wire } from "./voice.ts";

const decoder = new TextDecoder();

export const mqttWire: Wire = {
  hasReceipts: false,
  hasEcho: true,
  async join({ name, rooms, ...address }, ears) {
    const joined = Promise.withResolvers<void>();
    const tcp = await Tcp.dial(address, (says) => {
      joined.reject(new Error(says));
      ears.lost(says);
    });
    tcp.listen((bytes) =>
      takePackets(bytes, (packet) => {
        if (packet.kind === PUBLISH) ears.message(() => decoder.decode(payloadOf(packet)));
        else if (packet.kind === SUBACK) joined.resolve();
        else if (packet.kind === CONNACK && packet.body[1] === 0) tcp.push(subscribePacket(1, rooms));
        else joined.reject(new Error(`the broker refused: ${packet.kind} ${packet.body.join(" ")}`));
      })
    );
    tcp.push(connectPacket(name));
    await joined.promise;
    return {
      say: (number, text) => tcp.push(publishPacket(rooms[number % rooms.length] ?? "", text)),
      leave: () => tcp.close(),
    };
  },
};
