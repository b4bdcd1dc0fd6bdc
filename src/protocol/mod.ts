/** The protocol's public face; inside the project files import each other directly. */
export * from "./author.ts";
export type { Checked, UnknownPdu } from "./check.ts";
export * from "./client-pdu.ts";
export * from "./event.ts";
export * from "./failures.ts";
export * from "./limits.ts";
export * from "./position.ts";
export * from "./server-pdu.ts";
export * from "./wire.ts";
export { isName, isRoomName, LOBBY, textFits, utf8BytesAtMost } from "./words.ts";
