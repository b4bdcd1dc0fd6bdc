/** The simulated disk keeps the contract of the log, as SQLite does, and is as treacherous as a disk may be. */
import assert from "node:assert/strict";
import { VirtualClock } from "../../src/transport/clock.ts";
import { entry, testLog } from "../contract/log.ts";
import { Seeded } from "../fixtures/seeded.ts";
import { SimFile } from "./disk.ts";
import { DiskLog, formatLog } from "./disk-log.ts";
import { Process } from "./machine.ts";

const CALM_DISK = { writeFails: 0, syncFails: 0, slowMs: 0 };
const CALM_READS = () => ({ fails: 0, slowMs: 0 });

/** A clock whose timers run at once, one after another: nothing here depends on how long something takes. */
class PromptClock extends VirtualClock {
  override after(_delayMs: number, run: () => void) {
    const timer = setTimeout(run, 0);
    return () => clearTimeout(timer);
  }
}

function newFile(faults = () => CALM_DISK, seed = 7): SimFile {
  const chance = new Seeded(seed);
  const file = new SimFile(() => chance.next(), faults);
  formatLog(file, "e".repeat(24));
  return file;
}

function open(file: SimFile, process = new Process(new PromptClock())): Promise<DiskLog> {
  return DiskLog.open(file, { process, random: () => 0.5, reads: CALM_READS });
}

testLog("simulated disk", 20, async () => {
  const file = newFile();
  const log = await open(file);
  let newest = log;
  return {
    log,
    async reopen() {
      await newest.close();
      return newest = await open(file);
    },
    breakStore() {
      file.isFull = true;
      return () => void (file.isFull = false);
    },
    dispose: () => newest.close(),
  };
});

Deno.test("simulated disk: what was synced is there after every crash, what was not may be, whole or not at all", async () => {
  let kept = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const file = newFile(() => CALM_DISK, seed);
    const process = new Process(new PromptClock());
    const log = await open(file, process);
    await log.append([entry(1)]);
    // The machine goes down after the next write, before its sync.
    file.onMoment = (moment) => {
      if (moment === "written") process.kill();
    };
    log.append([entry(2), entry(3)]);
    while (process.alive) await new Promise((resolve) => setTimeout(resolve, 0));
    file.crash();
    file.onMoment = () => {};
    const again = await open(file);
    const { events } = await again.read("lobby", 0, 10);
    assert.ok(events.length === 1 || events.length === 3, `${events.length} events`);
    if (events.length === 3) kept++;
  }
  assert.ok(kept > 20 && kept < 180, `kept in ${kept} of 200 crashes`);
});

Deno.test("simulated disk: a torn write is refused, taken back, and forgotten by the next opening", async () => {
  let writeFails = 0;
  const file = newFile(() => ({ ...CALM_DISK, writeFails }));
  const log = await open(file);
  await log.append([entry(1)]);
  writeFails = 1;
  await assert.rejects(log.append([entry(2)]), /input\/output error/);
  writeFails = 0;
  assert.deepEqual(await log.append([entry(2)]), [{ status: "stored", offset: 2 }]);
  file.crash();
  assert.equal((await (await open(file)).stand("lobby")).head, 2);
});
