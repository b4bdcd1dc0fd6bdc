/** A chat client written out inside a page: only what a browser has, nothing of ours. */
import type { JSHandle, Page } from "playwright-core";
import type { SeenPdu } from "./peer.ts";

interface ChatInPage {
  say(pdu: object): Promise<void>;
  datagram(text: string): Promise<void>;
  until(type: string, fields: Record<string, unknown>, way: string, patienceMs: number): Promise<SeenPdu>;
  seen(type: string): SeenPdu[];
  /** Calls `wt.close()` and nothing else: the server is told nothing in-band. */
  close(): void;
  ended: Promise<void>;
}

interface Target {
  readonly url: string;
  /** SHA-256 of certificates, in hexadecimal digits. */
  readonly hashes: readonly string[];
}

/** Runs in the page, so it may use nothing from around it. */
async function openInPage({ url, hashes }: Target): Promise<ChatInPage> {
  const wt = new WebTransport(url, {
    serverCertificateHashes: hashes.map((hash) => ({
      algorithm: "sha-256",
      value: new Uint8Array(hash.match(/../g)?.map((byte) => parseInt(byte, 16)) ?? []),
    })),
  });
  const ended = wt.closed.then(() => undefined, () => undefined);
  await wt.ready;
  const stream = await wt.createBidirectionalStream();
  const writer = stream.writable.getWriter();
  const datagrams = wt.datagrams.writable.getWriter();
  const encoder = new TextEncoder();
  const arrived: { way: string; pdu: SeenPdu }[] = [];
  const untaken: { way: string; pdu: SeenPdu }[] = [];
  let wake = () => {};
  function arrive(way: string, text: string): void {
    const one = { way, pdu: JSON.parse(text) };
    arrived.push(one);
    untaken.push(one);
    wake();
  }
  async function readStream(): Promise<void> {
    const reader = stream.readable.getReader();
    const decoder = new TextDecoder();
    let unfinished = "";
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (unfinished + decoder.decode(value, { stream: true })).split("\n");
      unfinished = lines.pop() ?? "";
      for (const line of lines) arrive("stream", line);
    }
  }
  async function readDatagrams(): Promise<void> {
    const reader = wt.datagrams.readable.getReader();
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      arrive("datagram", new TextDecoder().decode(value));
    }
  }
  // Both end with the session, which `ended` tells.
  readStream().catch(() => undefined);
  readDatagrams().catch(() => undefined);
  return {
    ended,
    say: (pdu) => writer.write(encoder.encode(JSON.stringify(pdu) + "\n")),
    datagram: (text) => datagrams.write(encoder.encode(text)),
    seen: (type) => arrived.flatMap(({ pdu }) => pdu.type === type ? [pdu] : []),
    close: () => wt.close(),
    async until(type, fields, way, patienceMs) {
      const deadline = performance.now() + patienceMs;
      while (true) {
        const at = untaken.findIndex((one) =>
          one.way === way && one.pdu.type === type &&
          Object.entries(fields).every(([name, wanted]) => one.pdu[name] === wanted)
        );
        const [found] = at < 0 ? [] : untaken.splice(at, 1);
        if (found !== undefined) return found.pdu;
        const leftMs = deadline - performance.now();
        if (leftMs <= 0) {
          const story = arrived.slice(-10).map((one) => JSON.stringify(one)).join("\n  ");
          throw new Error(
            `waited in vain for ${type} ${JSON.stringify(fields)} by ${way}; the last:\n  ${story}`,
          );
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, leftMs);
        });
      }
    },
  };
}

/** Drives one connection of one page. A page may hold several. */
export class BrowserPeer {
  readonly #chat: JSHandle<ChatInPage>;
  #eventSeq = 0;

  private constructor(chat: JSHandle<ChatInPage>) {
    this.#chat = chat;
  }

  /** Rejects with the browser's error when there was no session. */
  static async open(page: Page, target: Target): Promise<BrowserPeer> {
    return new BrowserPeer(await page.evaluateHandle(openInPage, target));
  }

  async hello(name: string, fields: object = {}): Promise<void> {
    await this.say({ type: "CHAT_HELLO", seq: 0, name, version: 1, ...fields });
  }

  /** Sends one message with the next number. */
  async message(text: string, fields: object = {}): Promise<void> {
    await this.say({ type: "CHAT_MESSAGE", seq: ++this.#eventSeq, text, ...fields });
  }

  async say(pdu: object): Promise<void> {
    await this.#chat.evaluate((chat, pdu) => chat.say(pdu), { ts: Date.now() / 1000, ...pdu });
  }

  async datagram(text: string): Promise<void> {
    await this.#chat.evaluate((chat, text) => chat.datagram(text), text);
  }

  /** The first such PDU that no earlier wait took; waits for it. */
  async pdu(
    type: string,
    fields: Record<string, unknown> = {},
    way: "stream" | "datagram" = "stream",
    patienceMs = 20_000,
  ): Promise<SeenPdu> {
    return await this.#chat.evaluate(
      (chat, { type, fields, way, patienceMs }) => chat.until(type, fields, way, patienceMs),
      { type, fields, way, patienceMs },
    );
  }

  async seen(type: string): Promise<SeenPdu[]> {
    return await this.#chat.evaluate((chat, type) => chat.seen(type), type);
  }

  async close(): Promise<void> {
    await this.#chat.evaluate((chat) => chat.close());
  }

  async ended(): Promise<void> {
    await this.#chat.evaluate((chat) => chat.ended);
  }
}
