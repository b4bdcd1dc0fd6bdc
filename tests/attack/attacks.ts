/** Every attack, by name. */
import type { Attack } from "./attack.ts";
import { UDP_ATTACKS } from "./udp-attacks.ts";

export const ATTACKS = { ...UDP_ATTACKS } satisfies Record<string, Attack>;

export type AttackName = keyof typeof ATTACKS;

export function isAttack(name: string): name is AttackName {
  return Object.hasOwn(ATTACKS, name);
}
