/**
 * One TCP port that speaks both HTTP and HTTPS. The first byte of a connection tells which (a TLS handshake
 * begins with 0x16, RFC 8446 §5.1); then it is spliced to a web server that listens on loopback only, since
 * Deno's servers can't take over a connection that somebody else accepted. From this machine plain HTTP is
 * served too, which browsers take for secure there; from elsewhere it is sent on to HTTPS.
 */
import { isHost, pathOf } from "./origin.ts";
import { isLoopback } from "../share-address.ts";
import { closeQuietly } from "./splice.ts";
import type { ServerCertificate } from "../certificate/certificate.ts";
import { WebBackend, type WebHandler } from "./web-backend.ts";

const tlsHandshake = 0x16;

/** How much of a connection is read before it is spliced: a whole request or TLS greeting usually. */
const firstBytesMax = 4_096;

/** A server whose certificate was renewed takes no new connections; those under way get this long to make
 * their requests before idle ones are ended. */
const retiringMs = 30_000;

/** How often silent connections are looked for: short against the limits that it enforces. */
const sweepMs = 5_000;

export interface TcpPortLimits {
  /** Each costs three file descriptors and about 20 KB. */
  readonly connectionsMax: number;
  /** From one address. Loopback is exempt: there may be a proxy. Many people may share an address (a hall's
   * Wi-Fi), so one address gets half. */
  readonly perAddressMax: number;
  /** How long the first byte may take. */
  readonly firstByteMs: number;
  /** How long neither side may say anything. Deno pings a WebSocket every 30 s, so only the dead are hit. */
  readonly idleMs: number;
  /** From the first byte to the end of a request's head: a slow line and a TLS handshake fit in. */
  readonly requestMs: number;
  /** From there until the answer is taken and the next request made. The whole page takes a minute over 50 kbit/s. */
  readonly answerMs: number;
}

const defaults: TcpPortLimits = {
  connectionsMax: 4_096,
  perAddressMax: 2_048,
  firstByteMs: 5_000,
  idleMs: 90_000,
  requestMs: 10_000,
  answerMs: 120_000,
};

export interface TcpPortOptions {
  readonly hostname: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly certificate: ServerCertificate;
  readonly handler: WebHandler;
  /** Something that the operator may want to know of; may come often. */
  readonly onTrouble: (event: string, says: string) => void;
  readonly limits?: Partial<TcpPortLimits>;
}

export interface TcpPort {
  readonly port: number;
  /** Connections now. */
  readonly connectionCount: number;
  /** From now on new connections get this certificate; those that are there stay. Throws `SetupFailure`. */
  renew(certificate: ServerCertificate): void;
  /** Takes no more connections, waits up to `graceMs` for WebSockets to end and requests to be answered, then
   * closes the rest. Idempotent. */
  close(graceMs: number): Promise<void>;
}

/** Opens the port. Throws `SetupFailure` for a certificate that can't be used, and Deno's own errors where the
 * address can't be listened on (`Deno.errors.AddrInUse` …). */
export function openTcpPort(options: TcpPortOptions): TcpPort {
  return new SniffingPort(options);
}

class SniffingPort implements TcpPort {
  readonly #options: TcpPortOptions;
  readonly #limits: TcpPortLimits;
  readonly #plain: WebBackend;
  #tls: WebBackend;
  readonly #retired = new Map<WebBackend, number>();
  readonly #listener: Deno.TcpListener;
  readonly #accepting: Promise<void>;
  readonly #sweeper: ReturnType<typeof setInterval>;
  /** What was accepted and has not ended, with its address. */
  readonly #connections = new Map<Deno.TcpConn, string>();
  readonly #perAddress = new Map<string, number>();
  #changed = Promise.withResolvers<void>();
  #closing: Promise<void> | null = null;

