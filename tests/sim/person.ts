import { Client } from "../../src/client/client.ts";
import type { Network } from "../../src/client/dial/dial.ts";
import type { Room } from "../../src/client/room/room.ts";
import { ChatFailure } from "../../src/client/failure.ts";
import type { Clock } from "../../src/transport/clock.ts";
import type { Seeded } from "../fixtures/seeded.ts";
import type { Breakage } from "./breakage.ts";
import { SimFile } from "./disk.ts";
import { DiskStore } from "./disk-store.ts";
import { Calendar, Process } from "./machine.ts";
import type { SimNetwork } from "./network.ts";
import type { Oracle } from "./oracle/oracle.ts";
import type { ReaderWatch } from "./oracle/reader-watch.ts";
import { type Saying, Sayings } from "./oracle/sayings.ts";
import type { Plan, ReadFrom } from "./plan.ts";

export interface PersonParts {
  readonly clock: Clock;
  readonly chance: Seeded;
  readonly plan: Plan;
  readonly network: SimNetwork;
  readonly oracle: Oracle;
  readonly breakage: Breakage;
  readonly isCalm: () => boolean;
}

/** What a person has of one room. */
export interface Seat {
  readonly room: Room;
  readonly watch: ReaderWatch;
}

interface Mine {
  readonly room: string;
  readonly epoch: string;
  readonly offset: number;
}

const DEVICE_DIGITS = 32;

/** Whether a machine has a network at all. */
class Connectivity implements Network {
  online = true;
  readonly #subscribers = new Set<() => void>();

  subscribe(f: () => void): () => void {
    this.#subscribers.add(f);
    return () => void this.#subscribers.delete(f);
  }

