import process from "node:process";
import { CHAT_DEFAULTS } from "../chat/options.ts";
import { openSqliteSearch } from "../log/search/sqlite-search.ts";
import { StoreFailure } from "../log/log.ts";
import type { RunningPeer } from "../peer/peer.ts";
import { leaveWishes, type Wishes } from "../peer/wishes.ts";
import { RELAY_CHARS_MAX } from "../peer/peer-pdu.ts";
import { parseTicket, type Ticket } from "../peer/ticket.ts";
import { openCertificates } from "../server/certificate/certificate-store.ts";
import { qrCode } from "../server/invite.ts";
import type { Journal } from "../server/journal.ts";
import { startServer } from "../server/server.ts";
import { LISTENER } from "../transport/quic/quic-listener.ts";
import { VERSION } from "../version.ts";
import { has, numberOf, valueOf } from "./arguments.ts";
import { builtPage } from "./built-page.ts";
import { type Command, type Given, Trouble, UsageError } from "./command.ts";
import { peerDataDirectory } from "./places.ts";
import { openJournal } from "./server-journal.ts";
import { stopOnSignal } from "./stop-on-signal.ts";

const DEFAULT_PORT = 4433;
/** A server's search may take 16 MB for a million messages; of these a peer has no more than fit one machine's people. */
const SEARCH_CACHE_KIB = 2_048;
/** The exit code by which the launcher starts the same again (bin/launch.mjs). */
const START_AGAIN = 75;

export const peer: Command = {
  name: "peer",
  summary: "Chat with no server: make a group, or join one with its ticket",
  words: "[TICKET]",
  wordsMax: 1,
  flags: {
    port: {
      value: "N",
      says: `where this machine's page is, on 127.0.0.1; 0 takes a free one (${DEFAULT_PORT})`,
    },
    data: { value: "DIR", says: "where the group's history and this device's key are kept" },
    relay: {
      value: "URL",
      says: "reach members through this relay where nothing else goes; public: iroh's (none)",
    },
    "no-lan": { says: "don't look for members on this network, and don't tell it of this one" },
    remove: { value: "KEY", says: "keep this member out from now on (the beginning of its key)", many: true },
    mute: { value: "KEY", says: "don't show what this member says, here", many: true },
    rate: {
      value: "N",
      says: `messages a second that one session may send (${CHAT_DEFAULTS.rate.perSecond})`,
    },
    verbose: { says: "tell of every session" },
    help: { says: "this" },
  },
  notes: `Without a ticket it makes a group, or goes on with the one of its directory, and prints
a ticket for others. Who has the ticket gets in and can read everything: pass it on as
you would a key. Members connect directly to each other, over one network without
internet as well; what was said while one was away arrives when it is back. It needs
@number0/iroh, which npm installs with QUICChat where there is a build for the system.`,
  run: runPeer,
};

async function runPeer(given: Given): Promise<number> {
  const journal = openJournal(given);
  const port = numberOf(given, "port", 0, 65_535) ?? DEFAULT_PORT;
  const perSecond = numberOf(given, "rate", 1, 1_000_000) ?? CHAT_DEFAULTS.rate.perSecond;
  const directory = valueOf(given, "data") ?? peerDataDirectory();
  const relay = relayOf(given);
  const asked = {
    ticket: ticketOf(given),
    remove: keysOf(given, "remove"),
    mute: keysOf(given, "mute"),
  };
  const library = libraryOf();
  const page = await builtPage();
  const certificates = await openCertificates({
    directory,
    names: ["localhost", "127.0.0.1"],
    nowMs: Date.now(),
  });
  // Loaded when it is needed: the other commands start faster without.
  const { startPeer } = await import("../peer/peer.ts");
  const start = () =>
    startPeer({
      directory,
      ticket: asked.ticket,
      remove: asked.remove,
      library,
      relay,
      isOnLan: !has(given, "no-lan"),
      mute: asked.mute,
      journal,
      now: Date.now,
      serve: ({ log, group, peers }, logDirectory) =>
        startServer({
          hostname: "127.0.0.1",
          port,
          log,
          group,
          peers,
          search: openSqliteSearch({ directory: logDirectory, cacheKib: SEARCH_CACHE_KIB }),
          certificates,
          token: null,
          rate: { perSecond, burst: Math.max(CHAT_DEFAULTS.rate.burst, perSecond) },
          connectionsMax: LISTENER.connectionsMax,
          version: VERSION,
          page,
          journal,
          now: Date.now,
        }),
    });
  let running: RunningPeer;
  try {
    running = await start();
  } catch (error) {
    if (!(error instanceof StoreFailure) || error.reason !== "locked") throw error;
    if (asked.remove.length + asked.mute.length === 0) throw error;
    return await tellRunning(directory, asked);
  }
  const stopped = stopOnSignal(running, journal);
  if (relay !== "none") {
    const reached = running.onRelay().then((isReached) => {
      if (!isReached) journal.warn("relay-not-reached", { relay, says: "tried again and again" });
    });
    // Which of iroh's it is, and so the ticket, is known only then.
    if (relay === "public") await reached;
  }
  console.log(announcement(running, directory, relaySays(relay, asked.ticket)));
  journal.info("peering", { port: running.port, peer: running.id, relay });
  return await Promise.race([stopped, port === 0 ? stopped : anew(running, journal)]);
}

