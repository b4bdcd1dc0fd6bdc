/** The load generator of `shapes/idle.ts`: many members that are there and say nothing. */
import { cpuSeconds } from "./cpu.ts";
import { Crowd } from "./crowd.ts";
import { pause } from "./pause.ts";
import type { ServerAt } from "./quicchat-session.ts";

export interface IdleTask extends ServerAt {
  readonly members: number;
  readonly roomsEach: number;
  readonly membersARoom: number;
  /** After the last has joined: presence is told, garbage is collected. */
  readonly settleSeconds: number;
  readonly idleSeconds: number;
}

export interface IdleResult {
  readonly joinSeconds: number;
  /** See `Crowd.failures`. */
  readonly failures: number;
  readonly joinLoadCpuSeconds: number;
  readonly idleLoadCpuSeconds: number;
  /** What is wrong with them after all; null if nothing. */
  readonly fault: string | null;
}

/** The rooms of a member: neighbours by number share one, and the next room is with others. */
export function roomsOf({ members, roomsEach, membersARoom }: IdleTask, index: number): string[] {
  const rooms = Math.ceil(members / membersARoom);
  return Array.from({ length: roomsEach }, (_, layer) => {
    // In each layer the members are dealt to the rooms in another way.
    const place = layer % 2 === 0 ? Math.floor(index / membersARoom) : index % rooms;
    return `layer-${layer}-${place}`;
  });
}

async function run(task: IdleTask): Promise<IdleResult> {
  const { members, roomsEach } = task;
  const heard = new Uint32Array(members);
  const [startMs, startCpu] = [performance.now(), cpuSeconds()];
  const crowd = await Crowd.join({
    at: task,
    members,
    roomsOf: (index) => roomsOf(task, index),
    heard: (index) => void (heard[index] = (heard[index] ?? 0) + 1),
  });
  const joinSeconds = (performance.now() - startMs) / 1_000;
  const joinLoadCpuSeconds = cpuSeconds() - startCpu;
  console.log("joined");
  await pause(task.settleSeconds * 1_000);
  console.log("settled");
  const idleCpu = cpuSeconds();
  await pause(task.idleSeconds * 1_000);
  const idleLoadCpuSeconds = cpuSeconds() - idleCpu;
  console.log("rested");
  // One message to each room: everybody must still be there and hear as many as they have rooms.
  const firstOf = new Map<string, number>();
  for (let index = members - 1; index >= 0; index--) {
    for (const room of roomsOf(task, index)) firstOf.set(room, index);
  }
  await Promise.all([...firstOf].map(([room, index]) => crowd.say(index, room, "still there?")));
  await pause(1_000);
  const wrong = heard.findIndex((count) => count !== roomsEach);
  return {
    joinSeconds,
    failures: crowd.failures,
    joinLoadCpuSeconds,
    idleLoadCpuSeconds,
    fault: crowd.lost[0] ??
      (wrong < 0 ? null : `member ${wrong} heard ${heard[wrong]} of ${roomsEach} messages`),
  };
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(Deno.args[0] ?? "{}"))));
  Deno.exit(0);
}
