import type { System } from "../system.ts";
import { aptMissing, freePort, packageVersion, startDaemon } from "./daemon.ts";
import { XMPP_LOAD_SHARE } from "./xmpp.ts";

/** Where Debian's package has its libraries, as its ejabberdctl says. */
const LIBRARIES = "/usr/lib/x86_64-linux-gnu";
const SQLITE = "/usr/lib/erlang/lib/p1_sqlite3-*";

interface EjabberdOptions extends Pick<System, "name" | "id"> {
  readonly hasArchive: boolean;
}

/** Without ejabberdctl, which would start it as a user that can't read the bench's directory and under a name that only
 * one on the machine can have. */
function ejabberdMuc({ hasArchive, ...names }: EjabberdOptions): System {
  return {
    ...names,
    stored: hasArchive ? "fsync" : "no",
    isEncrypted: false,
    role: "rival",
    wire: "xmpp",
    loadShare: XMPP_LOAD_SHARE,
    missing: () =>
      aptMissing(
        "sh",
        ["-c", `command -v erl && command -v ejabberdctl${hasArchive ? ` && ls -d ${SQLITE}` : ""}`],
        `ejabberd${hasArchive ? " erlang-p1-sqlite3" : ""}`,
      ),
    version: () => packageVersion("ejabberd"),
    async start(directory) {
      const port = freePort();
      const file = `${directory}/ejabberd.yml`;
      await Deno.writeTextFile(file, configuration(directory, port, hasArchive));
      return await startDaemon(port, "erl", [
        "-noinput",
        ...["+K", "true", "+P", "250000"],
        ...["-mnesia", "dir", `"${directory}/mnesia"`],
        ...["-ejabberd", "quiet", "true"],
        ...["-s", "ejabberd"],
      ], {
        cwd: directory,
        env: {
          ERL_LIBS: LIBRARIES,
          ERL_CRASH_DUMP_BYTES: "0",
          EJABBERD_CONFIG_PATH: file,
          EJABBERD_LOG_PATH: `${directory}/ejabberd.log`,
        },
      });
    },
  };
}

function configuration(directory: string, port: number, hasArchive: boolean): string {
  return `hosts: [localhost]
loglevel: error
listen:
  -
    port: ${port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    access: all
    shaper: none
    starttls: false
auth_method: [anonymous]
anonymous_protocol: sasl_anon
allow_multiple_connections: true
sql_type: sqlite
sql_database: "${directory}/ejabberd.sqlite"
modules:
  mod_disco: {}
  mod_muc:
    host: conference.localhost
    access: all
    access_create: all
    max_users: 100000
    max_users_presence: 100000
    history_size: 0
    max_room_id: infinity
    default_room_options:
      max_users: 100000
      mam: ${hasArchive}
${hasArchive ? "  mod_mam:\n    db_type: sql\n    default: always\n" : ""}`;
}

export const ejabberd = ejabberdMuc({ name: "ejabberd MUC", id: "ejabberd", hasArchive: false });
export const ejabberdArchive = ejabberdMuc({
  name: "ejabberd MUC, SQLite archive",
  id: "ejabberd-archive",
  hasArchive: true,
});
