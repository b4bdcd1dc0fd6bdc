/** What a delivery costs when there are more members, or more rooms.
 *
 * More members: the same number of deliveries and of messages on their way, so that as much is gathered for each
 * member, at ten times the members.
 *
 * More rooms: a session may be in 256 of them, so the members are in four halls that talk one after the other, and
 * every member of a hall is in all of its rooms. Members, messages, those who hear each of them and what is on its way
 * at a time are the same; only that a hall has 250 rooms and each message goes to the next, or that it has one. */
import type { TalkTask } from "../load/task.ts";
import type { Measured } from "../results.ts";
import type { Shape } from "../shape.ts";
import { isQuicchat } from "../staging.ts";
import type { System } from "../system.ts";
import { measureTalk } from "./talk.ts";

const TALK = { shape: "loaded", senders: 10, inFlight: 8, textBytes: 100, rooms: 1, halls: 1 } as const;
const DELIVERIES = 3_000_000;

function withMembers(members: number): TalkTask {
  return { ...TALK, members, messages: DELIVERIES / members };
}

const HALLS = { ...TALK, members: 800, halls: 4, messages: 12_000 };

export const GROWTH_SHAPES: readonly Shape[] = [
  growth({
    shape: "growth-members",
    says: "1,000 members of a room against 100, the same number of deliveries",
    most: 1.3,
    // Beside the yardstick: more connections cost more in this runtime, whatever is said on them.
    isFor: (system) => isQuicchat(system) || system.role === "yardstick",
    few: { says: "100 members", task: withMembers(100) },
    many: { says: "1,000 members", task: withMembers(1_000) },
  }),
  growth({
    shape: "growth-rooms",
    says: "800 members in four halls that talk in turn: of 250 rooms each against one each",
    most: 1.1,
    isFor: isQuicchat,
    few: { says: "4 rooms", task: HALLS },
    many: { says: "1,000 rooms", task: { ...HALLS, rooms: 250 } },
  }),
];

interface Size {
  readonly says: string;
  readonly task: TalkTask;
}

interface Growth {
  readonly shape: string;
  readonly says: string;
  readonly most: number;
  readonly isFor: (system: System) => boolean;
  readonly few: Size;
  readonly many: Size;
}

function growth({ shape, says, most, isFor, few, many }: Growth): Shape {
  return {
    shape,
    says,
    columns: [
      { key: "ratio", head: "CPU a delivery, times", digits: 2, bar: { most } },
      { key: "fewMicros", head: `${few.says}: CPU µs`, digits: 2 },
      { key: "manyMicros", head: `${many.says}: CPU µs`, digits: 2 },
      { key: "fewPerSecond", head: `${few.says}: deliveries/s`, digits: 0 },
      { key: "manyPerSecond", head: `${many.says}: deliveries/s`, digits: 0 },
      { key: "fewLoadPercent", head: `${few.says}: load CPU %`, digits: 0 },
      { key: "manyLoadPercent", head: `${many.says}: load CPU %`, digits: 0 },
      { key: "manyRssMiB", head: `${many.says}: RSS MiB`, digits: 0 },
    ],
    isFor,
    measure: async (system, directory, scale) => {
      const measured = async ({ task }: Size, name: string): Promise<Measured> =>
        await measureTalk(system, `${directory}/${name}`, {
          ...task,
          messages: Math.ceil(task.messages * scale),
        });
      const [one, other] = [await measured(few, "few"), await measured(many, "many")];
      return {
        figures: {
          ratio: (other.figures["serverCpuMicros"] ?? NaN) / (one.figures["serverCpuMicros"] ?? NaN),
          fewMicros: one.figures["serverCpuMicros"] ?? NaN,
          manyMicros: other.figures["serverCpuMicros"] ?? NaN,
          fewPerSecond: one.figures["deliveriesPerSecond"] ?? NaN,
          manyPerSecond: other.figures["deliveriesPerSecond"] ?? NaN,
          fewLoadPercent: one.figures["loadCpuPercent"] ?? NaN,
          manyLoadPercent: other.figures["loadCpuPercent"] ?? NaN,
          manyRssMiB: other.figures["serverRssMiB"] ?? NaN,
        },
        fault: one.fault ?? other.fault,
      };
    },
  };
}
