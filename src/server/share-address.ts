/** Which of this machine's addresses others reach it by. Pure: the interfaces are handed in. */
import { ipBytesOf } from "../transport/quic/leaf.ts";

/** What is used of `Deno.networkInterfaces()`, which lists those that are up. */
export interface NetworkInterface {
  readonly name: string;
  readonly family: "IPv4" | "IPv6";
  readonly address: string;
}

const loopbackNames = ["localhost", "127.0.0.1", "::1"];

/** Whether `--host` means every interface. */
export function isAnyAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** Whether only this machine can reach what listens there, or what this address is the remote of. */
export function isLoopback(host: string): boolean {
  if (/^(.+\.)?localhost\.?$/i.test(host)) return true;
  const bytes = ipBytesOf(host);
  if (bytes === null) return false;
  const last = bytes.length - 1;
  if (bytes.length === 4) return bytes[0] === 127;
  // ::1, and 127.0.0.0/8 as a dual-stack socket shows it (::ffff:127.0.0.1).
  const mapped = bytes[10] === 0xff && bytes[11] === 0xff && bytes[12] === 127;
  return bytes.every((byte, at) => at >= 10 || byte === 0) &&
    (mapped || bytes.every((byte, at) => byte === (at === last ? 1 : 0)));
}

/**
 * The addresses to share a server by that listens on `host`, best first: the address itself, or for one that
 * means every interface, those of the local network before public ones and IPv4 before IPv6 (it is shorter
 * to type, and every home has it). Empty when there is nothing but loopback.
 */
export function addressesToShare(host: string, interfaces: readonly NetworkInterface[]): string[] {
  if (!isAnyAddress(host)) return isLoopback(host) ? [] : [host];
  const ranked = interfaces
    .filter(({ family }) => host === "::" || family === "IPv4")
    .map((one) => ({ address: one.address, rank: rankOf(one) }))
    .filter(({ rank }) => rank !== null)
    .sort((one, other) => (one.rank ?? 0) - (other.rank ?? 0)); // stable: the system's order within a rank
  return [...new Set(ranked.map(({ address }) => address))];
}

/** Every name that a server on `host` must be able to prove. */
export function namesToCertify(host: string, interfaces: readonly NetworkInterface[]): string[] {
  const own = isAnyAddress(host) ? addressesToShare(host, interfaces) : [host];
  return [...new Set([...loopbackNames, ...own])];
}

/** As the host of a URL: IPv6 in brackets. */
export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Lower is better; null: nobody else reaches it. */
function rankOf({ name, family, address }: NetworkInterface): number | null {
  const bytes = ipBytesOf(address);
  if (bytes === null || isLoopback(address)) return null;
  const [a = 0, b = 0] = bytes;
  // Bridges of containers and virtual machines have private addresses that no other machine routes to.
  if (/^(docker|br-|veth|virbr|vmnet|vboxnet|cni|flannel|lxc|podman)/i.test(name)) return null;
  if (family === "IPv4") {
    if (a === 169 && b === 254) return null; // link-local: made up when there is no network
    if (a === 192 && b === 168) return 0;
    if (a === 10) return 1;
    if (a === 172 && b >= 16 && b < 32) return 2;
    return 3;
  }
  if (a === 0xfe && (b & 0xc0) === 0x80) return null; // link-local: needs a zone, which URLs have not
  return (a & 0xfe) === 0xfc ? 4 : 5;
}
