/** How a member of the load generator talks to one kind of server. */

export type WireName =
  | "quicchat/quic"
  | "quicchat/webtransport"
  | "ws"
  | "socket.io"
  | "mqtt"
  | "nats"
  | "jetstream"
  | "irc"
  | "xmpp";

/** What a member is told. */
export interface Ears {
  /** A message of the room arrived, one's own as well where the system sends it back. `read` gives its text; a
   * member that only counts does not ask, so a voice decodes nothing before. */
  message(read: () => string): void;
  /** The server told that it has the message of this number (see `say`). Only where `hasReceipts`. */
  receipt(number: number): void;
  /** The connection ended, which nobody asked for. */
  lost(says: string): void;
}

export interface Voice {
  /** Sends the message; `number` counts from 1 for each member. */
  say(number: number, text: string): void;
  leave(): void;
}

export interface JoinOptions {
  readonly hostname: string;
  readonly port: number;
  readonly caCerts: readonly string[];
  readonly name: string;
  readonly rooms: readonly string[];
}

export interface Wire {
  readonly hasReceipts: boolean;
  /** Whether a sender gets its own messages from the room. */
  readonly hasEcho: boolean;
  /** Connects with a socket of its own and joins; resolves when everything said from now on will arrive. */
  join(options: JoinOptions, ears: Ears): Promise<Voice>;
}
