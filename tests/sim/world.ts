import { VirtualClock } from "../../src/transport/clock.ts";
import { Seeded } from "../fixtures/seeded.ts";
import type { Breakage } from "./breakage.ts";
import { SimNetwork } from "./network.ts";
import { Oracle } from "./oracle/oracle.ts";
import { standings } from "./oracle/projection.ts";
import type { Violation } from "./oracle/violation.ts";
import { Person } from "./person.ts";
import type { Plan, Step } from "./plan.ts";
import { logFile, SimServer } from "./sim-server.ts";
import { Trace } from "./trace.ts";

/** How long a mended world has to come to rest: two idle times, the longest backoff, and a few round trips. */
const SETTLE_MS = 120_000;
/** How often the bounds are looked at, and whether it has come to rest. */
const LOOK_MS = 1_000;

export interface Outcome {
  readonly violation: Violation | null;
  /** Of everything that happened. */
  readonly hash: number;
  readonly lines: readonly string[];
  readonly said: number;
  /** Simulated time. */
  readonly lastedMs: number;
}

/** A server, its people, and everything between them. */
class World {
  readonly clock = new VirtualClock();
  readonly trace: Trace;
  readonly oracle: Oracle;
  readonly network: SimNetwork;
  readonly server: SimServer;
  readonly people: Person[];
  #isCalm = false;

  constructor(readonly plan: Plan, breakage: Breakage, keepsTrace: boolean) {
    const { clock } = this;
    this.trace = new Trace(keepsTrace);
    // A chance for each part: what is left out of one changes no other.
    const chance = (part: number) => new Seeded((plan.seed * 1_000 + part) | 0);
    const isCalm = () => this.#isCalm;
    const file = logFile(plan, chance(1), isCalm);
    const oracle = this.oracle = new Oracle(file, () => clock.nowMs(), this.trace);
    const network = this.network = new SimNetwork(
      clock,
      chance(2),
      plan.faults,
      (link) => this.server.welcome(link),
      breakage,
    );
    this.server = new SimServer({
      clock,
      chance: chance(3),
      plan,
      file,
      oracle,
      breakage,
      isCalm,
      vanish: () => network.vanishServer(),
    });
    this.people = Array.from(
      { length: plan.people },
      (_, at) => new Person(at, { clock, chance: chance(10 + at), plan, network, oracle, breakage, isCalm }),
    );
  }

  async run(): Promise<Outcome> {
    const { plan, clock, people } = this;
    await this.server.start();
    for (const person of people) person.start();
    for (const step of plan.steps) clock.after(step.atMs, () => this.#do(step));
    await this.#pass(plan.endMs);
    await this.#mend();
    await this.#pass(SETTLE_MS, () => this.#unrest() === null);
    if (this.oracle.violation === null) this.#checkEnd();
    const { violation, sayings } = this.oracle;
    const { hash, lines } = this.trace;
    return { violation, hash, lines, said: sayings.count, lastedMs: clock.nowMs() };
  }

  /** Lets time pass, until there is something to say or `isOver`. */
  async #pass(forMs: number, isOver: () => boolean = () => false): Promise<void> {
    const { clock, oracle, server } = this;
    const untilMs = clock.nowMs() + forMs;
    while (clock.nowMs() < untilMs && oracle.violation === null && !isOver()) {
      await clock.advance(Math.min(LOOK_MS, untilMs - clock.nowMs()));
      server.checkBounds();
    }
  }

