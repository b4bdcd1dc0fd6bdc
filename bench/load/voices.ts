import { ircWire } from "./irc-voice.ts";
import { mqttWire } from "./mqtt-voice.ts";
import { jetStreamWire, natsWire } from "./nats-voice.ts";
import { quicchatWire } from "./quicchat-voice.ts";
import { socketIoWire } from "./socket-io-voice.ts";
import type { Wire, WireName } from "./voice.ts";
import { wsWire } from "./ws-voice.ts";
import { xmppWire } from "./xmpp-voice.ts";

export function wireOf(name: WireName): Wire {
  switch (name) {
    case "quicchat/quic":
    case "quicchat/webtransport":
      return quicchatWire(name);
    case "ws":
      return wsWire;
    case "socket.io":
      return socketIoWire;
    case "mqtt":
      return mqttWire;
    case "nats":
      return natsWire;
    case "jetstream":
      return jetStreamWire;
    case "irc":
      return ircWire;
    case "xmpp":
      return xmppWire;
  }
}
