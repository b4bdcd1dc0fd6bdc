import { decoderOf, encodePdu } from "../protocol/wire.ts";
import type { Clock } from "../transport/clock.ts";
import type { Greeting, Secret } from "./greeting.ts";
import type { PeerConnection } from "./iroh.ts";
import { checkPeerPdu, type PeerPdu } from "./peer-pdu.ts";

export interface StrangerParts {
  readonly connection: PeerConnection;
  readonly greeting: Greeting;
  readonly clock: Clock;
  /** It is a stranger no more: proven, refused or gone. Called once. */
  readonly onDecided: () => void;
  readonly onProven: (secret: Secret) => void;
  /** What a proven one says. Nothing more is read until it resolves. */
  readonly onPdu: (pdu: PeerPdu) => Promise<void>;
  readonly onRefused: (why: string, isProven: boolean) => void;
  readonly onClosed: (why: string) => void;
}

/** What a stranger gets to prove that it is none. */
const GREETING_MS = 5_000;

/** Runs the greeting on a fresh connection, and afterwards passes on what is said there, checked. */
export function greet(parts: StrangerParts): void {
  const { connection, greeting, clock } = parts;
  const decoder = decoderOf("quicchat/1");
  let isProven = false;
  let isDecided = false;
  const decided = () => {
    if (!isDecided) parts.onDecided();
    isDecided = true;
  };
  const refuse = (why: string) => parts.onRefused(why, isProven);
  const callOff = clock.after(GREETING_MS, () => {
    if (!isDecided) refuse("no proof in time");
  });

  async function hear(pdu: PeerPdu): Promise<boolean> {
    if (isProven) {
      await parts.onPdu(pdu);
      return true;
    }
    const step = greeting.heard(pdu);
    if ("refused" in step) {
      refuse(step.refused);
      return false;
    }
    if (step.say !== null) connection.send(encodePdu(step.say, "quicchat/1"));
    if (step.proven !== null) {
      isProven = true;
      decided();
      parts.onProven(step.proven);
    }
    return true;
  }

  connection.open({
    bytes: async (chunk) => {
      for (const decoded of decoder.push(chunk)) {
        if ("failure" in decoded) return refuse(`garbage: ${decoded.failure}`);
        const checked = checkPeerPdu(decoded.value);
        if (!checked.ok) return refuse(`malformed: ${checked.says}`);
        if (checked.pdu.type !== "unknown" && !await hear(checked.pdu)) return;
      }
    },
    closed: (why) => {
      callOff();
      decided();
      parts.onClosed(why);
    },
  });
  if (connection.isDialler) connection.send(encodePdu(greeting.hello(), "quicchat/1"));
}
