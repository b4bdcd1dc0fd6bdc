import { Chat } from "../../src/chat/chat.ts";
import type { Log } from "../../src/log/log.ts";
import { Shell } from "../../src/server/shell.ts";
import type { Clock } from "../../src/transport/clock.ts";
import type { Link } from "../../src/transport/link.ts";
import type { Seeded } from "../fixtures/seeded.ts";
import type { Breakage } from "./breakage.ts";
import { type DiskMoment, SimFile } from "./disk.ts";
import { DiskLog, formatLog } from "./disk-log.ts";
import { Calendar, Process } from "./machine.ts";
import type { Oracle } from "./oracle/oracle.ts";
import type { Plan } from "./plan.ts";
import { TappedLink } from "./wire-tap.ts";

/** How long a server that stops waits for its links' goodbyes, as `startServer` does. */
const GOODBYE_MS = 700;

interface Running {
  readonly process: Process;
  readonly log: Log;
  readonly chat: Chat;
  readonly shell: Shell;
  readonly links: Set<TappedLink>;
}

/** The file of a server's log. It is there before the oracle that reads it. */
export function logFile(plan: Plan, chance: Seeded, isCalm: () => boolean): SimFile {
  const { logWriteFails, logSyncFails, logSlowMs } = plan.faults;
  return new SimFile(
    () => chance.next(),
    () =>
      isCalm()
        ? { writeFails: 0, syncFails: 0, slowMs: 1 }
        : { writeFails: logWriteFails, syncFails: logSyncFails, slowMs: logSlowMs },
  );
}

export interface SimServerParts {
  readonly clock: Clock;
  readonly chance: Seeded;
  readonly plan: Plan;
  readonly file: SimFile;
  readonly oracle: Oracle;
  readonly breakage: Breakage;
  /** Takes the server's links from the network, as a machine that goes down does. */
  readonly vanish: () => void;
  readonly isCalm: () => boolean;
}

/** The machine that the server runs on: production rules and production shell, started, stopped and killed. */
export class SimServer {
  readonly calendar: Calendar;
  #running: Running | null = null;
  #isStarting = false;
  /** The disk's moment at which it will crash. */
  #crashAt: { readonly moment: DiskMoment; readonly forMs: number } | null = null;
  #lives = 1;
  #downUntilMs = 0;

  constructor(readonly parts: SimServerParts) {
    this.calendar = new Calendar(parts.clock);
    formatLog(parts.file, "epoch-1");
    parts.oracle.begins("epoch-1");
    parts.file.onMoment = (moment) => {
      if (this.#crashAt?.moment !== moment) return;
      const { forMs } = this.#crashAt;
      this.#crashAt = null;
      this.crash(forMs);
    };
  }

  get chat(): Chat | null {
    return this.#running?.chat ?? null;
  }

  get isUp(): boolean {
    return this.#running !== null;
  }

  async start(): Promise<void> {
    if (this.#running !== null || this.#isStarting) return;
    this.#isStarting = true;
    const { clock, chance, plan, file, oracle, breakage, isCalm } = this.parts;
    const process = new Process(clock);
    const { logReadFails, logSlowMs } = plan.faults;
    oracle.opened();
    const opened = await DiskLog.open(file, {
      process,
      random: () => chance.next(),
      reads: () => isCalm() ? { fails: 0, slowMs: 0 } : { fails: logReadFails, slowMs: logSlowMs },
    });
    const log = breakage.log?.(opened, process) ?? opened;
    const chat = new Chat({ epoch: log.epoch, rate: plan.rate });
    const shell = new Shell(chat, log, {
      search: null,
      clock: process,
      now: () => this.calendar.nowMs(),
      freshDevice: () => chance.from(0, 2 ** 31).toString(16).padStart(32, "0"),
      watcher: {
        opened() {},
        closed() {},
        ended: (_, failure) => oracle.trace(`server ends a session: ${failure ?? "goodbye"}`),
        appended() {},
        sent() {},
        store: (failure) => oracle.trace(`store: ${failure?.message ?? "well"}`),
        trouble: (event, error) => {
          if (event.startsWith("store-")) return oracle.trace(event);
          oracle.violate("trouble", `${event}: ${error instanceof Error ? error.stack : error}`);
        },
      },
    });
    this.#running = { process, log, chat, shell, links: new Set() };
    this.#isStarting = false;
    oracle.trace("server up");
  }

  /** A new link, if anybody listens. */
  welcome(link: Link): TappedLink | null {
    const running = this.#running;
    if (running === null) return null;
    const { oracle, breakage } = this.parts;
    const watch = oracle.session();
    const broken = breakage.session?.();
    const tapped = new TappedLink(link, {
      out(bytes) {
        const passed = broken === undefined ? bytes : broken.out(bytes);
        if (passed !== null) watch.told(passed);
        return passed;
      },
      in(bytes) {
        watch.said(bytes);
        return broken === undefined ? bytes : broken.in(bytes);
      },
    }, (closed) => void running.links.delete(closed));
    running.links.add(tapped);
    running.shell.welcome(tapped);
    return tapped;
  }

  /** The process ends at once, and comes back after a while. */
  crash(forMs: number): void {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    running.process.kill();
    this.parts.vanish();
    this.parts.file.crash();
    this.parts.breakage.crash?.(this.parts.file);
    this.parts.oracle.trace("server crashed");
    this.#comeBack(forMs);
  }

  crashAt(moment: DiskMoment, forMs: number): void {
    this.#crashAt = { moment, forMs };
  }

  /** Says goodbye and goes, as on SIGTERM. */
  async stop(forMs: number): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.parts.oracle.trace("server stops");
    await running.shell.stop();
    await running.process.pause(GOODBYE_MS);
    if (this.#running !== running) return;
    this.#running = null;
    await running.log.close();
    running.process.kill();
    this.parts.vanish();
    this.#comeBack(forMs);
  }

  /** Puts an older copy of the log in the place of this one. */
  restore(keeps: number, forMs: number): void {
    if (this.#running === null) return;
    this.crash(forMs);
    const { file, oracle, breakage } = this.parts;
    const [, ...lines] = file.text.split("\n");
    lines.pop();
    const epoch = breakage.keepsEpoch === true ? "epoch-1" : `epoch-${++this.#lives}`;
    formatLog(file, epoch);
    const kept = lines.slice(0, Math.floor(lines.length * keeps));
    file.replace(file.text + kept.map((line) => `${line}\n`).join(""));
    oracle.begins(epoch);
    oracle.trace(`restored ${kept.length} of ${lines.length} batches, ${epoch}`);
  }

  /** Everything works from now on. */
  async mend(): Promise<void> {
    this.#crashAt = null;
    this.parts.file.isFull = false;
    await this.start();
  }

  /** Whatever is too big. */
  checkBounds(): void {
    const { oracle, plan } = this.parts;
    const running = this.#running;
    if (running === null) return;
    for (const { queuedBytesMost } of running.links) {
      if (queuedBytesMost > 1_048_576) oracle.violate("bounded", `${queuedBytesMost} bytes wait in one link`);
    }
    const { sessionCount, roomCount } = running.chat;
    if (sessionCount > running.links.size) {
      oracle.violate("bounded", `${sessionCount} sessions on ${running.links.size} links`);
    }
    if (roomCount > plan.rooms + 1) oracle.violate("bounded", `${roomCount} rooms are open`);
  }

  #comeBack(forMs: number): void {
    const { clock } = this.parts;
    this.#downUntilMs = clock.nowMs() + forMs;
    clock.after(forMs, () => {
      if (clock.nowMs() >= this.#downUntilMs) this.start();
    });
  }
}
