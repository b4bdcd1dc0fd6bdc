import { address } from "./address.ts";
import { clock } from "./clock.ts";
import { fullDisk } from "./full-disk.ts";
import { kill } from "./kill.ts";
import { migration } from "./migration/migration.ts";
import { mixed } from "./mixed.ts";
import { network } from "./network.ts";
import { slow } from "./slow.ts";
import { suspend } from "./suspend.ts";
import type { Trial } from "./trial.ts";

export const TRIALS: readonly Trial[] = [
  kill,
  network,
  address,
  suspend,
  clock,
  slow,
  fullDisk,
  mixed,
  migration,
];
