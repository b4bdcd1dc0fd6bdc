/** Somebody in the scene, whatever his program is. */
import type { Account } from "./verdict.ts";
import type { Path } from "./path.ts";
import type { Standing } from "./transcript.ts";

export interface Performer {
  readonly name: string;
  /** What is between this one and the server. */
  readonly path: Path;
  quiet(isQuiet: boolean): Promise<void>;
  standing(): Promise<Standing>;
  /** What was written down so far, without the views of the end. */
  lines(): Promise<Account["lines"]>;
  views(): Promise<Account["views"]>;
  close(): Promise<void>;
}
