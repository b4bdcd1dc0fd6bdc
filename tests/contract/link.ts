import assert from "node:assert/strict";
import type { Wire } from "../../src/protocol/wire.ts";
import type { Link, LinkEnd, LinkEvents, Source } from "../../src/transport/link.ts";
import { OUTBOX } from "../../src/transport/outbox.ts";
import type { LinkTuning } from "../../src/transport/stream-link.ts";

/** Two connected links. The client has pushed `FIRST`, since some servers see a link only with its first bytes. */
export interface Linked {
  readonly client: Link;
  readonly server: Link;
  /** The network between them falls silent for good. */
  silence(): void;
  /** Frees what both stood on. The links are closed by then, or ended. */
  end(): Promise<void>;
}

export interface LinkFactory {
  readonly name: string;
  readonly wire: Wire;
  /** The client's link gets this tuning on top of the factory's own. */
  connect(tuning?: LinkTuning): Promise<Linked>;
  /** A tuning whose outbox finds a hanging write soon. */
  readonly impatient: () => LinkTuning;
  /** Waits for something that needs time to pass. */
  until(what: string, isSo: () => boolean): Promise<void>;
  /** Lets some time pass in which nothing should happen. */
  pause(): Promise<void>;
  /** What this kind can't show, and why. */
  readonly skips: { readonly [test in "alone" | "gathering" | "held" | "stuck" | "datagrams"]?: string };
}

export const FIRST = new TextEncoder().encode('{"first":1}\n');

/** Hears everything and forgets nothing. */
export class Ear implements LinkEvents {
  readonly chunks: Uint8Array[] = [];
  readonly datagrams: Uint8Array[] = [];
  readonly ends: LinkEnd[] = [];
  length = 0;
  /** What `bytes` returns. */
  held: Promise<void> | undefined = undefined;

  bytes(chunk: Uint8Array): void | Promise<void> {
    assert.equal(this.ends.length, 0, "bytes after closed");
    this.chunks.push(chunk);
    this.length += chunk.length;
    return this.held;
  }

  datagram(payload: Uint8Array): void {
    assert.equal(this.ends.length, 0, "a datagram after closed");
    this.datagrams.push(payload);
  }

  closed(end: LinkEnd): void {
    this.ends.push(end);
  }

  get all(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}

/** Bytes whose every stretch shows where it belongs. */
function stretch(from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = Math.imul(from + i, 2654435761) >>> 24;
  return bytes;
}

/** Gives a stretch of this length piece by piece, and counts what it gave. */
function sourceOf(total: number): Source & { given: number } {
  const source = Object.assign((bytesMax: number): Uint8Array | null => {
    if (source.given >= total) return null;
    // Asked for one byte, it gives a whole PDU, as chat/0 has it; else pieces of many lengths.
    const wanted = bytesMax === 1 ? 30_000 : Math.min(bytesMax, 1 + (source.given * 7919) % 50_000);
    const piece = stretch(source.given, Math.min(wanted, total - source.given));
    source.given += piece.length;
    return piece;
  }, { given: 0 });
  return source;
}

function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  // Comparing megabytes by assert.deepEqual takes seconds and prints them all.
  assert.equal(actual.length, expected.length);
  const wrong = actual.findIndex((byte, at) => byte !== expected[at]);
  assert.equal(wrong, -1, `differs at byte ${wrong}`);
}

const BULK = 3_000_000;
const line = (text: string) => new TextEncoder().encode(`${JSON.stringify({ text })}\n`);

