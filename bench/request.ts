/** What the command line asks for. */
import { parseArgs } from "node:util";
import type { Shape } from "./shape.ts";
import { SHAPES } from "./shapes/shapes.ts";
import type { System } from "./system.ts";
import { ON_DEMAND, OURS, RIVALS } from "./systems/systems.ts";

const ROUNDS_MAX = 99;

export interface Request {
  readonly shapes: readonly Shape[];
  readonly systems: readonly System[];
  readonly rounds: number;
  readonly isQuick: boolean;
  /** A directory for what takes long to make and is used again the next time. */
  readonly keptIn: string | null;
  /** The file that the results go to. */
  readonly json: string | null;
}

export const HELP = `usage: npm run bench [-- OPTIONS]
  --peers                   measure rivals as well, those that are installed
  --only SHAPE[,SHAPE]      these shapes: ${words(SHAPES.map(({ shape }) => shape))}
  --systems NAME[,NAME]     these systems: ${words([...OURS, ...ON_DEMAND, ...RIVALS].map(({ id }) => id))}
  --rounds N                measure each N times (1 to ${ROUNDS_MAX}), in turn, and show the medians
  --quick                   a tenth of the work, to try the bench itself
  --data DIR                keep the long log there, and use it again the next time
  --json FILE               write everything that was measured there
  --help                    this
  npm run bench -- report FILE.json   docs/performance.md from what --json wrote
  npm run bench -- search   the search in a log of a million messages
  npm run bench -- page     how the page does with a long room`;

/** What is asked for; or what is to be said in place of it, `HELP` or what is wrong. */
export function requestOf(args: readonly string[]): Request | string {
  let flags;
  try {
    flags = parseArgs({
      args: [...args],
      options: {
        peers: { type: "boolean", default: false },
        only: { type: "string" },
        systems: { type: "string" },
        rounds: { type: "string", default: "1" },
        quick: { type: "boolean", default: false },
        data: { type: "string" },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return `${error instanceof Error ? error.message : error}\n${HELP}`;
  }
  if (flags.help) return HELP;
  const rounds = Number(flags.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > ROUNDS_MAX) {
    return `--rounds takes a whole number from 1 to ${ROUNDS_MAX}, not "${flags.rounds}"`;
  }
  const shapes = chosen("shape", flags.only, SHAPES, ({ shape }) => shape);
  if (typeof shapes === "string") return shapes;
  const systems = chosen("system", flags.systems, [...OURS, ...ON_DEMAND, ...RIVALS], ({ id }) => id);
  if (typeof systems === "string") return systems;
  return {
    shapes: shapes ?? SHAPES,
    systems: systems ?? [...OURS, ...(flags.peers ? RIVALS : [])],
    rounds,
    isQuick: flags.quick,
    keptIn: flags.data ?? null,
    json: flags.json ?? null,
  };
}

/** Those of the list that are named, in the list's order; null when none is; a sentence when one is unknown. */
function chosen<Item>(
  what: string,
  names: string | undefined,
  all: readonly Item[],
  nameOf: (item: Item) => string,
): readonly Item[] | string | null {
  if (names === undefined) return null;
  const asked = names.split(",").map((name) => name.trim());
  const known = all.map(nameOf);
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown !== undefined) return `there is no ${what} "${unknown}", only ${words(known)}`;
  return all.filter((item) => asked.includes(nameOf(item)));
}

function words(names: readonly string[]): string {
  return names.join(", ");
}
