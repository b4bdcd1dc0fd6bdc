import type { Client } from "../../src/client/client.ts";
import { ChatFailure } from "../../src/client/failure.ts";
import type { Receipt } from "../../src/client/outbox/outbox.ts";
import type { Room } from "../../src/client/room/room.ts";
import type { Status } from "../../src/client/status.ts";
import { Seeded } from "../fixtures/seeded.ts";
import type { Line, Part, Place, SaidLine, Standing, View } from "./transcript.ts";

/** More than that without a receipt, and it waits: a person would. */
const UNDER_WAY_MAX = 40;
const LONG_TEXT_CHARS = 4_000;
const TEXT_CHARS = 120;

interface Seat {
  readonly room: Room;
  shown: Place | null;
}

/** Somebody who talks without end, over the production SDK, in a process or a page. Writes everything down. */
export class Talker {
  readonly #seats: Seat[] = [];
  readonly #chance: Seeded;
  readonly #mine: Receipt[] = [];
  readonly #deleted = new Set<Receipt>();
  #nextId: number;
  #underWay = 0;
  #isQuiet = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly client: Client, readonly part: Part, readonly record: (line: Line) => void) {
    this.#chance = new Seeded(part.seed);
    this.#nextId = part.firstId;
    for (const { room, from } of part.rooms) this.#enter(room, from);
    this.#goOn();
  }

  /** For `onStatus` and `onNotice` of the client's options, which come before there is a talker. */
  static statusLine(status: Status): Line {
    return {
      do: "status",
      state: status.state,
      kind: status.state === "live" ? status.kind : "",
      atMs: performance.now(),
    };
  }

  static isOld(notice: string): boolean {
    return notice.includes("messages are old");
  }

  /** Says nothing more, or goes on. */
  quiet(isQuiet: boolean): void {
    this.#isQuiet = isQuiet;
  }

  /** A clock that was set may make what waits seem hours old. */
  resume(): void {
    this.record({ do: "resumes" });
    this.client.outbox.resume();
  }

  standing(): Standing {
    const { client } = this;
    const unsent = client.outbox.items.current.filter(({ state }) => state !== "failed").length;
    return {
      status: client.status.current.state,
      unsent: Math.max(unsent, this.#underWay),
      rooms: this.#seats.map(({ room, shown }) => ({
        room: room.name,
        state: room.state.current.state,
        head: room.head,
        shown,
        members: room.members.current.count,
      })),
    };
  }

  views(): View[] {
    return this.#seats.map(({ room }) => {
      const { messages, after, epoch, offset } = room.timeline.current;
      return {
        room: room.name,
        epoch,
        after,
        offset,
        topic: room.topic.current,
        messages: messages.map(({ offset, author, text, deleted, reactions }) => ({
          offset,
          author,
          text,
          deleted,
          reactions: reactions.flatMap(({ reaction, by }) => by.map((one) => `${reaction} ${one}`)).sort(),
        })),
      };
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.client.close();
    await this.client.goodbye;
  }

  #goOn(): void {
    const ms = this.part.pauseMs * 2 * this.#chance.next();
    this.#timer = setTimeout(() => {
      if (!this.#isQuiet && this.#underWay < UNDER_WAY_MAX) this.#act();
      this.#goOn();
    }, ms);
  }

  #enter(name: string, from: Place | null): void {
    this.record({ do: "enters", room: name, from });
    const room = this.client.room(
      name,
      from === null ? { after: 0 } : { after: from.offset, epoch: from.epoch },
    );
    // From here on the room keeps its messages.
    void room.timeline.current;
    const seat: Seat = { room, shown: null };
    this.#seats.push(seat);
    this.#read(seat);
  }

  async #read(seat: Seat): Promise<void> {
    for await (const event of seat.room) {
      const { room, epoch, offset, seq, type } = event;
      this.record({
        do: "shown",
        room,
        epoch,
        offset,
        seq,
        type,
        ...("text" in event ? { text: event.text } : {}),
      });
      seat.shown = { epoch, offset };
    }
  }

  #act(): void {
    const chance = this.#chance;
    const room = chance.pick(this.#seats)?.room;
    if (room === undefined) return;
    const luck = chance.next();
    const target = this.#target(room);
    if (luck < 0.8 || target === null) {
      const chars = chance.next() < 0.02 ? LONG_TEXT_CHARS : chance.from(1, TEXT_CHARS);
      const id = this.#say(room, "CHAT_MESSAGE", null);
      this.#follow(id, room.send(mark(id, "x".repeat(chars))), (receipt) => void this.#mine.push(receipt));
    } else if (luck < 0.87) {
      const id = this.#say(room, "CHAT_EDIT", target.offset);
      this.#follow(id, room.edit(target.offset, mark(id, "edited")));
    } else if (luck < 0.94) {
      const id = this.#say(room, "CHAT_REACT", target.offset);
      this.#follow(id, room.react(target.offset, mark(id, "yes")));
    } else if (luck < 0.97) {
      this.#deleted.add(target);
      this.#follow(this.#say(room, "CHAT_DELETE", target.offset), room.delete(target.offset));
    } else {
      const id = this.#say(room, "CHAT_TOPIC", null);
      this.#follow(id, room.setTopic(mark(id, "topic")));
    }
  }

  /** One of its own messages of this room; of the newest ones, so that the others have it in view. */
  #target(room: Room): Receipt | null {
    const here = this.#mine.slice(-50).filter((mine) => mine.room === room.name && !this.#deleted.has(mine));
    return this.#chance.pick(here);
  }

  #say(room: Room, type: SaidLine["type"], target: number | null): number {
    const id = this.#nextId++;
    this.record({ do: "say", id, room: room.name, type, target });
    return id;
  }

  #follow(id: number, sent: Promise<Receipt>, stored: (receipt: Receipt) => void = () => {}): void {
    const startMs = performance.now();
    this.#underWay++;
    sent.then((receipt) => {
      this.#underWay--;
      const { room, epoch, offset } = receipt;
      this.record({ do: "stored", id, room, epoch, offset, ms: performance.now() - startMs });
      stored(receipt);
    }, (thrown) => {
      this.#underWay--;
      const failure = thrown instanceof Error ? thrown.name : String(thrown);
      this.record({ do: "failed", id, failure, kept: thrown instanceof ChatFailure && thrown.kept });
    });
  }
}

/** Found again wherever it gets to; the oracle knows it. */
function mark(id: number, text: string): string {
  return `#${id} ${text}`;
}