  set(online: boolean): void {
    if (this.online === online) return;
    this.online = online;
    for (const f of [...this.#subscribers]) f();
  }

  /** Whoever asked to be told is no more. */
  forget(): void {
    this.#subscribers.clear();
  }
}

/** Somebody with a machine, a disk and the production SDK. */
export class Person {
  readonly name: string;
  readonly calendar: Calendar;
  readonly seats = new Map<string, Seat>();
  client: Client | null = null;
  /** What this program said and has no word of. */
  underWay = 0;
  #process: Process;
  #file: SimFile;
  readonly #network = new Connectivity();
  /** Rooms that a restarted program opens again, and where it stood in them. */
  readonly #wanted = new Map<string, { epoch: string; offset: number } | null>();
  /** Messages of this device that may be edited and deleted. */
  #mine: Mine[] = [];
  #deleted = new Set<string>();
  #isClosing = false;
  #isAwaited = false;
  #slowUntilMs = 0;
  #pauseMs = 0;

  constructor(readonly index: number, readonly parts: PersonParts) {
    this.name = parts.plan.twins ? "Twin" : `P${index}`;
    this.calendar = new Calendar(parts.clock);
    this.#process = new Process(parts.clock);
    this.#file = this.#freshFile();
  }

  start(): void {
    if (this.client !== null) return;
    if (this.#isClosing) {
      // Its outbox is locked until the last one has let go of it.
      this.#isAwaited = true;
      return;
    }
    this.underWay = 0;
    const { clock, chance, network, oracle, breakage } = this.parts;
    const process = this.#process = new Process(clock);
    const device = Array.from({ length: DEVICE_DIGITS }, () => chance.from(0, 15).toString(16)).join("");
    const store = new DiskStore(this.#file, process, device);
    this.client = new Client({
      name: this.name,
      store: breakage.store?.(store) ?? store,
      dial: (attempt) => network.dial(this.index, process, attempt),
      network: this.#network,
      clock: process,
      wallMs: () => this.calendar.nowMs(),
      random: () => chance.next(),
      windowBytes: 65_536,
      onStatus: (status) => {
        if (!process.alive) return;
        oracle.trace(`${this.#who} ${status.state}`);
        if (status.state === "refused") {
          oracle.violate(
            "trouble",
            `${this.#who} was refused: ${status.failure.name} ${status.failure.says}`,
          );
        }
      },
      onNotice: (says) => {
        oracle.trace(`${this.#who} notices: ${says}`);
        // What is put aside for its age is overtaken by what is younger, as it should be.
        if (process.alive && says.includes("messages are old")) oracle.sayings.loosen(this.index);
      },
    });
    for (const [room, position] of this.#wanted) this.#open(room, position);
  }

  join(room: string, from: ReadFrom): void {
    if (this.client === null || this.seats.has(room)) return;
    this.#wanted.set(room, from === "saved" ? { epoch: "", offset: 0 } : null);
    const options = from === "live" ? {} : from === "last" ? { last: 5 } : { after: 0 };
    this.#enter(room, options, from === "first" || from === "saved" ? { epoch: undefined, offset: 0 } : null);
  }

  leave(room: string): void {
    const seat = this.seats.get(room);
    if (seat === undefined) return;
    this.parts.oracle.trace(`${this.#who} leaves ${room}`);
    this.seats.delete(room);
    this.#wanted.delete(room);
    seat.room.leave();
  }

  send(room: string, chars: number): void {
    const seat = this.seats.get(room);
    if (seat === undefined) return;
    const saying = this.#say(room, "CHAT_MESSAGE", null);
    const sent = seat.room.send(Sayings.mark(saying.id, "x".repeat(chars)));
    this.#follow(saying, sent, ({ epoch, offset }) => void this.#mine.push({ room, epoch, offset }));
  }

  change(room: string, kind: "edit" | "delete" | "react", luck: number): void {
    const seat = this.seats.get(room);
    if (seat === undefined) return;
    const position = seat.room.position;
    const here = this.#mine.filter((mine) =>
      mine.room === room && mine.epoch === position?.epoch && !this.#deleted.has(keyOf(mine))
    );
    const target = here[Math.floor(luck * here.length)];
    if (target === undefined) return;
    const { offset } = target;
    if (kind === "edit") {
      const saying = this.#say(room, "CHAT_EDIT", offset);
      this.#follow(saying, seat.room.edit(offset, Sayings.mark(saying.id, "edited")));
    } else if (kind === "delete") {
      this.#deleted.add(keyOf(target));
      this.#follow(this.#say(room, "CHAT_DELETE", offset), seat.room.delete(offset));
    } else {
      const saying = this.#say(room, "CHAT_REACT", offset);
      this.#follow(saying, seat.room.react(offset, Sayings.mark(saying.id, "yes"), luck < 0.8));
    }
  }

  setTopic(room: string): void {
    const seat = this.seats.get(room);
    if (seat === undefined) return;
    const saying = this.#say(room, "CHAT_TOPIC", null);
    this.#follow(saying, seat.room.setTopic(Sayings.mark(saying.id, "topic")));
  }

  type(room: string): void {
    this.seats.get(room)?.room.setTyping(true);
  }

  look(room: string, what: "history" | "rooms" | "who"): void {
    const seat = this.seats.get(room);
    if (seat === undefined || this.client === null) return;
    const asked: Promise<unknown> = what === "history"
      ? Promise.all([seat.room.history({ limit: 20 }), seat.room.history({ after: 0, limit: 8 })])
      : what === "rooms"
      ? this.client.rooms()
      : this.client.who(room);
    const process = this.#process;
    asked.catch((thrown) => {
      if (process.alive) this.parts.oracle.trace(`${this.#who} could not look: ${nameOf(thrown)}`);
    });
  }

  resume(): void {
    this.parts.oracle.sayings.loosen(this.index);
    this.client?.outbox.resume();
  }

  /** The machine has a network, or none. */
  setOnline(isOnline: boolean): void {
    if (!isOnline) this.parts.network.cut(this.index);
    this.#network.set(isOnline);
  }

  slow(forMs: number, pauseMs: number): void {
    this.#slowUntilMs = this.parts.clock.nowMs() + forMs;
    this.#pauseMs = pauseMs;
  }

  crash(losesDisk: boolean): void {
    if (this.client === null) return;
    const { network, oracle } = this.parts;
    oracle.trace(`${this.#who} crashes${losesDisk ? " and loses its disk" : ""}`);
    this.#process.kill();
    network.vanishClient(this.index);
    this.#over();
    const synced = losesDisk ? "" : this.#file.durable;
    this.#file.crash();
    if (losesDisk) {
      this.#file = this.#freshFile();
      this.#mine = [];
    }
    oracle.sayings.crashed(this.index, synced);
  }

  /** Ends the program as a user does. */
  async close(): Promise<void> {
    const { client } = this;
    const process = this.#process;
    if (client === null) return;
    this.parts.oracle.trace(`${this.#who} closes`);
    this.#over();
    this.#isClosing = true;
    await client.close();
    await client.goodbye;
    process.kill();
    this.#isClosing = false;
    if (this.#isAwaited) this.start();
    this.#isAwaited = false;
  }

  get #who(): string {
    return this.parts.plan.twins ? `${this.name}${this.index}` : this.name;
  }

  #freshFile(): SimFile {
    const { chance, plan, isCalm } = this.parts;
    const { outboxWriteFails: fails, outboxSlowMs: slowMs } = plan.faults;
    return new SimFile(
      () => chance.next(),
      () =>
        isCalm()
          ? { writeFails: 0, syncFails: 0, slowMs: 1 }
          : { writeFails: fails, syncFails: fails, slowMs },
    );
  }

  #over(): void {
    for (const [name, { watch }] of this.seats) {
      if (this.#wanted.get(name) !== null) this.#wanted.set(name, watch.position ?? { epoch: "", offset: 0 });
    }
    this.seats.clear();
    this.#network.forget();
    this.client = null;
  }

  /** Opens a room again after a restart. */
  #open(room: string, saved: { epoch: string; offset: number } | null): void {
    if (saved === null || saved.epoch === "") {
      this.#enter(room, { after: 0 }, { epoch: undefined, offset: 0 });
    } else this.#enter(room, { after: saved.offset, epoch: saved.epoch }, saved);
  }

  #enter(
    name: string,
    options: { after?: number; epoch?: string; last?: number },
    from: { epoch: string | undefined; offset: number } | null,
  ): void {
    const { client } = this;
    if (client === null) return;
    const { oracle } = this.parts;
    oracle.trace(`${this.#who} joins ${name} ${JSON.stringify(options)}`);
    const room = client.room(name, options);
    // From here on the room keeps its messages.
    void room.timeline.current;
    const watch = oracle.reader(this.#who, name, from);
    this.seats.set(name, { room, watch });
    this.#read(room, watch, this.#process);
  }

  async #read(room: Room, watch: ReaderWatch, process: Process): Promise<void> {
    try {
      for await (const event of room) {
        if (!process.alive) return;
        watch.shown(event);
        if (this.parts.clock.nowMs() < this.#slowUntilMs) await process.pause(this.#pauseMs);
      }
    } catch (thrown) {
      this.parts.oracle.violate("trouble", `${this.#who} can't read ${room.name}: ${nameOf(thrown)}`);
    }
  }

  #say(room: string, type: Saying["type"], target: number | null): Saying {
    const saying = this.parts.oracle.sayings.say({ person: this.index, name: this.name, room, type, target });
    this.parts.oracle.trace(`${this.#who} says #${saying.id} ${type.slice(5)} in ${room}`);
    return saying;
  }

  #follow(saying: Saying, sent: Promise<Mine>, stored: (receipt: Mine) => void = () => {}): void {
    const process = this.#process;
    const { oracle } = this.parts;
    this.underWay++;
    sent.then((receipt) => {
      if (!process.alive) return;
      this.underWay--;
      if (saying.fate === "open") saying.fate = "acknowledged";
      oracle.trace(`#${saying.id} is stored at ${receipt.room} ${receipt.offset}`);
      if (saying.type !== "CHAT_DELETE" && !saying.epochs.has(receipt.epoch)) {
        oracle.violate(
          "acknowledged-is-durable",
          `#${saying.id} has a receipt and is not in ${receipt.epoch}`,
        );
      }
      stored(receipt);
    }, (thrown) => {
      if (!process.alive) return;
      this.underWay--;
      const kept = thrown instanceof ChatFailure && thrown.kept;
      oracle.trace(`#${saying.id} ${kept ? "is kept" : "fails"}: ${nameOf(thrown)}`);
      if (!kept && saying.fate === "open") oracle.sayings.refused(saying, nameOf(thrown));
    });
  }
}

function keyOf({ room, epoch, offset }: Mine): string {
  return `${room} ${epoch} ${offset}`;
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : String(thrown);
}