/** For the peer that has the directory. */
async function tellRunning(directory: string, { remove, mute }: Wishes): Promise<number> {
  const answer = await leaveWishes(directory, { remove, mute });
  if (answer === null) {
    throw new Trouble(
      `${directory} is in use by a program that takes no wishes: stop it, then start the peer with the same flags`,
    );
  }
  if (answer.refused !== null) throw new Trouble(answer.refused);
  for (const key of remove) console.log(`the peer that runs on ${directory} keeps ${key} out from now on`);
  for (const key of mute) {
    console.log(
      `the peer that runs on ${directory} shows nothing new of ${key}; give --mute also when it is started again`,
    );
  }
  return 0;
}

/** Resolves when the log had better be made anew, with what asks the launcher to start this again. */
async function anew(running: RunningPeer, journal: Journal): Promise<number> {
  await running.isDisordered;
  // Without the launcher, or lately done: at the next start.
  if (process.env["QUICCHAT_AGAIN"] !== "1") return await new Promise(() => {});
  journal.info("log-is-made-anew", { because: "much came that belongs between what was there" });
  await running.stop();
  return START_AGAIN;
}

function announcement(running: RunningPeer, directory: string, relaySays: string): string {
  const here = `http://127.0.0.1:${running.port}`;
  const ticket = running.ticket();
  const url = running.port === DEFAULT_PORT ? "" : ` --url ${here}`;
  return [
    `QUICChat peer ${running.id.slice(0, 8)} serves ${here} to this machine`,
    "",
    `  open       ${here}/`,
    `  terminal   npx quicchat chat --name You${url}`,
    `  data       ${directory}`,
    `  relay      ${relaySays}`,
    "",
    "Others join with this ticket, which lets in whoever has it:",
    "",
    `  npx quicchat peer ${ticket}`,
    "",
    qrCode(ticket),
  ].join("\n");
}

function relaySays(relay: string, ticket: Ticket | null): string {
  if (relay === "none") {
    const its = ticket?.maker.relay;
    return "none: members are reached directly, or not" +
      (its === undefined ? "" : `; the ticket's maker is also at --relay ${its}`);
  }
  const whose = relay === "public" ? "iroh's public ones" : relay;
  return `${whose}: it sees addresses of members and when they talk, and no text`;
}

function relayOf(given: Given): string {
  const relay = valueOf(given, "relay") ?? "none";
  if (relay === "none" || relay === "public") return relay;
  const isShort = relay.length <= RELAY_CHARS_MAX;
  if (isShort && URL.canParse(relay) && /^https?:$/.test(new URL(relay).protocol)) return relay;
  throw new UsageError(`--relay ${relay}: give a relay's URL (https://…), public, or none`);
}

function ticketOf(given: Given): Ticket | null {
  const [word] = given.words;
  if (word === undefined) return null;
  const ticket = parseTicket(word);
  if (ticket !== null) return ticket;
  throw new UsageError(
    `"${word.slice(0, 24)}…" is no ticket: copy all of what "quicchat peer" printed, from quicchat-peer: on`,
  );
}

function keysOf(given: Given, flag: string): string[] {
  const keys = given.flags[flag] ?? [];
  for (const key of keys) {
    if (!/^[0-9a-f]{8,64}$/.test(key)) {
      throw new UsageError(
        `--${flag} ${key}: give at least 8 digits of the member's key, as the journal names it`,
      );
    }
  }
  return [...keys];
}

/** The launcher knows where the library is. */
function libraryOf(): string {
  const library = process.env["QUICCHAT_IROH"] ?? "";
  if (library !== "") return library;
  throw new UsageError(
    "peer needs @number0/iroh, which is not installed here: run npm install @number0/iroh beside QUICChat " +
      "(there are builds for Linux, macOS on Apple silicon, Windows and Android)",
  );
}
