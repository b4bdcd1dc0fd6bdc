/** What a run was made on. */
import { cpus, release, totalmem } from "node:os";
import type { Machine } from "./results.ts";
import { isPinned } from "./running.ts";

export async function machineOf(directory: string): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: navigator.hardwareConcurrency,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    system: `${Deno.build.os} ${release()} ${Deno.build.arch}`,
    filesystem: await filesystemOf(directory),
    isPinned,
  };
}

/** Of the mounts that the directory is under, the one that is the deepest. */
async function filesystemOf(directory: string): Promise<string> {
  const path = await Deno.realPath(directory);
  const mounts = (await Deno.readTextFile("/proc/mounts")).split("\n").map((line) => line.split(" "));
  const under = mounts.filter(([, at = ""]) => at === "/" || path === at || path.startsWith(`${at}/`));
  return under.toSorted(([, a = ""], [, b = ""]) => a.length - b.length).at(-1)?.[2] ?? "unknown";
}
