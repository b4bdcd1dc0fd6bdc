import { HEAPS } from "../../bin/heaps.mjs";
import manifest from "../../package.json" with { type: "json" };
import { Running } from "../running.ts";
import type { Started, System } from "../system.ts";

export interface ServeOptions {
  /** Any free one unless given. */
  readonly port?: number;
  /** As it is shipped; lifted unless given, since a sender here stands for many. */
  readonly hasRateLimit?: boolean;
  /** More arguments of `serve`. */
  readonly args?: readonly string[];
}

/** A server as a user starts it. */
export async function startQuicchat(
  directory: string,
  { port: wanted = 0, hasRateLimit = false, args = [] }: ServeOptions = {},
): Promise<Started> {
  const process = Running.deno("server", [
    ...HEAPS.serve ?? [],
    "src/main.ts",
    "serve",
    "--port",
    String(wanted),
    "--data",
    directory,
    ...(hasRateLimit ? [] : ["--rate", "1000000"]),
    ...args,
  ]);
  const port = Number(await process.says(/http:\/\/127\.0\.0\.1:(\d+)/));
  return { process, port, caCerts: [await Deno.readTextFile(`${directory}/certificate.pem`)] };
}

/** Ports below those that systems give to clients' sockets, so that none of them takes a server's while it restarts. */
const STEADY_PORTS = { from: 20_000, to: 32_000 };

/** A port that is free on UDP and will be so again after a restart. */
export function steadyPort(): number {
  for (;;) {
    const port = STEADY_PORTS.from + Math.floor(Math.random() * (STEADY_PORTS.to - STEADY_PORTS.from));
    try {
      Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }).close();
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

function quicchat(names: Pick<System, "name" | "id" | "wire">): System {
  return {
    ...names,
    stored: "fsync",
    isEncrypted: true,
    role: "ours",
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
