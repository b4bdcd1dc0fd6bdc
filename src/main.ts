/** The command line: finds the command, and turns whatever ends it into a sentence and an exit code. */
import process from "node:process";
import { understand } from "./commands/arguments.ts";
import { cert } from "./commands/cert.ts";
import { chat } from "./commands/chat.ts";
import { type Command, Trouble, UsageError } from "./commands/command.ts";
import { gui } from "./commands/gui.ts";
import { manual, overview } from "./commands/help.ts";
import { peer } from "./commands/peer.ts";
import { send } from "./commands/send.ts";
import { serve } from "./commands/serve.ts";
import { shown } from "./commands/shown.ts";
import { tail } from "./commands/tail.ts";
import { StoreFailure } from "./log/log.ts";
import { SetupFailure } from "./server/setup-failure.ts";
import { VERSION } from "./version.ts";

const COMMANDS: readonly Command[] = [serve, peer, chat, gui, send, tail, cert];

async function run(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log(overview(COMMANDS, VERSION).trimEnd());
    return 0;
  }
  if (name === "--version" || name === "-v") {
    console.log(VERSION);
    return 0;
  }
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) {
    throw new UsageError(
      `there is no command "${name}": there are ${COMMANDS.map((one) => one.name).join(", ")}`,
    );
  }
  // Up to "--", after which everything is a word: a text may be "--help".
  const end = rest.indexOf("--");
  const flags = end < 0 ? rest : rest.slice(0, end);
  if (flags.includes("--help") || flags.includes("-h")) {
    console.log(manual(command).trimEnd());
    return 0;
  }
  return await command.run(understand(command, rest));
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const says = error instanceof Error ? error.message : String(error);
  // What can be set right before starting again is wrong use, not trouble.
  const isWrongUse = error instanceof UsageError || error instanceof SetupFailure ||
    error instanceof StoreFailure;
  const isExpected = isWrongUse || error instanceof Trouble;
  // The sentence may be a server's.
  const sentence = shown(says);
  console.error(`quicchat: ${isExpected ? "" : "something went wrong that should not: "}${sentence}`);
  process.exitCode = isWrongUse ? 2 : 1;
}
// Sockets and timers that a command left open must not keep the process.
process.exit();
