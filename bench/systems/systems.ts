import type { System } from "../system.ts";
import { quicchatOnQuic, quicchatOnWebTransport } from "./quicchat.ts";
import { bareRelay } from "./relay.ts";

/** In every run. */
export const OURS: readonly System[] = [bareRelay, quicchatOnQuic];
/** Measured when they are named. */
export const ON_DEMAND: readonly System[] = [quicchatOnWebTransport];
/** What people would pick instead: with `--peers`. */
export const RIVALS: readonly System[] = [];
