import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import type { Client } from "../client/client.ts";
import { connect } from "../client/connect.ts";
import { saysOf } from "../client/failure.ts";
import type { Room } from "../client/room/room.ts";
import type { Status } from "../client/status.ts";
import { FileStore } from "../client/outbox/store-file.ts";
import { type Command, type Given, Trouble } from "./command.ts";
import { losePatience } from "./patience.ts";
import { stateDirectory } from "./places.ts";
import { readableEvent } from "./readable-event.ts";
import { SERVER_FLAGS, type Target, targetOf, TRUST_FLAGS } from "./server-flags.ts";
import { shown } from "./shown.ts";

/** Events of the past that one sees on entering. */
const HISTORY_EVENTS = 20;
/** How long `/quit` waits for what was just said to be stored. */
const DRAIN_MS = 3_000;

const HELP = `/rooms         the rooms of this server
/join ROOM     go to another room
/who           who is here
/edit N TEXT   change your message #N
/delete N      delete your message #N
/react N EMOJI react to message #N
/reply N TEXT  answer message #N
/quit          leave (also Ctrl-D)
//TEXT         say a text that begins with /`;

export const chat: Command = {
  name: "chat",
  summary: "Chat in the terminal",
  words: "",
  wordsMax: 0,
  flags: { ...SERVER_FLAGS, ...TRUST_FLAGS },
  notes: `Type a line and Enter to say it; /help tells the commands. What is said while the server
is away is kept and sent when it is back.

  quicchat chat --name Ann --room kitchen`,
  run: runChat,
};

async function runChat(given: Given): Promise<number> {
  const target = await targetOf(given);
  const { address, name, token, trust } = target;
  const state = stateDirectory();
  const client = connect(address.origin, {
    name,
    token,
    deno: trust,
    ...(state === null
      ? {}
      : { store: new FileStore(`${state}/outbox/${fileNameOf(address.origin, name)}`) }),
  });
  return await new Talk(client, target).run();
}

/** A directory for one name at one server: the outbox's device is who one is there, and another name is
 * somebody else. */