  constructor(options: TcpPortOptions) {
    this.#options = options;
    this.#limits = { ...defaults, ...options.limits };
    this.#listener = Deno.listen({ hostname: options.hostname, port: options.port });
    try {
      this.#tls = this.#backend(options.certificate);
    } catch (error) {
      this.#listener.close();
      throw error;
    }
    this.#plain = new WebBackend({
      certificate: null,
      handler: (request, caller) => caller.loopback ? options.handler(request, caller) : toHttps(request),
      onTrouble: options.onTrouble,
    });
    this.#accepting = this.#accept();
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs);
    this.#sweeper.unref();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  renew(certificate: ServerCertificate): void {
    if (this.#closing !== null) return;
    const former = this.#tls;
    this.#tls = this.#backend(certificate);
    this.#retired.set(former, performance.now());
  }

  close(graceMs: number): Promise<void> {
    return this.#closing ??= this.#close(graceMs);
  }

  #backend(certificate: ServerCertificate): WebBackend {
    const { handler, onTrouble } = this.#options;
    return new WebBackend({ certificate, handler, onTrouble });
  }

  #backends(): WebBackend[] {
    return [this.#plain, this.#tls, ...this.#retired.keys()];
  }

  async #accept(): Promise<void> {
    while (this.#closing === null) {
      let connection: Deno.TcpConn;
      try {
        connection = await this.#listener.accept();
      } catch (error) {
        if (this.#closing !== null) return;
        // Out of file descriptors, most likely: others will close some.
        this.#options.onTrouble("accept-failed", error instanceof Error ? error.message : String(error));
        await new Promise((resolve) => setTimeout(resolve, 100));
        continue;
      }
      this.#admit(connection);
    }
  }

  #admit(connection: Deno.TcpConn): void {
    const { hostname } = connection.remoteAddr;
    const fromHere = this.#perAddress.get(hostname) ?? 0;
    const { connectionsMax, perAddressMax } = this.#limits;
    if (
      this.#connections.size >= connectionsMax || (fromHere >= perAddressMax && !isLoopback(hostname))
    ) {
      this.#options.onTrouble(
        "too-many-connections",
        `${this.#connections.size}, ${fromHere} of them from ${hostname}`,
      );
      closeQuietly(connection);
      return;
    }
    this.#connections.set(connection, hostname);
    this.#perAddress.set(hostname, fromHere + 1);
    this.#serve(connection)
      .catch((error) =>
        this.#options.onTrouble("connection-failed", error instanceof Error ? error.message : String(error))
      )
      .finally(() => this.#release(connection, hostname));
  }

  #release(connection: Deno.TcpConn, hostname: string): void {
    closeQuietly(connection);
    this.#connections.delete(connection);
    const left = (this.#perAddress.get(hostname) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(hostname, left);
    else this.#perAddress.delete(hostname);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  /** The life of one connection. */
  async #serve(connection: Deno.TcpConn): Promise<void> {
    const first = await this.#readFirst(connection);
    if (first === null || this.#closing !== null) return;
    connection.setNoDelay(true);
    const backend = first[0] === tlsHandshake ? this.#tls : this.#plain;
    const { hostname, port } = connection.remoteAddr;
    const caller = {
      remote: hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`,
      loopback: isLoopback(hostname),
      secure: backend.secure,
    };
    const { idleMs, requestMs, answerMs } = this.#limits;
    const timing = { clock: () => performance.now(), idleMs, requestMs, answerMs };
    const splice = await backend.take(connection, first, caller, timing);
    await splice.done;
  }

  /** Null where nothing came in time, or the connection ended before. */
  async #readFirst(connection: Deno.TcpConn): Promise<Uint8Array | null> {
    const buffer = new Uint8Array(firstBytesMax);
    const timer = setTimeout(() => closeQuietly(connection), this.#limits.firstByteMs);
    try {
      const length = await connection.read(buffer);
      return length === null ? null : buffer.subarray(0, length);
    } catch {
      return null; // reset, or closed by the timer: nobody is there to be told
    } finally {
      clearTimeout(timer);
    }
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const backend of this.#backends()) backend.sweep(nowMs);
    for (const [backend, sinceMs] of this.#retired) {
      if (nowMs - sinceMs < retiringMs || backend.upgradedCount > 0) continue;
      this.#retired.delete(backend);
      this.#shutdown(backend);
    }
  }

  async #shutdown(backend: WebBackend): Promise<void> {
    try {
      await backend.shutdown();
    } catch (error) {
      this.#options.onTrouble("shutdown-failed", error instanceof Error ? error.message : String(error));
    }
  }

  async #close(graceMs: number): Promise<void> {
    this.#listener.close();
    clearInterval(this.#sweeper);
    const timeUp = Promise.withResolvers<"time is up">();
    const timer = setTimeout(() => timeUp.resolve("time is up"), graceMs);
    const backends = this.#backends();
    const upgraded = () => backends.some((backend) => backend.upgradedCount > 0);
    while (upgraded()) {
      if (await Promise.race([timeUp.promise, this.#changed.promise]) === "time is up") break;
    }
    const shutdowns = Promise.all(backends.map((backend) => this.#shutdown(backend)));
    await Promise.race([timeUp.promise, shutdowns]);
    clearTimeout(timer);
    for (const connection of this.#connections.keys()) closeQuietly(connection);
    for (const backend of backends) backend.closeVisits();
    await Promise.all([shutdowns, this.#accepting]);
    while (this.#connections.size > 0) await this.#changed.promise;
  }
}

/** Where a browser that came by plain HTTP is sent: the same page by HTTPS on the same port. */
function toHttps(request: Request): Response {
  const host = request.headers.get("host");
  if (host === null || !isHost(host)) return new Response("use https://\n", { status: 400 });
  return new Response("use https://\n", {
    status: 308,
    headers: { "location": `https://${host}${pathOf(request.url)}`, "connection": "close" },
  });
}
