/** A wrong use of the command line: told in one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Trouble at run time that the user can do something about: told in one sentence, exit code 1. */
export class Trouble extends Error {
  override readonly name = "Trouble";
}

/** One flag of a command. */
export interface Flag {
  /** What stands for its value in the help; absent for a switch. */
  readonly value?: string;
  readonly says: string;
  /** May be given more than once. */
  readonly many?: boolean;
}

/** What the command line understood. Switches are "true". */
export interface Given {
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, readonly string[]>>;
}

/** One thing that `quicchat` can do. */
export interface Command {
  readonly name: string;
  /** One line of the list of commands. */
  readonly summary: string;
  /** What follows the name in the usage line, apart from flags. */
  readonly words: string;
  /** How many words at most. */
  readonly wordsMax: number;
  readonly flags: Readonly<Record<string, Flag>>;
  /** A few lines below the flags: examples first. */
  readonly notes: string;
  /** The exit code. Throws `UsageError` and `Trouble`. */
  run(given: Given): Promise<number>;
}
