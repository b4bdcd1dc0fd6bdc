import type { Command } from "./command.ts";

/** `quicchat --help`. */
export function overview(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join("\n");
  return `QUICChat ${version}: a chat that you run yourself.

usage: quicchat COMMAND [flags]

${list}

quicchat COMMAND --help tells more. Start a server with "quicchat serve", then talk
from another terminal with "quicchat chat --name You".
`;
}

/** `quicchat COMMAND --help`. */
export function manual(command: Command): string {
  const flags = Object.entries(command.flags).map(([name, { value, says }]) =>
    [`--${name}${value === undefined ? "" : ` ${value}`}`, says] as const
  );
  const width = Math.max(...flags.map(([flag]) => flag.length));
  const list = flags.map(([flag, says]) => `  ${flag.padEnd(width)}  ${says}`).join("\n");
  const words = command.words === "" ? "" : ` ${command.words}`;
  return `${command.summary}

usage: quicchat ${command.name} [flags]${words}

${list}

${command.notes}
`;
}
