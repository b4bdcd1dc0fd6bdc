import assert from "node:assert/strict";
import {
  CERTIFICATE_DAYS,
  makeCertificate,
  makeKey,
  type ServerCertificate,
} from "../certificate/certificate.ts";
import { SetupFailure } from "../setup-failure.ts";
import { openTcpPort, type TcpPort, type TcpPortOptions } from "./tcp-port.ts";
import type { Caller, WebHandler } from "./web-backend.ts";

const key = await makeKey();

async function freshCertificate(): Promise<ServerCertificate> {
  const notBeforeMs = Date.now() - 3_600_000;
  const names = ["localhost", "127.0.0.1"];
  return await makeCertificate({ key, names, notBeforeMs, days: CERTIFICATE_DAYS });
}
const certificate = await freshCertificate();

/** Tells who came; echoes on WebSockets. */
const echo: WebHandler = (request, caller) => {
  if (request.headers.get("upgrade") !== "websocket") return Response.json(caller);
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
};

async function withPort(
  options: Partial<TcpPortOptions>,
  test: (port: TcpPort, troubles: string[]) => Promise<void>,
): Promise<void> {
  const troubles: string[] = [];
  const onTrouble = (event: string) => troubles.push(event);
  const port = openTcpPort({
    hostname: "127.0.0.1",
    port: 0,
    certificate,
    handler: echo,
    onTrouble,
    ...options,
  });
  try {
    await test(port, troubles);
  } finally {
    await port.close(0);
    assert.equal(port.connectionCount, 0);
  }
}

/** Says something raw, hangs up half, and gives what comes back until the end. */
async function say(port: number, words: string, hostname = "127.0.0.1"): Promise<string> {
  const connection = await Deno.connect({ hostname, port });
  await connection.write(new TextEncoder().encode(words));
  try {
    return await new Response(connection.readable).text();
  } catch {
    return ""; // reset: nothing was said
  }
}

function get(path: string, host = "127.0.0.1"): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
}

async function callerOf(url: string, client: Deno.HttpClient): Promise<Caller> {
  // Not a literal: the DOM's types know no client.
  const init = { method: "GET", client };
  return await (await fetch(url, init)).json();
}

interface Ws {
  readonly socket: WebSocket;
  readonly ask: (text: string) => Promise<string>;
  readonly ended: Promise<CloseEvent>;
}

async function openWebSocket(url: string, client: Deno.HttpClient): Promise<Ws> {
  // The DOM's types know no client; Deno's constructor takes one.
  const socket: WebSocket = Reflect.construct(WebSocket, [url, { client }]);
  const ended = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const ask = (text: string) =>
    new Promise<string>((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(String(data));
      socket.onerror = reject;
      socket.send(text);
    });
  return { socket, ask, ended };
}

Deno.test("one port speaks HTTP, HTTPS and HTTP/2, and knows who is there", () =>
  withPort({}, async ({ port }) => {
    using client = Deno.createHttpClient({ caCerts: [certificate.certificatePem] });
    using oldClient = Deno.createHttpClient({ caCerts: [certificate.certificatePem], http2: false });
    for (const [scheme, using] of [["http", client], ["https", client], ["https", oldClient]] as const) {
      const caller = await callerOf(`${scheme}://127.0.0.1:${port}/`, using);
      assert.equal(caller.secure, scheme === "https");
      assert.equal(caller.loopback, true);
      assert.match(caller.remote, /^127\.0\.0\.1:\d+$/);
      assert.notEqual(caller.remote, `127.0.0.1:${port}`);
    }
  }));

Deno.test("WebSockets work over both", () =>
  withPort({}, async ({ port }) => {
    using client = Deno.createHttpClient({ caCerts: [certificate.certificatePem] });
    for (const scheme of ["ws", "wss"]) {
      const { socket, ask, ended } = await openWebSocket(`${scheme}://127.0.0.1:${port}/`, client);
      assert.equal(await ask("hello"), "hello");
      const long = "x".repeat(200_000);
      assert.equal(await ask(long), long);
      socket.close();
      await ended;
    }
  }));

Deno.test("a renewed certificate drops nobody", () =>
  withPort({}, async (tcp) => {
    using former = Deno.createHttpClient({ caCerts: [certificate.certificatePem] });
    const { socket, ask, ended } = await openWebSocket(`wss://localhost:${tcp.port}/`, former);
    await ask("before");
    const otherKey = await makeKey();
    const renewed = await makeCertificate({
      key: otherKey,
      names: ["localhost"],
      notBeforeMs: Date.now() - 1000,
      days: 1,
    });
    tcp.renew(renewed);
    assert.equal(await ask("after"), "after");
    using later = Deno.createHttpClient({ caCerts: [renewed.certificatePem] });
    assert.equal(
      (await callerOf(`https://localhost:${tcp.port}/`, later)).secure,
      true,
    );
    using untrusting = Deno.createHttpClient({ caCerts: [certificate.certificatePem] });
    await assert.rejects(callerOf(`https://localhost:${tcp.port}/`, untrusting));
    assert.equal(await ask("still"), "still");
    socket.close();
    await ended;
  }));

