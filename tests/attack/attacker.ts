/** The attacker's process. Takes what, whom and how hard as one JSON argument; prints its tally as JSON. */
import type { Force, Target } from "./attack.ts";
import { ATTACKS, isAttack } from "./attacks.ts";

export interface Orders {
  readonly attack: string;
  readonly target: Target;
  readonly force: Force;
}

// What its victim does to it must not end it.
for (const event of ["unhandledrejection", "error"]) {
  globalThis.addEventListener(event, (happened) => happened.preventDefault());
}

const { attack, target, force }: Orders = JSON.parse(Deno.args[0] ?? "");
if (!isAttack(attack)) throw new Error(`there is no attack "${attack}"`);
console.log(JSON.stringify(await ATTACKS[attack](target, force)));
// Connections that it left hanging are nobody's to wait for.
Deno.exit(0);
