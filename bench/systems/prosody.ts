import type { System } from "../system.ts";
import { aptMissing, freePort, packageVersion, startDaemon } from "./daemon.ts";
import { XMPP_LOAD_SHARE } from "./xmpp.ts";

interface ProsodyOptions extends Pick<System, "name" | "id"> {
  readonly hasArchive: boolean;
}

function prosodyMuc({ hasArchive, ...names }: ProsodyOptions): System {
  return {
    ...names,
    stored: hasArchive ? "fsync" : "no",
    isEncrypted: false,
    role: "rival",
    wire: "xmpp",
    loadShare: XMPP_LOAD_SHARE,
    missing: () =>
      aptMissing("sh", ["-c", "command -v prosody"], `prosody${hasArchive ? " lua-dbi-sqlite3" : ""}`),
    // `prosodyctl about` looks at everything there is and takes seconds.
    version: () => packageVersion("prosody"),
    async start(directory) {
      const port = freePort();
      const file = `${directory}/prosody.cfg.lua`;
      await Deno.writeTextFile(file, configuration(directory, port, hasArchive));
      return await startDaemon(port, "prosody", ["--config", file, "-F"]);
    },
  };
}

function configuration(directory: string, port: number, hasArchive: boolean): string {
  return `run_as_root = true
pidfile = "${directory}/prosody.pid"
data_path = "${directory}"
log = { error = "${directory}/error.log" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
c2s_direct_tls_ports = { }
s2s_ports = { }
s2s_direct_tls_ports = { }
http_ports = { }
https_ports = { }
modules_enabled = { "saslauth", "disco" }
modules_disabled = { "s2s", "tls", "http" }
c2s_require_encryption = false
authentication = "anonymous"
storage = { ${hasArchive ? 'muc_log = "sql"' : ""} }
sql = { driver = "SQLite3", database = "${directory}/prosody.sqlite" }
VirtualHost "localhost"
Component "conference.localhost" "muc"
  muc_room_locking = false
  ${hasArchive ? 'modules_enabled = { "muc_mam" } muc_log_by_default = true' : ""}
`;
}

export const prosody = prosodyMuc({ name: "Prosody MUC", id: "prosody", hasArchive: false });
export const prosodyArchive = prosodyMuc({
  name: "Prosody MUC, SQLite archive",
  id: "prosody-archive",
  hasArchive: true,
});
