import { HEAPS } from "../../bin/heaps.mjs";
import manifest from "../../package.json" with { type: "json" };
import { Running } from "../running.ts";
import type { Started, System } from "../system.ts";

export interface ServeOptions {
  /** Any free one unless given. */
  readonly port?: number;
  /** More arguments of `serve`. */
  readonly args?: readonly string[];
}

/** A server as a user starts it; the rate per person is lifted, since a sender here stands for many. */
export async function startQuicchat(
  directory: string,
  { port: wanted = 0, args = [] }: ServeOptions = {},
): Promise<Started> {
  const process = Running.deno("server", [
    ...HEAPS.serve ?? [],
    "src/main.ts",
    "serve",
    "--port",
    String(wanted),
    "--data",
    directory,
    "--rate",
    "1000000",
    ...args,
  ]);
  const port = Number(await process.says(/http:\/\/127\.0\.0\.1:(\d+)/));
  return { process, port, caCerts: [await Deno.readTextFile(`${directory}/certificate.pem`)] };
}

function quicchat(names: Pick<System, "name" | "id" | "wire">): System {
  return {
    ...names,
    stored: "fsync",
    isEncrypted: true,
    isRival: false,
    missing: () => Promise.resolve(null),
    version: () => Promise.resolve(`${manifest.version}, Deno ${Deno.version.deno}`),
    start: (directory) => startQuicchat(directory),
  };
}

export const quicchatOnQuic = quicchat({ name: "quicchat", id: "quicchat", wire: "quicchat/quic" });
export const quicchatOnWebTransport = quicchat({
  name: "quicchat, WebTransport",
  id: "webtransport",
  wire: "quicchat/webtransport",
});
