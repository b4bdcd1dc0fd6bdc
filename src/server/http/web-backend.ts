/** A web server on a loopback port of its own, which only the public port's splices may talk to. */
import type { ServerCertificate } from "../certificate/certificate.ts";
import { Splice } from "./splice.ts";
import { SetupFailure } from "../setup-failure.ts";

/** Who makes a request. */
export interface Caller {
  /** Address and port of the connection's other end, for logs: "192.168.7.20:51234", "[::1]:51234". */
  readonly remote: string;
  /** Whether it came from this machine. */
  readonly loopback: boolean;
  /** Whether it came by TLS. */
  readonly secure: boolean;
  /** To be called for each message of a WebSocket that was made of the request: one that is too long in coming ends
   * the connection. */
  readonly messageEnded: () => void;
  /** Ends the connection at once, whatever its other end does. */
  readonly hangUp: () => void;
}

export type WebHandler = (request: Request, caller: Caller) => Response | Promise<Response>;

export interface WebBackendOptions {
  /** Null: plain HTTP. */
  readonly certificate: ServerCertificate | null;
  readonly handler: WebHandler;
  readonly onTrouble: (event: string, says: string) => void;
}

/** How long a visitor may take, in milliseconds. Bytes that trickle in keep a connection alive, but it must come to
 * something (the attack is known as slowloris). */
export interface VisitTiming {
  /** Now, on a clock that never goes back. */
  readonly clock: () => number;
  /** Neither side says anything. */
  readonly idleMs: number;
  /** From the connection's beginning to the end of its first request's head, TLS included. */
  readonly requestMs: number;
  /** From a request's head until its answer is taken and the next is made. Not for WebSockets. */
  readonly answerMs: number;
}

interface Visit {
  readonly splice: Splice;
  readonly caller: Caller;
  readonly timing: VisitTiming;
  /** When it began, or last made a request. */
  sinceMs: number;
  hasAsked: boolean;
}

export class WebBackend {
  readonly port: number;
  readonly secure: boolean;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** By the loopback port that the splice comes from: so the handler learns who is really there, and that
   * nobody else on this machine came by the back door. */
  readonly #visits = new Map<number, Visit>();

  constructor({ certificate, handler, onTrouble }: WebBackendOptions) {
    const options = {
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      onError: (error: unknown) => {
        onTrouble("http-handler-failed", error instanceof Error ? error.message : String(error));
        return new Response("the server made a mistake\n", { status: 500 });
      },
    };
    const answer = async (request: Request, { remoteAddr }: Deno.ServeHandlerInfo<Deno.NetAddr>) => {
      const visit = this.#visits.get(remoteAddr.port);
      if (visit === undefined) return new Response("come by the public port\n", { status: 403 });
      visit.sinceMs = visit.timing.clock();
      visit.hasAsked = true;
      const response = await handler(request, visit.caller);
      if (response.status === 101) visit.splice.upgraded = true;
      return response;
    };
    this.secure = certificate !== null;
    this.#server = certificate === null
      ? Deno.serve(options, answer)
      : serveTls({ ...options, cert: certificate.certificatePem, key: certificate.keyPem }, answer);
    this.port = this.#server.addr.port;
  }

  get upgradedCount(): number {
    let count = 0;
    for (const { splice } of this.#visits.values()) if (splice.upgraded) count++;
    return count;
  }

  /** Takes a client's connection over: it ends with `splice.done`. Rejects when the backend can't be reached. */
  async take(
    client: Deno.TcpConn,
    first: Uint8Array,
    who: Omit<Caller, "messageEnded" | "hangUp">,
    timing: VisitTiming,
  ): Promise<Splice> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    server.setNoDelay(true);
    const splice = new Splice({ client, server, first, clock: timing.clock, idleMs: timing.idleMs });
    const port = server.localAddr.port;
    const caller = { ...who, messageEnded: () => splice.messageEnded(), hangUp: () => splice.close() };
    this.#visits.set(port, { splice, caller, timing, sinceMs: timing.clock(), hasAsked: false });
    // Until then the port is taken: nobody else can come from it.
    splice.done.then(() => this.#visits.delete(port));
    return splice;
  }

  /** Ends idle connections at once, requests when they are answered, WebSockets rudely: wait for those first. */
  async shutdown(): Promise<void> {
    await this.#server.shutdown();
  }

  /** Ends connections that were silent too long, or came to nothing; to be called now and then. */
  sweep(nowMs: number): void {
    for (const { splice, timing, sinceMs, hasAsked } of this.#visits.values()) {
      splice.sweep(nowMs);
      const msMax = hasAsked ? timing.answerMs : timing.requestMs;
      if (!splice.upgraded && nowMs - sinceMs > msMax) splice.close();
    }
  }

  closeVisits(): void {
    for (const { splice } of this.#visits.values()) splice.close();
  }
}

type TlsOptions = Deno.ServeTcpOptions & Deno.TlsCertifiedKeyPem;

function serveTls(
  options: TlsOptions,
  answer: Deno.ServeHandler<Deno.NetAddr>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve(options, answer);
  } catch (error) {
    // What rustls can't read, or empty text.
    if (!(error instanceof Deno.errors.InvalidData || error instanceof TypeError)) throw error;
    throw new SetupFailure(
      `the certificate and key can't be used for TLS (${error.message}): give an ECDSA or RSA pair in PEM`,
    );
  }
}
