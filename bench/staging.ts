/** Server and load generator for the length of one measurement: both are stopped, whatever happens. */
import { Running } from "./running.ts";
import type { Started } from "./system.ts";

/** Lets go of the server at the end. */
export async function withServer<Result>(
  started: Promise<Started>,
  use: (server: Started) => Promise<Result>,
): Promise<Result> {
  const server = await started;
  try {
    return await use(server);
  } finally {
    await server.process.stop();
  }
}

/** A program of `load/`, which is given its task as JSON. */
export async function withLoad<Result>(
  program: string,
  task: object,
  use: (load: Running) => Promise<Result>,
): Promise<Result> {
  const load = Running.deno("load", [`bench/load/${program}`, JSON.stringify(task)]);
  try {
    return await use(load);
  } finally {
    await load.stop();
  }
}

/** The line of JSON with which a load generator ends: what it found. */
export async function foundBy<Found>(load: Running): Promise<Found> {
  return JSON.parse(await load.says(/^(\{.*\})$/));
}

/** Our own server can be asked for things that other systems don't have. */
export function isQuicchat({ id }: { readonly id: string }): boolean {
  return id === "quicchat";
}
