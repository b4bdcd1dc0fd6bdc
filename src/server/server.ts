/** A whole server: the rules and a log, behind one port number on UDP and TCP. */
import { Chat } from "../chat/chat.ts";
import type { GroupRules } from "../chat/options.ts";
import type { Whereabouts } from "../chat/guests.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import type { Rate } from "../chat/bucket.ts";
import type { Search } from "../log/search.ts";
import type { Log } from "../log/log.ts";
import type { Wire } from "../protocol/wire.ts";
import { realClock } from "../transport/clock.ts";
import { listenQuic, type QuicListener } from "../transport/quic/quic-listener.ts";
import { acceptWebSocket } from "../transport/websocket/websocket-accept.ts";
import type { Certificates } from "./certificate/certificates.ts";
import { discoveryOf } from "./http/discovery.ts";
import { handleHttp } from "./http/http.ts";
import { isTokenRight } from "./invite.ts";
import type { Journal } from "./journal.ts";
import { createMetrics } from "./metrics.ts";
import { PACE } from "./pace.ts";
import type { PageFiles } from "./http/page-files.ts";
import type { PeerState } from "./peer-state.ts";
import { SetupFailure } from "./setup-failure.ts";
import { isLoopback } from "./share-address.ts";
import { Shell } from "./shell.ts";
import { openTcpPort, type TcpPort } from "./http/tcp-port.ts";
import { Watch } from "./watch.ts";

