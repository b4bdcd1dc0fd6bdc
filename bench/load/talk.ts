/** Members that talk, and how it is known that everybody has everything. */
import { madeAtOnce } from "./at-once.ts";
import { Member } from "./member.ts";
import type { TalkAt, TalkTask } from "./task.ts";
import type { Wire } from "./voice.ts";

/** Members that read every message whole: enough for a distribution, few enough to cost little. */
const READERS_WHEN_LOADED = 4;
/** A system that loses messages would be waited for for ever: so many looks in a row that see nothing new are the end.
 * Several short ones, since a look that comes late, after this process stood still, says nothing. */
const SILENT_LOOKS = 30;
const LOOK_MS = 1_000;

/** The members of one hall, in their rooms. */
export async function fillHall(task: TalkAt, wire: Wire, hall: number): Promise<Member[]> {
  const count = Math.ceil(task.members / task.halls);
  return await madeAtOnce(count, (place) => {
    // Readers come last, so that no sender is one.
    const reads = task.shape === "one-at-a-time" || place >= count - READERS_WHEN_LOADED;
    // Each begins with another room, so that senders in step don't talk in the same one.
    const rooms = Array.from({ length: task.rooms }, (_, room) => {
      const shift = Math.floor(place * task.rooms / task.senders);
      return `bench-${hall}-${(room + shift) % task.rooms}`;
    });
    return Member.join({ ...task, wire, rooms, index: hall * count + place, reads });
  });
}

/** Members of one hall that talk as the task says. */
export class Talk {
  readonly #senders: readonly Member[];

  constructor(
    readonly task: TalkTask,
    readonly members: readonly Member[],
    readonly wire: Wire,
  ) {
    this.#senders = members.slice(0, task.senders);
  }

  expected(messages: number): number {
    return this.members.length * messages - (this.wire.hasEcho ? 0 : messages);
  }

  /** Sends `count` messages and waits until everybody has them all, or nothing comes any more. */
  async send(count: number): Promise<void> {
    if (this.task.shape === "loaded") await this.#sendLoaded(count);
    else await this.#sendInTurn(count);
  }

  async #sendLoaded(count: number): Promise<void> {
    const all = this.#arrivals(this.expected(count));
    const { inFlight, textBytes } = this.task;
    let sent = 0;
    const next = (sender: Member) => {
      if (sent >= count) return;
      sent++;
      sender.send(textBytes);
    };
    // Where nothing is acknowledged, a message is over when it was read.
    if (this.wire.hasReceipts) { for (const sender of this.#senders) sender.onReceipt = () => next(sender); }
    else {
      const witness = this.members.findLast(({ reads }) => reads);
      if (witness !== undefined) {
        witness.onRead = (index) => {
          const sender = this.members[index - (this.members[0]?.index ?? 0)];
          if (sender !== undefined) next(sender);
        };
      }
    }
    for (const sender of this.#senders) for (let slot = 0; slot < inFlight; slot++) next(sender);
    await all;
  }

  async #sendInTurn(count: number): Promise<void> {
    const [sender] = this.#senders;
    for (let number = 1; number <= count; number++) {
      const everybody = this.#arrivals(this.expected(1));
      sender?.send(this.task.textBytes);
      await everybody;
    }
  }

  /** Resolves when so many messages have arrived, at all members together, or none did for a while. */
  #arrivals(goal: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let missing = goal;
    let lastSeen = goal;
    const arrived = () => {
      if (--missing === 0) resolve();
    };
    for (const member of this.members) member.onMessage = arrived;
    let silentLooks = 0;
    const watch = setInterval(() => {
      silentLooks = missing === lastSeen ? silentLooks + 1 : 0;
      lastSeen = missing;
      if (silentLooks === SILENT_LOOKS) resolve();
    }, LOOK_MS);
    return promise.finally(() => clearInterval(watch));
  }
}
