/** The attacker's process. Takes what, whom and how hard as one JSON argument; prints its tallies as JSON. */
import { type Force, pause, type Tally, type Target } from "./attack.ts";
import { ATTACKS, isAttack } from "./attacks.ts";

export interface Orders {
  readonly target: Target;
  /** All at the same time. */
  readonly attacks: readonly { readonly attack: string; readonly force: Force }[];
}

// What its victim does to it must not end it.
for (const event of ["unhandledrejection", "error"]) {
  globalThis.addEventListener(event, (happened) => happened.preventDefault());
}

const { target, attacks }: Orders = JSON.parse(Deno.args[0] ?? "");
/** After its time an attack may need so long to finish what it began. */
const GRACE_MS = 30_000;

const tallies = await Promise.all(attacks.map(async ({ attack, force }): Promise<Tally> => {
  if (!isAttack(attack)) throw new Error(`there is no attack "${attack}"`);
  // A stream whose connection is gone may never say so.
  const late = pause(force.seconds * 1_000 + GRACE_MS).then(() => ({ unfinished: 1 }));
  const attacking = ATTACKS[attack](target, force).catch((error) => {
    console.error(`${attack}: ${error}`);
    return { givenUp: 1 };
  });
  return await Promise.race([attacking, late]);
}));
console.log(JSON.stringify(tallies));
// Connections that it left hanging are nobody's to wait for.
Deno.exit(0);
