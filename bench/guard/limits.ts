import { delivering, saying, understanding } from "./loops.ts";
import type { Measure } from "./measure.ts";
import { LOADED, ONE_AT_A_TIME, serversDoing } from "./servers.ts";

export interface Limit {
  readonly says: string;
  readonly measure: Measure;
  /** When the limit was set, on the day below. */
  readonly measured: number;
  readonly most: number;
}

/** Measured on 26 November 2026 on 2 shared cores. A limit is a quarter above: noise is less, a regression of a third
 * more. Whoever makes something faster lowers its row. */
export const LIMITS: readonly Limit[] = [
  { says: "understanding what is said", measure: understanding, measured: 4.85, most: 6 },
  { says: "saying: rules, events, receipts", measure: saying, measured: 0.89, most: 1.1 },
  { says: "delivering to 2,000", measure: delivering, measured: 3.7, most: 4.6 },
  { says: "server CPU, 200 members loaded", measure: serversDoing(LOADED), measured: 1.62, most: 2 },
  {
    says: "server CPU, 50 members one at a time",
    measure: serversDoing(ONE_AT_A_TIME),
    measured: 1.75,
    most: 2.3,
  },
];
