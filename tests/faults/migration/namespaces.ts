/** Two hosts of their own with a wire between them: network namespaces, which only root can make. */

const PREFIX_BITS = 24;

async function ip(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ip", { args }).output();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}

export class TwoHosts implements AsyncDisposable {
  readonly serverAddress = "10.77.0.1";
  #client = 2;

  private constructor(readonly server: string, readonly client: string) {}

  static async make(): Promise<TwoHosts> {
    const name = `quicchat-${Deno.pid}`;
    const hosts = new TwoHosts(`${name}-s`, `${name}-c`);
    try {
      for (const host of [hosts.server, hosts.client]) {
        await ip("netns", "add", host);
        await ip("-n", host, "link", "set", "lo", "up");
      }
      // deno-fmt-ignore
      await ip(
        "link", "add", "eth0", "netns", hosts.server, "type", "veth", "peer", "name", "eth0", "netns", hosts.client,
      );
      await ip("-n", hosts.server, "addr", "add", `${hosts.serverAddress}/${PREFIX_BITS}`, "dev", "eth0");
      await ip("-n", hosts.client, "addr", "add", `${hosts.#clientAddress}/${PREFIX_BITS}`, "dev", "eth0");
      for (const host of [hosts.server, hosts.client]) await ip("-n", host, "link", "set", "eth0", "up");
      return hosts;
    } catch (error) {
      await hosts[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Null where they can be made; else why not. */
  static async missing(): Promise<string | null> {
    try {
      await using _ = await TwoHosts.make();
      return null;
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      return `network namespaces need root on Linux and iproute2 (apt install iproute2): ${says}`;
    }
  }

  /** What runs a command in one of them. */
  within(host: string): string[] {
    return ["ip", "netns", "exec", host];
  }

  /** The client's host has no address for a moment, and then another one: what a laptop does that changes its
   * network. */
  async changeAddress(): Promise<void> {
    await ip("-n", this.client, "addr", "del", `${this.#clientAddress}/${PREFIX_BITS}`, "dev", "eth0");
    this.#client++;
    await ip("-n", this.client, "addr", "add", `${this.#clientAddress}/${PREFIX_BITS}`, "dev", "eth0");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of [this.server, this.client]) {
      await ip("netns", "del", host).catch(() => {
        // It was not made, or is gone.
      });
    }
  }

  get #clientAddress(): string {
    return `10.77.0.${this.#client}`;
  }
}
