import { fileURLToPath } from "node:url";
import { has, Running } from "../running.ts";
import type { Started, System } from "../system.ts";
import { versionSaid } from "./daemon.ts";

export interface NodeServerOptions extends Pick<System, "name" | "id" | "wire"> {
  /** Beside this file; prints its port. */
  readonly program: string;
  /** The library that it is about, from our devDependencies. */
  readonly library: string;
}

/** A server written for the bench around a library for Node, which people use it in. */
export function nodeServer({ program, library, ...names }: NodeServerOptions): System {
  const manifest = new URL(`../../node_modules/${library}/package.json`, import.meta.url);
  return {
    ...names,
    stored: "no",
    isEncrypted: false,
    role: "rival",
    async missing() {
      if (!await has("node", ["--version"])) return "needs Node.js: https://nodejs.org";
      try {
        await Deno.stat(manifest);
        return null;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return "npm ci";
        throw error;
      }
    },
    async version() {
      const { version } = JSON.parse(await Deno.readTextFile(manifest));
      return `${version}, Node ${await versionSaid("node", ["--version"], /v([\d.]+)/)}`;
    },
    async start(): Promise<Started> {
      const process = new Running("server", "node", [fileURLToPath(new URL(program, import.meta.url))]);
      return { process, port: Number(await process.says(/^(\d+)$/)), caCerts: [] };
    },
  };
}
