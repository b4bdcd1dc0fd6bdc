import type { System } from "../system.ts";
import { ejabberd, ejabberdArchive } from "./ejabberd.ts";
import { inspircd, ngircd } from "./irc.ts";
import { mosquitto } from "./mosquitto.ts";
import { natsCore, natsJetStream } from "./nats.ts";
import { prosody, prosodyArchive } from "./prosody.ts";
import { quicchatOnQuic, quicchatOnWebTransport } from "./quicchat.ts";
import { bareRelay } from "./relay.ts";
import { socketIo } from "./socket-io.ts";
import { ws } from "./ws.ts";

/** In every run. */
export const OURS: readonly System[] = [bareRelay, quicchatOnQuic];
/** Measured when they are named. */
export const ON_DEMAND: readonly System[] = [quicchatOnWebTransport];
/** What people would pick instead: with `--peers`. */
export const RIVALS: readonly System[] = [
  ws,
  socketIo,
  mosquitto,
  natsCore,
  natsJetStream,
  inspircd,
  ngircd,
  prosody,
  prosodyArchive,
  ejabberd,
  ejabberdArchive,
];
