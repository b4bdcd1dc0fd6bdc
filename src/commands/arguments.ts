import { parseArgs } from "node:util";
import { isName, isRoomName } from "../protocol/words.ts";
import { type Command, type Given, UsageError } from "./command.ts";

/** Reads a command's words and flags. Throws `UsageError` with what is wrong and what to do. */
export function understand(command: Command, args: readonly string[]): Given {
  const options = Object.fromEntries(
    Object.entries(command.flags).map(([name, flag]) => [
      name,
      { type: flag.value === undefined ? "boolean" as const : "string" as const, multiple: true },
    ]),
  );
  const hint = `see quicchat ${command.name} --help`;
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    const flag = /'(--?[^'\s]+)/.exec(says)?.[1];
    const isUnknown = says.startsWith("Unknown option");
    throw new UsageError(
      isUnknown ? `there is no flag ${flag ?? ""}: ${hint}` : `${says.split(/\.\s/)[0] ?? says}: ${hint}`,
    );
  }
  const flags: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(parsed.values)) {
    const values = (Array.isArray(value) ? value : [value]).map(String);
    if (values.length > 1 && command.flags[name]?.many !== true) {
      throw new UsageError(`--${name} was given ${values.length} times: give it once`);
    }
    flags[name] = values;
  }
  if (parsed.positionals.length > command.wordsMax) {
    const extra = parsed.positionals[command.wordsMax];
    throw new UsageError(`"${extra}" is one word too many (quote a text that has spaces): ${hint}`);
  }
  return { words: parsed.positionals, flags };
}

export function has(given: Given, flag: string): boolean {
  return given.flags[flag] !== undefined;
}

export function valueOf(given: Given, flag: string): string | undefined {
  return given.flags[flag]?.[0];
}

/** A whole number within bounds. */
export function numberOf(given: Given, flag: string, min: number, max: number): number | undefined {
  const value = valueOf(given, flag);
  if (value === undefined) return undefined;
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  if (!(number >= min && number <= max)) {
    throw new UsageError(`--${flag} ${value}: give a whole number from ${min} to ${max}`);
  }
  return number;
}

export function nameOf(given: Given, fallback: string): string {
  const name = valueOf(given, "name") ?? fallback;
  if (!isName(name)) {
    throw new UsageError(`--name "${name}": give 1 to 64 characters of one line, without space at its ends`);
  }
  return name;
}

export function roomOf(given: Given, fallback: string): string {
  const room = (valueOf(given, "room") ?? fallback).normalize("NFC");
  if (!isRoomName(room)) {
    throw new UsageError(`--room "${room}": give 1 to 64 characters of one line, without space at its ends`);
  }
  return room;
}
