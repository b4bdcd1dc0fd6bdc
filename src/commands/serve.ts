import process from "node:process";
import { builtPage } from "./built-page.ts";
import { CHAT_DEFAULTS } from "../chat/options.ts";
import { openSqliteSearch } from "../log/search/sqlite-search.ts";
import { openSqliteLog } from "../log/sqlite/sqlite-log.ts";
import { formatInvite } from "../protocol/invite.ts";
import { openCertificates } from "../server/certificate/certificate-store.ts";
import type { Certificates } from "../server/certificate/certificates.ts";
import { openGivenCertificate } from "../server/certificate/given-certificate.ts";
import { checkGivenToken, openToken, qrCode } from "../server/invite.ts";
import { type RunningServer, startServer } from "../server/server.ts";
import {
  addressesToShare,
  hostInUrl,
  isAnyAddress,
  isLoopback,
  namesToCertify,
} from "../server/share-address.ts";
import { LISTENER } from "../transport/quic/quic-listener.ts";
import { VERSION } from "../version.ts";
import { has, numberOf, valueOf } from "./arguments.ts";
import { type Command, type Given, UsageError } from "./command.ts";
import { defaultDataDirectory } from "./places.ts";
import { openJournal } from "./server-journal.ts";
import { stopOnSignal } from "./stop-on-signal.ts";

const DEFAULT_PORT = 4433;

export const serve: Command = {
  name: "serve",
  summary: "Run a chat server",
  words: "",
  wordsMax: 0,
  flags: {
    host: { value: "ADDRESS", says: "where to listen: 0.0.0.0 shares it with the network (127.0.0.1)" },
    port: { value: "N", says: `UDP and TCP port; 0 takes a free one (${DEFAULT_PORT})` },
    data: { value: "DIR", says: "where rooms, keys and certificates are kept" },
    cert: { value: "FILE", says: "a certificate of your own, PEM, with its chain" },
    key: { value: "FILE", says: "its key, PEM" },
    open: { says: "let everybody in who can reach it, without an invite" },
    token: {
      value: "TOKEN",
      says: "the invite's token, instead of one that is made and kept (QUICCHAT_TOKEN)",
    },
    rate: {
      value: "N",
      says: `messages a second that one session may send (${CHAT_DEFAULTS.rate.perSecond})`,
    },
    connections: { value: "N", says: `connections at once (${LISTENER.connectionsMax})` },
    verbose: { says: "tell of every session" },
    help: { says: "this" },
  },
  notes: `A server that listens on this machine only is open to whoever is on it. One that is
shared wants an invite, which is printed as a link and a QR code, unless --open.
The original's clients (chat/0) can only join an open server. Stop it with Ctrl-C.`,
  run: runServe,
};

async function runServe(given: Given): Promise<number> {
  const journal = openJournal(given);
  const hostname = hostOf(given);
  const port = numberOf(given, "port", 0, 65_535) ?? DEFAULT_PORT;
  const perSecond = numberOf(given, "rate", 1, 1_000_000) ?? CHAT_DEFAULTS.rate.perSecond;
  const connectionsMax = numberOf(given, "connections", 1, 1_000_000) ?? LISTENER.connectionsMax;
  const directory = valueOf(given, "data") ?? defaultDataDirectory();

  // The log first: it locks the directory, so that two servers don't write one certificate.
  const log = await openSqliteLog({ directory });
  const search = openSqliteSearch({ directory });
  let server: RunningServer;
  let certificates: Certificates;
  let token: string | null;
  try {
    if (log.renewed !== null) journal.warn("log-begins-a-new-life", { because: log.renewed });
    certificates = await certificatesFor(given, hostname, directory);
    token = await tokenFor(given, hostname, directory);
    server = startServer({
      hostname,
      port,
      log,
      search,
      certificates,
      token,
      group: null,
      peers: null,
      rate: { perSecond, burst: Math.max(CHAT_DEFAULTS.rate.burst, perSecond) },
      connectionsMax,
      version: VERSION,
      page: await builtPage(),
      journal,
      now: Date.now,
    });
  } catch (error) {
    // The search reads the log's file: it goes first.
    await search.close();
    await log.close();
    throw error;
  }
  const stopped = stopOnSignal(server, journal);
  console.log(announcement(hostname, server.port, directory, token, certificates));
  journal.info("serving", { host: hostname, port: server.port, open: token === null });
  return await stopped;
}

function hostOf(given: Given): string {
  const host = valueOf(given, "host") ?? "127.0.0.1";
  // A name may stand for two addresses; one is listened on, and every client finds that one.
  return host === "localhost" ? "127.0.0.1" : host;
}

async function certificatesFor(given: Given, hostname: string, directory: string): Promise<Certificates> {
  const certificatePath = valueOf(given, "cert");
  const keyPath = valueOf(given, "key");
  if (certificatePath !== undefined && keyPath !== undefined) {
    return await openGivenCertificate({ certificatePath, keyPath }, Date.now());
  }
  if (certificatePath !== undefined || keyPath !== undefined) {
    throw new UsageError("--cert and --key belong together: give both files, or neither");
  }
  const names = namesToCertify(hostname, Deno.networkInterfaces());
  return await openCertificates({ directory, names, nowMs: Date.now() });
}

/** What lets one in; null for an open server. */
async function tokenFor(given: Given, hostname: string, directory: string): Promise<string | null> {
  const chosen = valueOf(given, "token");
  if (has(given, "open")) {
    if (chosen !== undefined) {
      throw new UsageError("--open and --token contradict each other: give one of them");
    }
    return null;
  }
  // From the environment it does not show in the list of processes.
  const token = chosen ?? process.env["QUICCHAT_TOKEN"];
  if (token !== undefined) return checkGivenToken(token);
  return isLoopback(hostname) ? null : await openToken(directory);
}

/** What a person who just started it needs to know. */
function announcement(
  hostname: string,
  port: number,
  directory: string,
  token: string | null,
  certificates: Certificates,
): string {
  const here = `http://${
    isLoopback(hostname) ? hostInUrl(hostname) : isAnyAddress(hostname) ? "127.0.0.1" : hostInUrl(hostname)
  }:${port}`;
  const lines = [`QUICChat serves ${here}`, "", `  open       ${here}/`];
  const isDefault = here === `http://127.0.0.1:${DEFAULT_PORT}`;
  const fragment = token === null ? "" : `/#invite=${token}`;
  const url = isDefault && token === null ? "" : ` --url "${here}${fragment}"`;
  lines.push(`  terminal   npx quicchat chat --name You${url}`, `  data       ${directory}`);
  const [address] = addressesToShare(hostname, Deno.networkInterfaces());
  if (address !== undefined) {
    const link = formatInvite({
      origin: `https://${hostInUrl(address)}:${port}`,
      ...(token === null ? {} : { token }),
      ...(certificates.keyStays ? { keyHash: certificates.keyHash } : {}),
    });
    lines.push(
      "",
      token === null ? `Others on the network:` : `Invite others with this link:`,
      "",
      `  ${link}`,
      "",
    );
    lines.push(qrCode(link));
  } else if (!isLoopback(hostname)) {
    lines.push("", "No address of this machine can be reached by others: is it on a network?");
  }
  return lines.join("\n");
}
