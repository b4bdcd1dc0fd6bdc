// @ts-check
/// <reference lib="webworker" />
// Opens the page without a server. The build fills in the list of its files. The chat itself never passes
// through here: WebTransport and WebSockets are not fetches, and what is not in the list goes to the network.
/** @type {readonly string[]} */
const FILES = ["__FILES__"];
/** @type {string} */
const VERSION = "__VERSION__";
const CACHE = `quicchat-page-${VERSION}`;
/** A server that takes longer than this to show its page is as good as none. */
const PATIENCE_MS = 3_000;

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", (event) => {
  // `reload`: not from the browser's own cache, which may hold an older page.
  const all = FILES.map((path) => new Request(path, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(all)).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("quicchat-page-") && name !== CACHE) await caches.delete(name);
    }
    await worker.clients.claim();
  })());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === "/") event.respondWith(newest(request));
  else if (FILES.includes(pathname)) event.respondWith(kept(request, pathname));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const hash = String(event.notification.data ?? "");
  event.waitUntil((async () => {
    const [client] = await worker.clients.matchAll({ type: "window" });
    if (client === undefined) return await worker.clients.openWindow(`/${hash}`);
    client.postMessage({ open: hash });
    return await client.focus();
  })());
});

/** The page as the server has it now, else the one that was kept. @param {Request} request */
async function newest(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    // No server, or one that is too slow: what this page is for.
    return await caches.match("/", { cacheName: CACHE }) ?? Response.error();
  }
}

/** @param {Request} request @param {string} pathname */
async function kept(request, pathname) {
  return await caches.match(pathname, { cacheName: CACHE }) ?? await fetch(request);
}
