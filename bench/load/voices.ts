import { quicchatWire } from "./quicchat-voice.ts";
import type { Wire, WireName } from "./voice.ts";

/** The wire of a name. Loaded only when asked for, since most need a client library of their own. */
export function wireOf(name: WireName): Promise<Wire> {
  switch (name) {
    case "quicchat/quic":
    case "quicchat/webtransport":
      return Promise.resolve(quicchatWire(name));
  }
}
