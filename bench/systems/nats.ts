import type { System } from "../system.ts";
import { aptMissing, freePort, startDaemon, versionSaid } from "./daemon.ts";

const missing = () => aptMissing("nats-server", ["--version"], "nats-server");
const version = () => versionSaid("nats-server", ["--version"], /v([\d.]+)/);

export const natsCore: System = {
  name: "NATS core",
  id: "nats",
  stored: "no",
  isEncrypted: false,
  role: "rival",
  wire: "nats",
  missing,
  version,
  start() {
    const port = freePort();
    return startDaemon(port, "nats-server", ["-a", "127.0.0.1", "-p", `${port}`]);
  },
};

export const natsJetStream: System = {
  name: "NATS JetStream",
  id: "jetstream",
  // Its file store syncs every two minutes.
  stored: "page cache",
  isEncrypted: false,
  role: "rival",
  wire: "jetstream",
  missing,
  version,
  start(directory) {
    const port = freePort();
    return startDaemon(port, "nats-server", ["-a", "127.0.0.1", "-p", `${port}`, "-js", "-sd", directory]);
  },
};
