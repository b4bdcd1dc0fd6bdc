/** A member at a NATS server: a room is a subject. With JetStream the room's subject is kept in a stream, each member has
 * a push consumer of its own, and what is said is acknowledged once it is in the stream. */
import { takeNats } from "./nats-messages.ts";
import { Tcp } from "./tcp.ts";
import type { Ears, JoinOptions, Voice, Wire } from "./voice.ts";

const STREAM = "BENCH";
/** Begins the subjects that only one member listens to; those of rooms begin otherwise. */
const OWN = "_";
const OWN_BYTE = OWN.charCodeAt(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const natsWire: Wire = {
  hasReceipts: false,
  hasEcho: true,
  async join(options, ears) {
    const line = await NatsLine.dial(options, ears);
    const subjects = options.rooms.map(subjectOf);
    subjects.forEach((subject, at) => line.subscribe(subject, at + 1));
    await line.settled();
    return {
      say: (number, text) => line.publish(subjects[number % subjects.length] ?? "", text),
      leave: () => line.close(),
    };
  },
};

export const jetStreamWire: Wire = {
  hasReceipts: true,
  hasEcho: true,
  async join(options, ears): Promise<Voice> {
    const { name, rooms } = options;
    const line = await NatsLine.dial(options, ears);
    const subjects = rooms.map(subjectOf);
    line.subscribe(`${OWN}R.${name}.*`, 1);
    // The same again does nothing.
    await line.ask(`$JS.API.STREAM.CREATE.${STREAM}`, {
      name: STREAM,
      subjects: [subjectOf("*")],
      storage: "file",
      retention: "limits",
      discard: "old",
      num_replicas: 1,
    });
    for (const [at, subject] of subjects.entries()) {
      const deliverTo = `${OWN}D.${name}.${at}`;
      line.subscribe(deliverTo, at + 2);
      await line.ask(`$JS.API.CONSUMER.CREATE.${STREAM}`, {
        stream_name: STREAM,
        config: {
          deliver_subject: deliverTo,
          deliver_policy: "new",
          ack_policy: "none",
          filter_subject: subject,
        },
      });
    }
    return {
      say: (number, text) =>
        line.publish(subjects[number % subjects.length] ?? "", text, `${OWN}R.${name}.${number}`),
      leave: () => line.close(),
    };
  },
};

function subjectOf(room: string): string {
  return `rooms.${room}`;
}

class NatsLine {
  #settled = Promise.withResolvers<void>();
  #answered = Promise.withResolvers<string>();
  readonly #inbox: string;

  private constructor(readonly tcp: Tcp, name: string, ears: Ears) {
    this.#inbox = `${OWN}R.${name}.answer`;
    tcp.listen((bytes) =>
      takeNats(bytes, {
        message: (subject, payload) => {
          if (subject[0] !== OWN_BYTE) return ears.message(() => decoder.decode(payload));
          const own = decoder.decode(subject);
          if (own === this.#inbox) this.#answered.resolve(decoder.decode(payload));
          else this.#receipt(Number(own.slice(own.lastIndexOf(".") + 1)), decoder.decode(payload), ears);
        },
        line: (text) => {
          if (text === "PING") this.#say("PONG");
          else if (text === "PONG") this.#settled.resolve();
          else if (text.startsWith("-ERR")) this.#settled.reject(new Error(text));
        },
      })
    );
  }

  static async dial({ name, ...address }: JoinOptions, ears: Ears): Promise<NatsLine> {
    const tcp = await Tcp.dial(address, (says) => ears.lost(says));
    const line = new NatsLine(tcp, name, ears);
    line.#say(
      `CONNECT ${JSON.stringify({ verbose: false, pedantic: false, lang: "bench", version: "0", name })}`,
    );
    await line.settled();
    return line;
  }

  /** Resolves when the server has done everything that was said before. */
  async settled(): Promise<void> {
    this.#settled = Promise.withResolvers();
    this.#say("PING");
    await this.#settled.promise;
  }

  subscribe(subject: string, id: number): void {
    this.#say(`SUB ${subject} ${id}`);
  }

  publish(subject: string, text: string, reply = ""): void {
    const length = encoder.encode(text).length;
    this.#say(`PUB ${subject} ${reply === "" ? "" : `${reply} `}${length}\r\n${text}`);
  }

  /** Asks JetStream's API. Throws what it refuses. */
  async ask(subject: string, question: object): Promise<void> {
    this.#answered = Promise.withResolvers();
    this.publish(subject, JSON.stringify(question), this.#inbox);
    const answer = await this.#answered.promise;
    if (JSON.parse(answer).error !== undefined) throw new Error(`${subject}: ${answer}`);
  }

  close(): void {
    this.tcp.close();
  }

  #receipt(number: number, payload: string, ears: Ears): void {
    // {"stream":"BENCH", "seq":7}
    if (payload.includes('"error"')) ears.lost(payload);
    else ears.receipt(number);
  }

  #say(line: string): void {
    this.tcp.push(encoder.encode(`${line}\r\n`));
  }
}
