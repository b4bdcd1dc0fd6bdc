import type { System } from "../system.ts";
import { aptMissing, freePort, startDaemon, versionSaid } from "./daemon.ts";

export const mosquitto: System = {
  name: "mosquitto, QoS 0",
  id: "mosquitto",
  stored: "no",
  isEncrypted: false,
  role: "rival",
  wire: "mqtt",
  // It knows no --version: its help says it, and ends with 1 or 3.
  missing: () => aptMissing("sh", ["-c", "command -v mosquitto"], "mosquitto"),
  version: () => versionSaid("mosquitto", ["-h"], /version ([\d.]+)/),
  async start(directory) {
    const port = freePort();
    const file = `${directory}/mosquitto.conf`;
    await Deno.writeTextFile(
      file,
      `listener ${port} 127.0.0.1
allow_anonymous true
persistence false
log_type none
set_tcp_nodelay true
max_queued_messages 0
user root
`,
    );
    return await startDaemon(port, "mosquitto", ["-c", file]);
  },
};
