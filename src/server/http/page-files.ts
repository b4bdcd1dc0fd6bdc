/**
 * The built page (dist/web), read into memory once: a request's path only ever looks up a table, so that none
 * can lead anywhere on the disk.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

/** One file of the page, ready to be answered. */
interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Made when the first browser asks; null where it would not be smaller. */
  gzip: Uint8Array<ArrayBuffer> | null | undefined;
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
}

/** By path: "/", "/assets/main-1a2b3c.js". */
export type PageFiles = ReadonlyMap<string, PageFile>;

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  json: "application/json",
  webmanifest: "application/manifest+json",
  svg: "image/svg+xml",
  png: "image/png",
  woff2: "font/woff2",
  txt: "text/plain; charset=utf-8",
};

/** Their names change with their content. */
const HASHED = "public, max-age=31536000, immutable";
/** Everything else is asked for anew, and answered by 304 where it is the same. */
const NAMED = "no-cache";
/** Below it gzip gains less than its header costs. */
const GZIP_BYTES_MIN = 512;

/** Reads a built page. Null where there is none: no directory, or no index.html in it. */
export async function readPage(directory: URL): Promise<PageFiles | null> {
  const files = new Map<string, PageFile>();
  let names: string[];
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const base = decodeURIComponent(directory.pathname).replace(/\/+$/, "");
    names = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) =>
      `${parentPath.replaceAll("\\", "/").slice(parentPath.indexOf(base) + base.length)}/${name}`
        .replace(/^\/+/, "")
    );
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  for (const name of names) {
    const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
    // What no browser asks for (a build's own notes) is not served.
    if (type === undefined) continue;
    const bytes = Uint8Array.from(await readFile(new URL(`./${name}`, withSlash(directory))));
    files.set(name === "index.html" ? "/" : `/${name}`, {
      bytes,
      gzip: type.startsWith("image/png") || type.startsWith("font/") || bytes.length < GZIP_BYTES_MIN
        ? null
        : undefined,
      type,
      etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
      cacheControl: name.startsWith("assets/") ? HASHED : NAMED,
    });
  }
  return files.has("/") ? files : null;
}

function withSlash(directory: URL): URL {
  return directory.pathname.endsWith("/") ? directory : new URL(`${directory.href}/`);
}

/**
 * What the page may do: nothing but what its own files say, and talk to these hosts besides its own. No string
 * ever becomes markup or script (Trusted Types); the one policy, `quicchat`, is for the service worker's URL.
 */
export function pagePolicy(connect: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    `connect-src 'self'${connect.map((source) => ` ${source}`).join("")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types quicchat",
  ].join("; ");
}

/**
 * Answers a GET or HEAD for a file of the page; null where the path names none.
 *
 * @param path as the request has it, without the query
 * @param connect hosts, as CSP sources, that the page talks to besides its own
 */
export function pageAnswer(
  files: PageFiles,
  path: string,
  request: Request,
  connect: readonly string[] = [],
): Response | null {
  const file = files.get(path);
  if (file === undefined) return null;
  const headers = new Headers({
    "content-type": file.type,
    "cache-control": file.cacheControl,
    "etag": file.etag,
    "vary": "accept-encoding",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "content-security-policy": pagePolicy(connect),
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  });
  const known = request.headers.get("if-none-match")?.split(",").map((one) => one.trim().replace(/^W\//, ""));
  if (known?.includes(file.etag)) return new Response(null, { status: 304, headers });
  let body = file.bytes;
  if (takesGzip(request)) {
    const packed = gzipOf(file);
    if (packed !== null) {
      headers.set("content-encoding", "gzip");
      body = packed;
    }
  }
  headers.set("content-length", String(body.length));
  return new Response(request.method === "HEAD" ? null : body, { headers });
}

/** RFC 9110 §12.5.3; `*` and qvalues other than 0 count as yes. */
function takesGzip(request: Request): boolean {
  const accepted = request.headers.get("accept-encoding") ?? "";
  return accepted.split(",").some((one) =>
    /^\s*(gzip|\*)\s*(;\s*q\s*=\s*(?!0(\.0*)?\s*$)[\d.]+\s*)?$/i.test(one)
  );
}

function gzipOf(file: PageFile): Uint8Array<ArrayBuffer> | null {
  if (file.gzip === undefined) {
    const packed = Uint8Array.from(gzipSync(file.bytes, { level: 9 }));
    file.gzip = packed.length < file.bytes.length ? packed : null;
  }
  return file.gzip;
}
