import { HEAPS } from "../../bin/heaps.mjs";
import { Running } from "../running.ts";
import type { Started, System } from "../system.ts";

export interface ServeOptions {
  /** More arguments of `serve`. */
  readonly args?: readonly string[];
}

/** A server as a user starts it, on any free port; the rate per person is lifted, since a sender here stands for many. */
export async function startQuicchat(directory: string, { args = [] }: ServeOptions = {}): Promise<Started> {
  const process = Running.deno("server", [
    ...HEAPS.serve ?? [],
    "src/main.ts",
    "serve",
    "--port",
    "0",
    "--data",
    directory,
    "--rate",
    "1000000",
    ...args,
  ]);
  const port = Number(await process.says(/http:\/\/127\.0\.0\.1:(\d+)/));
  return { process, port, caCerts: [await Deno.readTextFile(`${directory}/certificate.pem`)] };
}

function quicchat(wire: System["wire"], name: string): System {
  return {
    name,
    stored: "fsync",
    isEncrypted: true,
    wire,
    missing: () => Promise.resolve(null),
    start: (directory) => startQuicchat(directory),
  };
}

export const quicchatOnQuic = quicchat("quicchat/quic", "quicchat");
export const quicchatOnWebTransport = quicchat("quicchat/webtransport", "quicchat, WebTransport");
