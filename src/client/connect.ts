import { addressOf } from "./dial/address.ts";
import { Client } from "./client.ts";
import type { ClientOptions } from "./client-options.ts";
import type { Dial } from "./dial/dial.ts";
import { browserDial, browserNetwork } from "./dial/dial-browser.ts";
import type { DenoDialOptions } from "./dial/dial-deno.ts";
import { MemoryStore } from "./outbox/store-memory.ts";

/** What `connect` takes; all but the name has a default. */
export interface ConnectOptions extends Partial<Omit<ClientOptions, "name">> {
  /** What others see. 1 to 64 characters of one line. */
  readonly name: string;
  /** Joins this room at once, live. */
  readonly room?: string | undefined;
  /** The secret that numbers this client's messages, 32 hexadecimal digits, where `store` is not given. Random
   * unless given; use one for one running client and one server only. */
  readonly device?: string | undefined;
  /** Trust, in Deno. */
  readonly deno?: Omit<DenoDialOptions, "clock"> | undefined;
}

/**
 * Connects to a server: `http(s)://host:port`, an invite link, or in Deno also `quic://host:port`. Returns at
 * once; `client.status` says how it goes, and everything asked meanwhile is done when there is a connection.
 * Throws a `ChatFailure` for an address or a name that can't be one.
 */
export function connect(url: string | URL, options: ConnectOptions): Client {
  const address = addressOf(url);
  const { room, device, deno, ...rest } = options;
  const client = new Client({
    ...rest,
    token: rest.token ?? address.token,
    store: rest.store ?? new MemoryStore(device),
    dial: rest.dial ??
      ("Deno" in globalThis ? lazily(denoDialOf) : browserDial(address, { clock: rest.clock })),
    network: rest.network ?? browserNetwork(address),
  });
  if (room !== undefined) client.room(room);
  return client;

  async function denoDialOf(): Promise<Dial> {
    // Loaded when it is needed: bundles for browsers leave it out of what a page loads.
    const { denoDial } = await import("./dial/dial-deno.ts");
    return denoDial(address, { ...deno, clock: rest.clock });
  }
}

function lazily(make: () => Promise<Dial>): Dial {
  let made: Promise<Dial> | null = null;
  return async (attempt) => await (await (made ??= make()))(attempt);
}
