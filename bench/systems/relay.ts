import { makeCertificate, makeKey } from "../../src/server/certificate/certificate.ts";
import { Running } from "../running.ts";
import type { System } from "../system.ts";

const HOUR_MS = 3_600_000;

/** What this runtime allows: see `relay-server.ts`. */
export const bareRelay: System = {
  name: "bare relay",
  id: "relay",
  stored: "no",
  isEncrypted: true,
  role: "yardstick",
  wire: "quicchat/quic",
  missing: () => Promise.resolve(null),
  version: () => Promise.resolve(`Deno ${Deno.version.deno}`),
  async start(directory) {
    const made = await makeCertificate({
      key: await makeKey(),
      names: ["localhost"],
      notBeforeMs: Date.now() - HOUR_MS,
      days: 2,
    });
    await Deno.mkdir(directory, { recursive: true });
    const files = [`${directory}/certificate`, `${directory}/key`] as const;
    await Deno.writeTextFile(files[0], made.certificatePem);
    await Deno.writeTextFile(files[1], made.keyPem, { mode: 0o600 });
    const process = Running.deno("server", ["bench/systems/relay-server.ts", ...files]);
    return { process, port: Number(await process.says(/(\d+)/)), caCerts: [made.certificatePem] };
  },
};