Deno.test("a certificate that can't be used changes nothing", () =>
  withPort({}, async (tcp) => {
    assert.throws(() => tcp.renew({ ...certificate, keyPem: "no key" }), SetupFailure);
    using client = Deno.createHttpClient({ caCerts: [certificate.certificatePem] });
    assert.equal((await callerOf(`https://localhost:${tcp.port}/`, client)).secure, true);
    const nothing = { ...certificate, certificatePem: "" };
    assert.throws(
      () =>
        openTcpPort({
          hostname: "127.0.0.1",
          port: 0,
          certificate: nothing,
          handler: echo,
          onTrouble: () => {},
        }),
      SetupFailure,
    );
  }));

Deno.test("from another machine plain HTTP is sent on to HTTPS", async (t) => {
  const other = Deno.networkInterfaces().find(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  );
  if (other === undefined) {
    await t.step({ name: "skipped: this machine has no address but loopback", ignore: true, fn: () => {} });
    return;
  }
  // Packets to one's own address stay inside the machine, but they come from there and not from loopback.
  await withPort({ hostname: "0.0.0.0" }, async ({ port }) => {
    const answer = await say(port, get("/a/b?c=d", `chat.example:${port}`), other.address);
    assert.match(answer, /^HTTP\/1\.1 308 /);
    assert.match(answer, new RegExp(`\\r\\nlocation: https://chat\\.example:${port}/a/b\\?c=d\\r\\n`, "i"));
    assert.match(await say(port, get("/", "a b/c"), other.address), /^HTTP\/1\.1 400 /);
    using client = Deno.createHttpClient({ caCerts: [certificate.certificatePem] });
    const { loopback } = await callerOf(`https://localhost:${port}/`, client);
    assert.equal(loopback, true);
  });
});

Deno.test("a connection that says nothing is closed", async () => {
  await withPort({ limits: { firstByteMs: 30 } }, async (tcp) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: tcp.port });
    assert.equal(await connection.read(new Uint8Array(1)), null);
    connection.close();
  });
});

Deno.test("past its bound further connections are hung up on, and told to the operator", () =>
  withPort({ limits: { connectionsMax: 2 } }, async ({ port }, troubles) => {
    const two = [await Deno.connect({ port }), await Deno.connect({ port })];
    assert.equal(await say(port, get("/")), "");
    assert.deepEqual(troubles, ["too-many-connections"]);
    for (const connection of two) connection.close();
  }));

Deno.test("garbage, cuts and resets hurt nobody", () =>
  withPort({}, async ({ port }, troubles) => {
    for (
      const garbage of [
        "\x16\x03\x01\xff\xff" + "x".repeat(5000),
        "\0\0\0\0",
        "GET",
        "\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      ]
    ) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(new TextEncoder().encode(garbage));
      connection.close();
    }
    assert.match(await say(port, get("/")), /^HTTP\/1\.1 200 /);
    assert.deepEqual(troubles, []);
  }));

Deno.test("a client that hangs up its half still gets its answer", () =>
  withPort({}, async ({ port }) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(new TextEncoder().encode(get("/")));
    await connection.closeWrite();
    assert.match(await new Response(connection.readable).text(), /^HTTP\/1\.1 200 /);
  }));

Deno.test("a handler that throws is answered with 500 and told to the operator", () =>
  withPort({ handler: () => Promise.reject(new Error("oops")) }, async ({ port }, troubles) => {
    const answer = await say(port, get("/"));
    assert.match(answer, /^HTTP\/1\.1 500 /);
    assert.doesNotMatch(answer, /oops/);
    assert.deepEqual(troubles, ["http-handler-failed"]);
  }));

Deno.test("closing waits for WebSockets to end, answers requests, and cuts what outlives the grace", async () => {
  const started = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const handler: WebHandler = async (request, caller) => {
    if (new URL(request.url).pathname !== "/slow") return await echo(request, caller);
    started.resolve();
    await goOn.promise;
    return new Response("at last");
  };
  await withPort({ handler }, async (tcp) => {
    using client = Deno.createHttpClient({});
    const slow = say(tcp.port, get("/slow"));
    await started.promise;
    const { socket, ask, ended } = await openWebSocket(`ws://127.0.0.1:${tcp.port}/`, client);
    await ask("hello");
    const closed = tcp.close(20_000);
    assert.equal(await ask("still there"), "still there");
    goOn.resolve();
    assert.match(await slow, /at last$/);
    socket.close();
    await ended;
    await closed;
    await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: tcp.port }));
  });
  await withPort({}, async (tcp) => {
    using client = Deno.createHttpClient({});
    const { socket, ask, ended } = await openWebSocket(`ws://127.0.0.1:${tcp.port}/`, client);
    await ask("hello");
    socket.onerror = (event) => event.preventDefault();
    await tcp.close(20);
    await ended;
  });
});
