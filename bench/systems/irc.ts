/** IRC servers, with everything lifted that keeps people from talking fast. */
import type { System } from "../system.ts";
import { aptMissing, freePort, startDaemon, versionSaid } from "./daemon.ts";

const COMMON = { stored: "no", isEncrypted: false, role: "rival", wire: "irc" } as const;

export const inspircd: System = {
  ...COMMON,
  name: "InspIRCd",
  id: "inspircd",
  missing: () => aptMissing("inspircd", ["--version"], "inspircd"),
  version: () => versionSaid("inspircd", ["--version"], /InspIRCd-([\d.]+)/),
  async start(directory) {
    const port = freePort();
    const file = `${directory}/inspircd.conf`;
    const many = "1000000000";
    await Deno.writeTextFile(
      file,
      `<server name="irc.bench" description="bench" network="bench">
<admin name="bench" email="bench@irc.bench" nick="bench">
<bind address="127.0.0.1" port="${port}" type="clients">
<connect name="all" allow="*" timeout="60" pingfreq="3600" maxchans="100" localmax="100000" globalmax="100000"
  softsendq="${many}" hardsendq="${many}" recvq="${many}" threshold="${many}" commandrate="${many}" fakelag="no"
  resolvehostnames="no" useident="no">
<performance softlimit="100000" somaxconn="4096" netbuffersize="65534">
<path configdir="${directory}" datadir="${directory}" logdir="${directory}" runtimedir="${directory}">
`,
    );
    return await startDaemon(port, "inspircd", [
      `--config=${file}`,
      "--nofork",
      "--nolog",
      "--nopid",
      "--runasroot",
    ]);
  },
};

export const ngircd: System = {
  ...COMMON,
  name: "ngIRCd",
  id: "ngircd",
  missing: () => aptMissing("ngircd", ["--version"], "ngircd"),
  version: () => versionSaid("ngircd", ["--version"], /ngIRCd ([\d.]+)/),
  async start(directory) {
    const port = freePort();
    const file = `${directory}/ngircd.conf`;
    await Deno.writeTextFile(
      file,
      `[Global]
Name = irc.bench
Info = bench
AdminInfo1 = bench
AdminInfo2 = bench
AdminEMail = bench@irc.bench
Listen = 127.0.0.1
Ports = ${port}
MotdPhrase = bench
ServerUID = root
ServerGID = root
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 100
MaxPenaltyTime = 0
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
ConnectIPv6 = no
`,
    );
    return await startDaemon(port, "ngircd", ["-n", "-f", file]);
  },
};
