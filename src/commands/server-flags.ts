/** What every command that talks to a server has in common: which server, whether to trust it, as whom. */
import process from "node:process";
import { type Address, addressOf, isThisMachine } from "../client/dial/address.ts";
import type { DenoDialOptions } from "../client/dial/dial-deno.ts";
import { ChatFailure } from "../client/failure.ts";
import { KnownServers } from "../client/dial/known-servers.ts";
import { isKeyHash } from "../protocol/invite.ts";
import { isName, LOBBY } from "../protocol/words.ts";
import type { Wire } from "../protocol/wire.ts";
import { has, nameOf, numberOf, roomOf, valueOf } from "./arguments.ts";
import { type Flag, type Given, Trouble, UsageError } from "./command.ts";
import { stateDirectory } from "./places.ts";

const DEFAULT_URL = "http://127.0.0.1:4433";
/** How long a server that never answered is tried, and one that did. */
const FIRST_WAIT_S = 10;
const LATER_WAIT_S = 300;

export const SERVER_FLAGS = {
  url: { value: "URL", says: `an invite link, http(s)://HOST:PORT or quic://HOST:PORT (${DEFAULT_URL})` },
  room: { value: "ROOM", says: `the room (${LOBBY})` },
  name: { value: "NAME", says: "what others see (your user name)" },
} as const satisfies Record<string, Flag>;

export const TRUST_FLAGS = {
  token: { value: "TOKEN", says: "the invite's token, where the URL has none (QUICCHAT_TOKEN)" },
  "key-hash": { value: "HASH", says: "trust only the server with this key (its invite has it)" },
  ca: { value: "FILE", says: "trust this certificate, PEM" },
  insecure: { says: "don't check who the server is: anybody in between can read and write" },
  wait: {
    value: "SECONDS",
    says: `how long to try without a connection (${FIRST_WAIT_S}, later ${LATER_WAIT_S})`,
  },
  help: { says: "this" },
} as const satisfies Record<string, Flag>;

export const PROTOCOL_FLAG: Flag = { value: "NAME", says: "chat/0 speaks the original's wire (quicchat/1)" };

/** Which server, and how. */
export interface Target {
  readonly address: Address;
  readonly room: string;
  readonly name: string;
  readonly token: string | undefined;
  readonly wire: Wire;
  readonly trust: DenoDialOptions;
  readonly firstWaitMs: number;
  readonly laterWaitMs: number;
}

export async function targetOf(given: Given): Promise<Target> {
  const wire = wireOf(given);
  const address = addressGiven(given);
  const keyHash = valueOf(given, "key-hash");
  if (keyHash !== undefined && !isKeyHash(keyHash)) {
    throw new UsageError(
      `--key-hash ${keyHash}: a key hash has 43 characters of base64url; the invite link has it`,
    );
  }
  if (wire === "chat/0" && has(given, "room")) {
    throw new UsageError("--room and --protocol chat/0 don't go together: the original's wire has no rooms");
  }
  const token = valueOf(given, "token") ?? address.token ?? process.env["QUICCHAT_TOKEN"];
  const waitS = numberOf(given, "wait", 1, 86_400);
  const state = stateDirectory();
  const caFile = valueOf(given, "ca");
  return {
    address,
    room: roomOf(given, LOBBY),
    name: nameOf(given, userName()),
    token,
    wire,
    trust: {
      wire,
      keyHash,
      knownServers: new KnownServers(state === null ? null : `${state}/known-servers`),
      caPem: caFile === undefined ? undefined : await readCa(caFile),
      insecure: has(given, "insecure"),
    },
    firstWaitMs: (waitS ?? FIRST_WAIT_S) * 1000,
    laterWaitMs: (waitS ?? LATER_WAIT_S) * 1000,
  };
}

/** A failure of the SDK as what the command line says: wrong use, or trouble. */
export function troubleOf(thrown: unknown): Error {
  if (!(thrown instanceof ChatFailure)) return thrown instanceof Error ? thrown : new Error(String(thrown));
  return new Trouble(thrown.says);
}

function wireOf(given: Given): Wire {
  const wire = valueOf(given, "protocol") ?? "quicchat/1";
  if (wire === "quicchat/1" || wire === "chat/0") return wire;
  throw new UsageError(`--protocol ${wire}: there are quicchat/1 and chat/0`);
}

function addressGiven(given: Given): Address {
  const url = valueOf(given, "url") ?? hostAndPort(given) ?? DEFAULT_URL;
  try {
    return addressOf(url);
  } catch (error) {
    if (!(error instanceof ChatFailure)) throw error;
    throw new UsageError(`--url: ${error.says}`);
  }
}

/** As the original's GUI client takes it. */
function hostAndPort(given: Given): string | null {
  const host = valueOf(given, "host");
  const port = numberOf(given, "port", 1, 65_535);
  if (host === undefined && port === undefined) return null;
  const hostname = host ?? "127.0.0.1";
  return `${isThisMachine(hostname) ? "http" : "https"}://${
    hostname.includes(":") ? `[${hostname}]` : hostname
  }:${port ?? 4433}`;
}

function userName(): string {
  const name = process.env["USER"] ?? process.env["LOGNAME"] ?? process.env["USERNAME"] ?? "";
  return isName(name) ? name : "someone";
}

async function readCa(file: string): Promise<string> {
  try {
    const pem = await Deno.readTextFile(file);
    if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--ca ${file} can't be read (${says}): give a certificate file in PEM`);
  }
  throw new UsageError(`--ca ${file} holds no certificate: give a file in PEM`);
}