/** What a server is made of; the command line picks the parts. */
export interface ServerParts {
  readonly hostname: string;
  /** 0: one that is free on UDP and TCP. */
  readonly port: number;
  readonly log: Log;
  /** Null: there is none, and whoever searches is told so. */
  readonly search: Search | null;
  readonly certificates: Certificates;
  /** What a HELLO must show; null: everybody may enter. */
  readonly token: string | null;
  readonly rate: Rate;
  /** For a peer of a group; null: the log is this server's alone. */
  readonly group: GroupRules | null;
  /** Likewise: the members, for this machine's page. */
  readonly peers: (() => readonly PeerState[]) | null;
  readonly connectionsMax: number;
  readonly version: string;
  /** What `/` answers; null: a few words in its place. */
  readonly page: PageFiles | null;
  readonly journal: Journal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface RunningServer {
  readonly port: number;
  /** For a peer: others added to the log; somebody is there without a session; where the group's author is. */
  readonly others: {
    happened(events: readonly LoggedEvent[]): void;
    guest(author: string, at: readonly Whereabouts[]): void;
    whereabouts(author: string): Whereabouts[];
  };
  /** Goodbye to everyone, nothing lost: within about 4 s everything is closed, the log included. */
  stop(): Promise<void>;
}

/** A timer may not run longer: clocks are set, machines sleep. */
const RENEWAL_CHECK_MS_MAX = 3_600_000;
/** The least pause between two looks, should something always seem due. */
const RENEWAL_CHECK_MS_MIN = 10_000;
const JOURNAL_FLUSH_MS = 1_000;
/** What WebSockets and requests under way get at the end; goodbyes were said before. */
const TCP_GRACE_MS = 300;
/** How long the goodbyes may take to be written and heard. */
const GOODBYE_MS = 700;

/** Starts it. Throws `SetupFailure` when the address can't be had or the certificate not used. */
export function startServer(parts: ServerParts): RunningServer {
  const { log, certificates, token, journal, now, version } = parts;
  const wires: readonly Wire[] = token === null ? ["quicchat/1", "chat/0"] : ["quicchat/1"];
  const chat = new Chat({
    epoch: log.epoch,
    rate: parts.rate,
    group: parts.group,
    admit: (hello) => token === null || isTokenRight(hello.token, token) ? null : "unauthorised",
  });
  const metrics = createMetrics({
    rooms: () => chat.roomCount,
    failures: () => chat.failures,
    refusing: () => watch.refusal !== null,
    tcpConnections: () => tcp.connectionCount,
    memory: () => Deno.memoryUsage(),
    version,
  });
  const watch = new Watch(metrics, journal);
  const shell = new Shell(chat, log, {
    search: parts.search,
    clock: realClock,
    now,
    freshDevice,
    // Whoever may say more must be heard saying it.
    pace: {
      perSecond: Math.max(PACE.perSecond, parts.rate.perSecond * 4),
      burst: Math.max(PACE.burst, parts.rate.burst * 4),
    },
    watcher: watch,
  });

  const listenUdp = (port: number): QuicListener =>
    listenQuic({
      hostname: parts.hostname,
      port,
      cert: certificates.current.certificatePem,
      key: certificates.current.keyPem,
      wires,
      onLink: (link) => shell.welcome(link),
      onTrouble: ({ what, count, says }) => journal.warn(`quic-${what}`, { count, says }),
      limits: { connectionsMax: parts.connectionsMax },
      isExempt: isLoopback,
    });
  const listenTcp = (port: number): TcpPort =>
    openTcpPort({
      hostname: parts.hostname,
      port,
      certificate: certificates.current,
      handler: (request, caller) =>
        handleHttp(request, caller, {
          rules: { loopbackOnly: isLoopback(parts.hostname) },
          refusal: () => watch.refusal,
          discovery: () =>
            discoveryOf({
              version,
              open: token === null,
              hashes: certificates.hashes,
              keyHash: certificates.keyHash,
            }),
          metrics: () => metrics.text(),
          metricsForAll: false,
          peers: parts.peers,
          page: parts.page,
          upgrade: () => {
            const { response, link } = acceptWebSocket(request, caller);
            shell.welcome(link);
            return response;
          },
        }),
      onTrouble: (event, says) => journal.warn(event, { says }),
    });
  const { tcp, udp } = listenBoth(parts.hostname, parts.port, listenTcp, listenUdp);

  const flushing = setInterval(() => journal.flush(), JOURNAL_FLUSH_MS);
  let renewal = scheduleRenewal();

  function scheduleRenewal(): ReturnType<typeof setTimeout> {
    const dueMs = Math.max(RENEWAL_CHECK_MS_MIN, Math.min(certificates.dueMs(now()), RENEWAL_CHECK_MS_MAX));
    return setTimeout(renew, dueMs);
  }

  async function renew(): Promise<void> {
    try {
      if (await certificates.renew(now())) {
        const { certificatePem, keyPem } = certificates.current;
        udp.renew({ cert: certificatePem, key: keyPem });
        tcp.renew(certificates.current);
        journal.info("certificate-renewed");
      }
    } catch (error) {
      journal.error("certificate-not-renewed", {
        says: error instanceof Error ? error.message : String(error),
      });
    }
    renewal = scheduleRenewal();
  }

  async function stop(): Promise<void> {
    clearTimeout(renewal);
    await shell.stop();
    // Links go by themselves after a goodbye; the clock is only for those that don't.
    const untilMs = performance.now() + GOODBYE_MS;
    while (shell.hasLinks && performance.now() < untilMs) await new Promise((wake) => setTimeout(wake, 10));
    udp.close();
    await tcp.close(TCP_GRACE_MS);
    // The search reads the log's file: it goes first.
    await parts.search?.close();
    await log.close();
    clearInterval(flushing);
    journal.flush();
  }

  let stopping: Promise<void> | null = null;
  const others = {
    happened: (events: readonly LoggedEvent[]) => shell.happened(events),
    guest: (author: string, at: readonly Whereabouts[]) => shell.guest(author, at),
    whereabouts: (author: string) => chat.whereabouts(author),
  };
  return { port: udp.port, others, stop: () => stopping ??= stop() };
}

function freshDevice(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** Tries at one number that is free on both protocols, when any will do. */
const FREE_PORT_TRIES = 20;

function listenBoth(
  hostname: string,
  port: number,
  listenTcp: (port: number) => TcpPort,
  listenUdp: (port: number) => QuicListener,
): { readonly tcp: TcpPort; readonly udp: QuicListener } {
  for (let attempt = 1;; attempt++) {
    const tcp = orRefused(hostname, port, "TCP", () => listenTcp(port));
    try {
      return { tcp, udp: orRefused(hostname, tcp.port, "UDP", () => listenUdp(tcp.port)) };
    } catch (error) {
      tcp.close(0).catch(() => {}); // Nobody came yet; the error says what matters.
      if (port !== 0 || attempt === FREE_PORT_TRIES || !(error instanceof SetupFailure)) throw error;
    }
  }
}

function orRefused<T>(hostname: string, port: number, protocol: "TCP" | "UDP", listen: () => T): T {
  try {
    return listen();
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new SetupFailure(
        `${protocol} port ${port} is taken: stop the program that has it, or choose another with --port`,
      );
    }
    if (error instanceof Deno.errors.AddrNotAvailable || error instanceof Deno.errors.InvalidData) {
      throw new SetupFailure(
        `--host ${hostname} is no address of this machine: see its addresses, or leave --host out`,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new SetupFailure(
        `this user may not listen on ${protocol} port ${port}: choose one above 1023 with --port`,
      );
    }
    if (error instanceof Deno.errors.NotCapable || error instanceof SetupFailure) throw error;
    const says = error instanceof Error ? error.message : String(error);
    throw new SetupFailure(`can't listen on ${hostname} ${protocol} port ${port}: ${says}`);
  }
}
