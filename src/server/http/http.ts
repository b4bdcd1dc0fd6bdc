/**
 * What the TCP port answers. One table of paths; nothing is read from disk by a path, so that no path can
 * lead anywhere it should not.
 */
import type { Discovery } from "./discovery.ts";
import { METRICS_TYPE } from "../metrics.ts";
import type { PeerState } from "../peer-state.ts";
import { hostOf, isOurHost, isOurOrigin, type OriginRules, pathOf } from "./origin.ts";
import { pageAnswer, type PageFiles } from "./page-files.ts";
import type { Caller } from "./web-backend.ts";
import { welcomePage } from "./welcome-page.ts";

export interface HttpDeps {
  readonly rules: OriginRules;
  /** Why the store keeps nothing new, in one line for the operator; null while all is well. */
  readonly refusal: () => string | null;
  readonly discovery: () => Discovery;
  readonly metrics: () => Promise<string>;
  /** Whether others than this machine may read the metrics. */
  readonly metricsForAll: boolean;
  /** The members of the peer's group; null: this is no peer. */
  readonly peers: (() => readonly PeerState[]) | null;
  /** The built page; null where it was not built, and a page of words stands in. */
  readonly page: PageFiles | null;
  /** Makes a WebSocket of the request, which was checked to ask for one. */
  readonly upgrade: (request: Request, caller: Caller) => Response | Promise<Response>;
}

/** Where WebSockets, and WebTransport sessions on the UDP port, are opened. */
export const CHAT_PATH = "/quicchat/1";

/** For every answer. A page may add to the policy what it needs; no answer may be framed, sniffed or run. No
 * HSTS: a browser would then refuse to go on past a self-made certificate's warning. */
const policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const headers = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
} as const;

interface Visit {
  readonly request: Request;
  readonly caller: Caller;
  readonly host: string;
  readonly deps: HttpDeps;
}

type Answer = (visit: Visit) => Response | Promise<Response>;

const answers: Readonly<Record<string, Answer>> = {
  "/": page,
  "/healthz": health,
  "/metrics": metrics,
  "/peers": peers,
  "/.well-known/quicchat": ({ deps }) => json(deps.discovery()),
  [CHAT_PATH]: chat,
};

/** Answers one request. Rejects only where a dependency does. */
export async function handleHttp(request: Request, caller: Caller, deps: HttpDeps): Promise<Response> {
  const host = hostOf(request);
  if (host === null) return plain(400, "the Host header is missing or malformed");
  if (!isOurHost(host, deps.rules)) {
    return plain(421, "this server is for its own machine: open it as localhost or 127.0.0.1");
  }
  const [path = "/"] = pathOf(request.url).split("?");
  const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
  if (answer === undefined && deps.page?.has(path) !== true) return plain(404, "there is nothing here");
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain(405, "only GET and HEAD", { "allow": "GET, HEAD" });
  }
  const fromPage = deps.page && pageAnswer(deps.page, path, request, webTransportSources(host));
  return fromPage ?? await answer?.({ request, caller, host, deps }) ?? plain(404, "there is nothing here");
}

/** Where a page that came from this host opens WebTransport sessions, as CSP sources: https always, and the
 * address for a `localhost` that a browser takes for another one (`dial-browser.ts`). */
function webTransportSources(host: string): string[] {
  const [, port] = /^(?:[a-z0-9_.-]+\.)?localhost(:\d+)?$/.exec(host) ?? [null, null];
  return port === null ? [`https://${host}`] : [`https://${host}`, `https://127.0.0.1${port ?? ""}`];
}

async function page({ host, caller, deps }: Visit): Promise<Response> {
  const { html, policy: allowed } = await welcomePage({
    host,
    secure: caller.secure,
    open: deps.discovery().open,
  });
  return new Response(html, {
    headers: {
      ...headers,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `${policy}; ${allowed}`,
    },
  });
}

function health({ deps }: Visit): Response {
  const refusal = deps.refusal();
  return refusal === null ? plain(200, "ok") : plain(503, refusal.replace(/\s+/g, " "));
}

async function metrics({ caller, deps }: Visit): Promise<Response> {
  if (!caller.loopback && !deps.metricsForAll) return plain(403, "metrics are for this machine only");
  return new Response(await deps.metrics(), { headers: { ...headers, "content-type": METRICS_TYPE } });
}

function peers({ caller, deps }: Visit): Response {
  // The page asks every server, and what is no peer is no mistake.
  if (deps.peers === null) return json(null);
  if (!caller.loopback) return plain(403, "the group's members are for this machine only");
  return json(deps.peers());
}

async function chat({ request, caller, host, deps }: Visit): Promise<Response> {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket" || request.method !== "GET") {
    return plain(426, "this is where WebSockets are opened", { "upgrade": "websocket" });
  }
  if (!isOurOrigin(request.headers.get("origin"), host, caller.secure, deps.rules)) {
    return plain(403, "pages of other sites may not join from here");
  }
  return await deps.upgrade(request, caller);
}

function json(value: unknown): Response {
  return new Response(JSON.stringify(value, null, 2) + "\n", {
    headers: { ...headers, "content-type": "application/json" },
  });
}

function plain(status: number, line: string, more: Readonly<Record<string, string>> = {}): Response {
  return new Response(line + "\n", {
    status,
    headers: { ...headers, "content-type": "text/plain; charset=utf-8", ...more },
  });
}
