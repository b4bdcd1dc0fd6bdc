/** Getting in as our clients do, by the SDK's own rules: QUIC with a head start, a WebSocket where it gets no answer,
 * and again after a while. */
import { Backoff } from "../../src/client/dial/backoff.ts";
import { DialRace } from "../../src/client/dial/dial-race.ts";
import { realClock } from "../../src/transport/clock.ts";
import { dialWebSocket } from "../../src/transport/websocket/websocket-dial.ts";
import { pause } from "./pause.ts";
import { dialSessionLink, KIND, offsetOf, QuicchatSession, read, type ServerAt } from "./quicchat-session.ts";

/** Who is not in by then never will be. */
const GIVE_UP_MS = 120_000;

export interface Position {
  readonly room: string;
  readonly epoch?: string;
  readonly offset?: number;
}

/** What somebody who wants in is and hears. */
export interface Newcomer {
  readonly name: string;
  /** Where they are in their rooms, asked before each attempt. */
  positions(): readonly Position[];
  /** A message came whose place in its room is this. */
  heard(offset: number, line: Uint8Array): void;
  /** Any other line but an error. */
  told?(kind: number, line: Uint8Array): void;
  /** Something was refused. */
  refused(says: string): void;
  /** The connection ended after they were in. */
  lost(says: string): void;
}

export interface Entrance {
  readonly session: QuicchatSession;
  /** Attempts that came to nothing before. */
  readonly failures: number;
  readonly isByWebSocket: boolean;
  /** What CHAT_JOINED said of each room. */
  readonly joined: readonly Record<string, unknown>[];
}

/** Resolves when they are in all their rooms. */
export async function comeIn(at: ServerAt, newcomer: Newcomer): Promise<Entrance> {
  const backoff = new Backoff();
  const race = new DialRace(realClock);
  const giveUp = AbortSignal.timeout(GIVE_UP_MS);
  for (let failures = 0;; failures++) {
    try {
      return { ...await attempt(at, newcomer, race, giveUp), failures };
    } catch (error) {
      if (giveUp.aborted) throw new Error(`${newcomer.name} can't get in: ${error}`);
      await pause(backoff.next(Math.random()));
    }
  }
}

async function attempt(
  at: ServerAt,
  newcomer: Newcomer,
  race: DialRace,
  signal: AbortSignal,
): Promise<Omit<Entrance, "failures">> {
  const link = await race.run(
    (of) => dialSessionLink(at, of),
    (of) => dialWebSocket(`http://${at.hostname}:${at.port}/quicchat/1`, { signal: of }),
    signal,
  );
  const rooms = newcomer.positions();
  const joined: Record<string, unknown>[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isIn = false;
  const session = new QuicchatSession(link, { name: newcomer.name, rooms }, {
    line: (kind, line) => {
      if (kind === KIND.message) return newcomer.heard(offsetOf(line), line);
      if (kind === KIND.error) return newcomer.refused(String(read(line)["msg"]));
      if (kind !== KIND.joined || isIn) return newcomer.told?.(kind, line);
      if (joined.push(read(line)) === rooms.length) {
        isIn = true;
        resolve();
      }
    },
    lost: (says) => isIn ? newcomer.lost(says) : reject(new Error(says)),
  });
  await promise;
  return { session, joined, isByWebSocket: link.kind === "websocket" };
}
