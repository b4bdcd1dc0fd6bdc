import type { Shape } from "../shape.ts";
import { bigRoom } from "./big-room.ts";
import { idleMembers } from "./idle-members.ts";
import { idle } from "./idle.ts";
import { storm } from "./storm.ts";
import { TALK_SHAPES } from "./talk.ts";

/** In the order in which they are measured and shown. */
export const SHAPES: readonly Shape[] = [...TALK_SHAPES, idleMembers, idle, storm, bigRoom];