  #do(step: Step): void {
    const { oracle, server, network, clock, plan } = this;
    if (oracle.violation !== null) return;
    const room = "room" in step ? roomOf(step.room, plan) : "";
    const person = "person" in step && step.person !== null ? this.people[step.person] : undefined;
    switch (step.do) {
      case "set-clock":
        oracle.trace(`${person?.name ?? "server"}'s clock is set by ${step.byMs}`);
        (person ?? server).calendar.aheadMs += step.byMs;
        // What was said may seem hours old: its author must say that it goes out.
        return;
      case "crash-server":
        if (step.point === "now") return server.crash(step.forMs);
        return server.crashAt(step.point, step.forMs);
      case "stop-server":
        return void server.stop(step.forMs);
      case "restore":
        return server.restore(step.keeps, step.forMs);
      case "fill-disk":
        oracle.trace("disk full");
        this.server.parts.file.isFull = true;
        return void clock.after(step.forMs, () => this.server.parts.file.isFull = false);
    }
    if (person === undefined) return;
    switch (step.do) {
      case "join":
        return person.join(room, step.from);
      case "leave":
        return person.leave(room);
      case "send":
        for (let at = 0; at < step.count; at++) person.send(room, step.chars);
        return;
      case "edit":
      case "delete":
      case "react":
        return person.change(room, step.do, step.luck);
      case "type":
        return person.type(room);
      case "topic":
        return person.setTopic(room);
      case "look":
        return person.look(room, step.what);
      case "resume":
        return person.resume();
      case "slow":
        return person.slow(step.forMs, step.pauseMs);
      case "cut":
        oracle.trace(`${person.name} is cut off`);
        return network.cut(step.person);
      case "partition":
        oracle.trace(`${person.name} can't be reached`);
        return network.partition(step.person, step.forMs);
      case "offline":
        oracle.trace(`${person.name} has no network`);
        person.setOnline(false);
        return void clock.after(step.forMs, () => person.setOnline(true));
      case "crash":
        person.crash(step.losesDisk);
        return void clock.after(step.forMs, () => person.start());
      case "close":
        person.close();
        return void clock.after(step.forMs, () => person.start());
    }
  }

  /** Everything works from now on, and everybody is there. */
  async #mend(): Promise<void> {
    if (this.oracle.violation !== null) return;
    this.oracle.trace("all is mended");
    this.#isCalm = true;
    this.network.isCalm = true;
    await this.server.mend();
    for (const person of this.people) {
      person.setOnline(true);
      person.start();
    }
  }

  /** What is still going on; null when everything has come to rest. */
  #unrest(): string | null {
    if (!this.server.isUp) return "the server is down";
    const record = this.oracle.record();
    const sessions = this.server.chat?.sessionCount ?? 0;
    if (sessions !== this.people.length) {
      return `${sessions} sessions of ${this.people.length} people are left`;
    }
    for (const person of this.people) {
      const { client, name } = person;
      const status = client?.status.current.state;
      if (client === null || status !== "live") return `${name} is ${status ?? "not there"}`;
      // What seems old, by clocks that were set, goes out when its author says so.
      if (client.outbox.items.current.some(({ state }) => state === "stale")) person.resume();
      if (person.underWay > 0) return `${name} waits for ${person.underWay} receipts`;
      const waiting = client.outbox.items.current.filter(({ state }) => state !== "failed");
      if (waiting.length > 0) return `${name} has ${waiting.length} unsent`;
      for (const [room, { room: seat, watch }] of person.seats) {
        const { length } = record.room(room);
        const { state } = seat.state.current;
        if (state !== "live") return `${name} is ${state} in ${room}`;
        const at = watch.position;
        if (seat.position?.offset !== length) return `${name} is at ${seat.position?.offset} of ${length}`;
        if (at !== null && (at.epoch !== record.epoch || at.offset !== length) && length > 0) {
          return `${name} was shown ${room} up to ${at.epoch} ${at.offset} of ${length}`;
        }
        const here = this.people.filter(({ seats }) => seats.has(room)).length;
        const { count } = seat.members.current;
        if (count !== here) return `${name} sees ${count} of ${here} in ${room}`;
      }
    }
    return null;
  }

  #checkEnd(): void {
    const { oracle, people } = this;
    const unrest = this.#unrest();
    if (unrest !== null) return oracle.violate("settles", `after ${SETTLE_MS / 1_000} s ${unrest}`);
    oracle.sayings.check();
    for (const person of people) {
      for (const [name, { room }] of person.seats) {
        const topic = oracle.record().room(name).findLast(({ type }) => type === "CHAT_TOPIC")?.text ?? "";
        if (room.topic.current !== topic) {
          oracle.violate(
            "same-for-all",
            `to ${person.name} ${name} is about ${room.topic.current}, not ${topic}`,
          );
        }
        const { messages, after } = room.timeline.current;
        const seen = messages.map(({ offset, author, text, deleted, reactions }) => ({
          offset,
          author,
          text,
          deleted,
          reactions: reactions.flatMap(({ reaction, by }) => by.map((one) => `${reaction} ${one}`)).sort(),
        }));
        const right = standings(oracle.record().room(name), after);
        if (JSON.stringify(seen) !== JSON.stringify(right)) {
          oracle.violate("same-for-all", `${person.name} sees another ${name} than it is`);
        }
      }
    }
  }
}

/** Room 0 is the lobby, where a chat begins. */
function roomOf(index: number, plan: Plan): string {
  return index === 0 ? "lobby" : `room-${Math.min(index, plan.rooms - 1)}`;
}

/** Runs one plan from its beginning to its end, or to the first violation. */
export function simulate(plan: Plan, breakage: Breakage = {}, keepsTrace = false): Promise<Outcome> {
  return new World(plan, breakage, keepsTrace).run();
}
