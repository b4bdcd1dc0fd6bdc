/** Every attack, by name. */
import type { Attack } from "./attack.ts";
import { H3_ATTACKS } from "./h3-attacks.ts";
import { STREAM_ATTACKS } from "./stream-attacks.ts";
import { TCP_ATTACKS } from "./tcp-attacks.ts";
import { UDP_ATTACKS } from "./udp-attacks.ts";

export const ATTACKS = {
  ...UDP_ATTACKS,
  ...H3_ATTACKS,
  ...STREAM_ATTACKS,
  ...TCP_ATTACKS,
} satisfies Record<string, Attack>;

export type AttackName = keyof typeof ATTACKS;

export function isAttack(name: string): name is AttackName {
  return Object.hasOwn(ATTACKS, name);
}
