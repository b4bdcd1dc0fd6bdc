/** What a peer remembers of its group between starts: its secrets, and where members were. */
import * as v from "valibot";
import { readPrivate, writePrivate } from "../server/private-file.ts";
import { SetupFailure } from "../server/setup-failure.ts";
import type { Secret } from "./greeting.ts";
import type { PeerAddress } from "./iroh.ts";
import type { Ticket } from "./ticket.ts";

const KEY_FILE = "peer.key";
const GROUP_FILE = "peer.json";
/** Members that are remembered; the group's history is with each of them. */
const MEMBERS_MAX = 256;
/** Secrets that are remembered: who was away for that many removals needs a ticket again. */
const SECRETS_MAX = 8;

const hex = (digits: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`)));
const Group = v.object({
  version: v.literal(1),
  group: hex(32),
  secrets: v.pipe(v.array(v.object({ generation: v.number(), secret: hex(64) })), v.minLength(1)),
  removed: v.array(hex(64)),
  port: v.optional(v.number(), 0),
  members: v.array(v.object({
    id: hex(64),
    addresses: v.array(v.string()),
    relay: v.optional(v.string()),
    provenMs: v.number(),
  })),
});

/** A member, as somebody proved to be one or was named by one. */
export interface Member extends PeerAddress {
  /** When it last proved to be a member, milliseconds since the epoch; 0: never here. */
  readonly provenMs: number;
}

/** The device's key: made at first use, 32 bytes. */
export async function openSeed(directory: string): Promise<Uint8Array> {
  const stored = (await readPrivate(`${directory}/${KEY_FILE}`))?.trim();
  if (stored === undefined) {
    const seed = crypto.getRandomValues(new Uint8Array(32));
    await writePrivate(directory, KEY_FILE, hexOf(seed) + "\n");
    return seed;
  }
  if (!/^[0-9a-f]{64}$/.test(stored)) {
    throw new SetupFailure(
      `${directory}/${KEY_FILE} holds no device key: put its backup back, or remove it to become somebody else`,
    );
  }
  return Uint8Array.from(stored.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export class GroupFile {
  readonly #directory: string;
  readonly group: string;
  #secrets: Secret[];
  readonly #removed: Set<string>;
  readonly #members = new Map<string, Member>();
  #port: number;
  #isChanged = false;
  #saving: Promise<void> = Promise.resolve();

  constructor(directory: string, stored: v.InferOutput<typeof Group>) {
    this.#directory = directory;
    this.group = stored.group;
    this.#port = stored.port;
    this.#secrets = [...stored.secrets];
    this.#removed = new Set(stored.removed);
    for (const member of stored.members) this.#members.set(member.id, member);
  }

  /** The directory's group; else the ticket's; else a new one. Throws `SetupFailure` when the ticket is for another. */
  static async open(directory: string, ticket: Ticket | null): Promise<GroupFile> {
    const path = `${directory}/${GROUP_FILE}`;
    const text = await readPrivate(path);
    let file: GroupFile;
    if (text !== null) {
      file = new GroupFile(directory, read(text, path));
      if (ticket !== null && ticket.group !== file.group) {
        throw new SetupFailure(
          `${directory} belongs to another group: give another directory with --data DIR to be in both`,
        );
      }
    } else {
      const fresh = (bytes: number) => hexOf(crypto.getRandomValues(new Uint8Array(bytes)));
      const first = ticket ?? { group: fresh(16), generation: 1, secret: fresh(32) };
      file = new GroupFile(directory, {
        version: 1,
        group: first.group,
        secrets: [first],
        removed: [],
        port: 0,
        members: [],
      });
      file.#isChanged = true;
    }
    if (ticket !== null) {
      file.addSecret(ticket);
      file.named(ticket.maker);
    }
    await file.save();
    return file;
  }

  /** The UDP port at which members remember this peer; 0: none yet. */
  get port(): number {
    return this.#port;
  }

  set port(port: number) {
    this.#isChanged ||= port !== this.#port;
    this.#port = port;
  }

  /** The newest first. */
  get secrets(): readonly Secret[] {
    return this.#secrets;
  }

  get secret(): Secret {
    const [newest] = this.#secrets;
    if (newest === undefined) throw new Error("a group has a secret");
    return newest;
  }

  get removed(): ReadonlySet<string> {
    return this.#removed;
  }

  get members(): ReadonlyMap<string, Member> {
    return this.#members;
  }

  /** True when it was not known. Of two of one generation, made at once, the larger counts. */
  addSecret({ generation, secret }: Secret): boolean {
    if (this.#secrets.some((one) => one.secret === secret)) return false;
    this.#secrets.push({ generation, secret });
    this.#secrets.sort((a, b) => b.generation - a.generation || (a.secret < b.secret ? 1 : -1));
    this.#secrets = this.#secrets.slice(0, SECRETS_MAX);
    this.#isChanged = true;
    return true;
  }

  /** True when it was not known. */
  remove(id: string): boolean {
    this.#members.delete(id);
    if (this.#removed.has(id)) return false;
    this.#removed.add(id);
    this.#isChanged = true;
    return true;
  }

  /** Somebody said that this is a member. True when it was not known, or not there. */
  named({ id, addresses, relay }: PeerAddress): boolean {
    if (this.#removed.has(id) || (addresses.length === 0 && relay === undefined)) return false;
    const known = this.#members.get(id);
    if (known === undefined && this.#members.size >= MEMBERS_MAX) return false;
    if (known?.addresses.join() === addresses.join() && known.relay === relay) return false;
    this.#members.set(id, { id, addresses: addresses.slice(0, 16), relay, provenMs: known?.provenMs ?? 0 });
    this.#isChanged = true;
    return true;
  }

  /** This one proved to be a member. */
  proven(id: string, nowMs: number): void {
    const known = this.#members.get(id);
    if (known === undefined && this.#members.size >= MEMBERS_MAX) {
      const oldest = [...this.#members.values()].sort((a, b) => a.provenMs - b.provenMs)[0];
      if (oldest !== undefined) this.#members.delete(oldest.id);
    }
    this.#members.set(id, { id, addresses: known?.addresses ?? [], relay: known?.relay, provenMs: nowMs });
    this.#isChanged = true;
  }

  /** Writes it if something changed. Rejects with a `SetupFailure`. */
  save(): Promise<void> {
    this.#saving = this.#saving.catch(() => {}).then(async () => {
      if (!this.#isChanged) return;
      this.#isChanged = false;
      const stored: v.InferInput<typeof Group> = {
        version: 1,
        group: this.group,
        secrets: this.#secrets.map(({ generation, secret }) => ({ generation, secret })),
        removed: [...this.#removed],
        port: this.#port,
        members: [...this.#members.values()].map(({ id, addresses, relay, provenMs }) => ({
          id,
          addresses: [...addresses],
          ...(relay === undefined ? {} : { relay }),
          provenMs,
        })),
      };
      await writePrivate(this.#directory, GROUP_FILE, JSON.stringify(stored, null, 1) + "\n");
    });
    return this.#saving;
  }
}

function read(text: string, path: string): v.InferOutput<typeof Group> {
  try {
    return v.parse(Group, JSON.parse(text));
  } catch {
    throw new SetupFailure(
      `${path} can't be understood: put its backup back, or join anew with a ticket and another --data DIR`,
    );
  }
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