function fileNameOf(origin: string, name: string): string {
  return [origin.replace(/^\w+:\/\//, ""), name].map(encodeURIComponent).join("/");
}

/** A person at a terminal, or a script at a pipe, in one room at a time. */
class Talk {
  readonly #client: Client;
  readonly #target: Target;
  readonly #lines: Interface;
  readonly #isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  readonly #over = Promise.withResolvers<number>();
  #room: Room;
  #wasLive = false;

  constructor(client: Client, target: Target) {
    this.#client = client;
    this.#target = target;
    this.#lines = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: this.#isTerminal,
    });
    this.#room = this.#enter(target.room);
  }

  async run(): Promise<number> {
    const { address, firstWaitMs } = this.#target;
    // One can wait for a server that was there before; one that never answers is a wrong address.
    const hopeless = losePatience(this.#client, {
      firstWaitMs,
      laterWaitMs: 2 ** 31 - 1,
      origin: address.origin,
    });
    this.#client.status.subscribe((status) => this.#tellStatus(status));
    this.#client.outbox.items.subscribe((items) => {
      for (const { state, seq, failure } of items) {
        if (state === "failed") this.#tellFailed(seq, failure?.says ?? "refused");
      }
    });
    this.#lines.on("line", (line) => this.#say(line));
    this.#lines.on("close", () => this.#over.resolve(0));
    this.#lines.on("SIGINT", () => this.#lines.close());
    if (this.#isTerminal) {
      process.stdin.on(
        "keypress",
        () => this.#room.setTyping(this.#lines.line !== "" && !this.#lines.line.startsWith("/")),
      );
    }
    try {
      return await Promise.race([this.#over.promise, hopeless]);
    } catch (error) {
      throw new Trouble(saysOf(error));
    } finally {
      this.#lines.close();
      await this.#client.close({ drainMs: DRAIN_MS });
      await this.#client.goodbye;
    }
  }

  #enter(name: string): Room {
    const room = this.#client.room(name, { last: HISTORY_EVENTS });
    this.#lines.setPrompt(`${shown(name)}> `);
    this.#follow(room).catch((error) => this.#print(`* ${shown(saysOf(error))}`));
    room.typing.subscribe((typists) => {
      if (this.#room !== room) return;
      const names = typists.map(({ name }) => shown(name)).join(", ");
      const isTyping = names === "" ? "" : `${names} ${typists.length === 1 ? "is" : "are"} typing`;
      if (!this.#isTerminal) {
        if (isTyping !== "") this.#print(`* ${isTyping}`);
        return;
      }
      this.#lines.setPrompt(`${shown(name)}${isTyping === "" ? "" : ` (${isTyping})`}> `);
      this.#lines.prompt(true);
    });
    return room;
  }

  async #follow(room: Room): Promise<void> {
    for await (const event of room) {
      const isOther = room !== this.#room;
      this.#print(`${isOther ? `[${shown(room.name)}] ` : ""}${readableEvent(event)}`);
    }
  }

  #say(line: string): void {
    this.#command(line).catch((error) => this.#print(`* ${shown(saysOf(error))}`)).finally(() => {
      if (this.#isTerminal) this.#lines.prompt();
    });
  }

  async #command(line: string): Promise<void> {
    if (!line.startsWith("/") || line.startsWith("//")) {
      const text = line.startsWith("//") ? line.slice(1) : line;
      // Its failure is told by the outbox.
      if (text !== "") this.#room.send(text).catch(() => {});
      return;
    }
    const [, word = "", rest = ""] = /^\/(\S*)\s*(.*)$/s.exec(line) ?? [];
    const [, number = "", text = ""] = /^#?(\d+)\s*(.*)$/s.exec(rest) ?? [];
    const offset = Number(number);
    const needsNumber = () => {
      if (!(offset >= 1)) throw new Trouble(`/${word} wants a message's number, as in /${word} 12`);
    };
    switch (word) {
      case "help":
        return this.#print(HELP);
      case "quit":
        return this.#lines.close();
      case "rooms": {
        const rooms = await this.#client.rooms();
        return this.#print(
          rooms.map(({ room, head, count }) => `* ${shown(room)}: ${count} here, ${head} events`).join(
            "\n",
          ) || "* none",
        );
      }
      case "who": {
        const { count, members } = await this.#client.who(this.#room.name);
        const more = count > members.length ? ` and ${count - members.length} more` : "";
        return this.#print(`* ${members.map(({ name }) => shown(name)).join(", ")}${more}`);
      }
      case "join": {
        if (rest === "") throw new Trouble("/join wants a room, as in /join kitchen");
        this.#room.setTyping(false);
        const former = this.#room;
        this.#room = this.#enter(rest.trim().normalize("NFC"));
        if (former !== this.#room) former.leave();
        return;
      }
      case "edit":
        needsNumber();
        return void this.#room.edit(offset, text).catch(() => {});
      case "delete":
        needsNumber();
        return void this.#room.delete(offset).catch(() => {});
      case "react":
        needsNumber();
        return void this.#room.react(offset, text || "👍").catch(() => {});
      case "reply":
        needsNumber();
        return void this.#room.send(text, { replyTo: offset }).catch(() => {});
      default:
        throw new Trouble(`there is no /${shown(word)}: /help tells what there is, //… says a text with a /`);
    }
  }

  #tellFailed(seq: number, says: string): void {
    this.#print(`* not sent: ${shown(says)}`);
    this.#client.outbox.discard(seq);
  }

  #tellStatus(status: Status): void {
    if (status.state === "live") {
      this.#print(
        this.#wasLive ? "* connected again" : `* connected to ${this.#target.address.origin}, /help for help`,
      );
      this.#wasLive = true;
    } else if (status.state === "reconnecting" && status.attempt === 1 && this.#wasLive) {
      this.#print(`* no connection (${shown(status.because)}): what you say is sent when it is back`);
    }
  }

  /** Above the line that is being typed. */
  #print(text: string): void {
    if (!this.#isTerminal) return console.log(text);
    process.stdout.write(`\r\x1b[K${text}\n`);
    this.#lines.prompt(true);
  }
}
