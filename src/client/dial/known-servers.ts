import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isKeyHash } from "../../protocol/invite.ts";
import { codeOf } from "../outbox/device-lock.ts";

/**
 * The keys of servers that were trusted at the first meeting, as ssh keeps them: lines of `host:port keyHash`
 * in a file with mode 0600. Lines are only added here, so that two programs can't spoil each other's; of two
 * lines for one server the last counts. Lines that begin with `#` are for people.
 */
export class KnownServers {
  /** Null: remembers while the program runs. */
  readonly path: string | null;
  readonly #met = new Map<string, string>();

  constructor(path: string | null) {
    this.path = path;
  }

  /** Null: never met. */
  async keyHashOf(hostPort: string): Promise<string | null> {
    const met = this.#met.get(hostPort);
    if (this.path === null) return met ?? null;
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch (thrown) {
      if (codeOf(thrown) === "ENOENT") return met ?? null;
      throw thrown;
    }
    let found: string | null = null;
    for (const line of text.split("\n")) {
      const [server, keyHash] = line.trim().split(/\s+/);
      if (server === hostPort && keyHash !== undefined && isKeyHash(keyHash)) found = keyHash;
    }
    return found;
  }

  async remember(hostPort: string, keyHash: string): Promise<void> {
    this.#met.set(hostPort, keyHash);
    if (this.path === null) return;
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    // A line of its own, also after one that somebody left without an end.
    await appendFile(this.path, `\n${hostPort} ${keyHash}\n`, { mode: 0o600 });
  }

  /** What to say when a server shows another key than the remembered one. */
  changed(hostPort: string): string {
    const where = this.path === null ? "" : ` and remove the lines "${hostPort} …" from ${this.path}`;
    return `the key of ${hostPort} is not the one it had before: its owner made a new one, or somebody sits in ` +
      `between. Ask the owner for the key's hash or a new invite link${where}`;
  }
}