/** What `link.ts` promises, for one kind of link. */
export function testLinks(factory: LinkFactory): void {
  const { until, wire } = factory;

  function test(
    name: string,
    run: (linked: Linked) => Promise<void>,
    options: { tuning?: LinkTuning; skip?: string } = {},
  ) {
    if (options.skip !== undefined) {
      Deno.test({ name: `${factory.name}: ${name} (skipped: ${options.skip})`, ignore: true, fn() {} });
      return;
    }
    Deno.test(`${factory.name}: ${name}`, async () => {
      const linked = await factory.connect(options.tuning);
      try {
        await run(linked);
      } finally {
        linked.client.close();
        linked.server.close();
        await linked.end();
      }
    });
  }

  async function listen(linked: Linked): Promise<{ client: Ear; server: Ear }> {
    const client = new Ear();
    const server = new Ear();
    linked.client.open(client);
    linked.server.open(server);
    await until("the first bytes", () => server.length >= FIRST.length);
    return { client, server };
  }

  test("says what it is", (linked) => {
    assert.equal(linked.client.wire, wire);
    assert.equal(linked.server.wire, wire);
    assert.equal(linked.client.kind, linked.server.kind);
    assert.match(linked.server.remote, /\w/);
    return Promise.resolve();
  });

  test("carries megabytes both ways at once, whole and in order", async (linked) => {
    const { client, server } = await listen(linked);
    linked.client.setSource(sourceOf(BULK));
    linked.server.setSource(sourceOf(BULK));
    await until("all bytes", () => client.length === BULK && server.length === FIRST.length + BULK);
    assertSame(client.all, stretch(0, BULK));
    assertSame(server.all.subarray(FIRST.length), stretch(0, BULK));
  });

  test("sends what was pushed before what its source has", async (linked) => {
    const { client } = await listen(linked);
    linked.server.setSource(sourceOf(500_000));
    const pushed = [line("a"), line("b"), line("c")];
    for (const bytes of pushed) linked.server.push(bytes);
    const length = pushed.reduce((sum, bytes) => sum + bytes.length, 0);
    await until("all bytes", () => client.length === 500_000 + length);
    const text = new TextDecoder().decode(client.all.subarray(0, length));
    assert.equal(text, '{"text":"a"}\n{"text":"b"}\n{"text":"c"}\n');
    assertSame(client.all.subarray(length), stretch(0, 500_000));
  });

  test("asks its source again when told that it is ready", async (linked) => {
    const { client } = await listen(linked);
    let waiting: Uint8Array | null = null;
    linked.server.setSource(() => {
      const given = waiting;
      waiting = null;
      return given;
    });
    for (let round = 1; round <= 3; round++) {
      waiting = line("again");
      linked.server.ready();
      linked.server.ready();
      await until(`round ${round}`, () => client.length === round * line("again").length);
    }
  });

  if (wire === "chat/0") {
    test("sends each PDU as a chunk of its own, also in a burst", async (linked) => {
      const { client } = await listen(linked);
      for (let i = 0; i < 100; i++) linked.server.push(line(`number ${i}`));
      let rest = 100;
      linked.server.setSource(() => rest-- > 0 ? line(`number ${199 - rest}`) : null);
      await until("all PDUs", () => client.chunks.length >= 200 || client.ends.length > 0);
      const numbers = client.chunks.map((chunk) => JSON.parse(new TextDecoder().decode(chunk)).text);
      assert.deepEqual(numbers, Array.from({ length: 200 }, (_, i) => `number ${i}`));
    }, skipped("alone"));
  } else {
    test("gathers what is pushed in one turn", async (linked) => {
      const { client } = await listen(linked);
      for (let i = 0; i < 200; i++) linked.server.push(line("together"));
      await until("all bytes", () => client.length === 200 * line("together").length);
      assert.ok(client.chunks.length <= 20, `200 pushes arrived in ${client.chunks.length} chunks`);
    }, skipped("gathering"));
  }

  test("loses nothing that arrived before it was opened", async (linked) => {
    linked.client.push(line("early"));
    await factory.pause();
    const { server } = await listen(linked);
    await until("the early line", () => server.length === FIRST.length + line("early").length);
  });

  test("reads no further while its owner is busy, so that the peer stops", async (linked) => {
    const server = new Ear();
    let release = () => {};
    server.held = new Promise((resolve) => release = resolve);
    linked.client.open(new Ear());
    linked.server.open(server);
    const source = sourceOf(40_000_000);
    linked.client.setSource(source);
    let before = -1;
    // More than any window between them holds, less than everything.
    while (before !== source.given) {
      before = source.given;
      await factory.pause();
    }
    assert.ok(source.given < 40_000_000, "the peer did not feel it");
    assert.equal(server.chunks.length, 1);
    server.held = undefined;
    release();
    await until("the rest", () => server.length === FIRST.length + 40_000_000);
  }, skipped("held"));

  test("delivers what was pushed just before it was closed, and says once how it ended", async (linked) => {
    const { client, server } = await listen(linked);
    linked.server.push(line("goodbye"));
    linked.server.close();
    linked.server.close();
    linked.server.push(line("too late"));
    await until("both ends", () => client.ends.length > 0 && server.ends.length > 0);
    await factory.pause();
    assert.equal(new TextDecoder().decode(client.all), '{"text":"goodbye"}\n');
    assert.deepEqual(server.ends, [{ why: "local" }]);
    assert.deepEqual(client.ends, [{ why: "peer" }]);
  });

  test("delivers what a client pushed just before it closed", async (linked) => {
    const { client, server } = await listen(linked);
    const last = stretch(0, 200_000);
    linked.client.push(last);
    linked.client.close();
    await until("both ends", () => client.ends.length > 0 && server.ends.length > 0);
    assertSame(server.all.subarray(FIRST.length), last);
    assert.deepEqual(client.ends, [{ why: "local" }]);
    assert.deepEqual(server.ends, [{ why: "peer" }]);
  });

  test("ends as local on both sides, or as the peer's, when both close at once", async (linked) => {
    const { client, server } = await listen(linked);
    linked.client.close();
    linked.server.close();
    await until("both ends", () => client.ends.length > 0 && server.ends.length > 0);
    await factory.pause();
    assert.deepEqual(client.ends, [{ why: "local" }]);
    assert.deepEqual(server.ends, [{ why: "local" }]);
  });

  test("does not ask its source once it is closing", async (linked) => {
    const { client, server } = await listen(linked);
    let asked = 0;
    linked.server.setSource(() => (asked++, null));
    await until("the first question", () => asked > 0);
    const before = asked;
    linked.server.close();
    linked.server.ready();
    await until("both ends", () => client.ends.length > 0 && server.ends.length > 0);
    assert.equal(asked, before);
  });

  test("ends as full when more is pushed than its bound, and tells it later", async (linked) => {
    const { client, server } = await listen(linked);
    const big = stretch(0, 200_000);
    let pushed = 0;
    while (pushed + big.length <= OUTBOX.queueBytesMax) {
      linked.server.push(big);
      pushed += big.length;
    }
    assert.equal(linked.server.queuedBytes, pushed);
    linked.server.push(big);
    assert.equal(server.ends.length, 0);
    await until("both ends", () => client.ends.length > 0 && server.ends.length > 0);
    assert.deepEqual(server.ends, [{ why: "full" }]);
    assert.equal(linked.server.queuedBytes, 0);
    linked.server.push(big);
    linked.server.close();
    await factory.pause();
    assert.equal(server.ends.length, 1);
  });

  test("ends as stuck when a write hangs", async (linked) => {
    const client = new Ear();
    const server = new Ear();
    server.held = new Promise(() => {});
    linked.client.open(client);
    linked.server.open(server);
    linked.client.setSource(sourceOf(40_000_000));
    await until("the end", () => client.ends.length > 0);
    assert.deepEqual(client.ends, [{ why: "stuck" }]);
  }, { ...skipped("stuck"), tuning: factory.impatient() });

  test("sees that a peer is gone without a word", async (linked) => {
    const { client, server } = await listen(linked);
    linked.silence();
    await until("both ends", () => client.ends.length > 0 && server.ends.length > 0);
    for (const [end] of [client.ends, server.ends]) {
      assert.equal(end?.why, "lost");
      assert.ok(end.says.length > 0);
    }
  });

  test("tells its end to one who opens it later", async (linked) => {
    linked.client.open(new Ear());
    linked.client.close();
    await factory.pause();
    const server = new Ear();
    linked.server.open(server);
    await until("the end", () => server.ends.length > 0);
    assert.equal(server.ends.length, 1);
    linked.server.close();
    await factory.pause();
    assert.equal(server.ends.length, 1);
  });

  test("carries datagrams both ways and drops what it can't", async (linked) => {
    const { client, server } = await listen(linked);
    assert.ok(linked.client.hasDatagrams && linked.server.hasDatagrams);
    linked.client.datagram(new Uint8Array(0));
    linked.client.datagram(new Uint8Array(100_000));
    linked.client.datagram(line("typing"));
    linked.server.datagram(line("present"));
    await until("both", () => client.datagrams.length > 0 && server.datagrams.length > 0);
    assert.deepEqual(server.datagrams.map((payload) => new TextDecoder().decode(payload)), [
      '{"text":"typing"}\n',
    ]);
    assert.deepEqual(client.datagrams.map((payload) => new TextDecoder().decode(payload)), [
      '{"text":"present"}\n',
    ]);
  }, skipped("datagrams"));

  test("says so when it has no datagrams", async (linked) => {
    const { client, server } = await listen(linked);
    const has = factory.skips.datagrams === undefined;
    assert.equal(linked.client.hasDatagrams, has);
    assert.equal(linked.server.hasDatagrams, has);
    if (has) return;
    linked.client.datagram(line("typing"));
    linked.server.datagram(line("typing"));
    await factory.pause();
    assert.equal(client.datagrams.length + server.datagrams.length, 0);
  });

  function skipped(test: keyof LinkFactory["skips"]): { skip?: string } {
    const reason = factory.skips[test];
    return reason === undefined ? {} : { skip: reason };
  }
}
