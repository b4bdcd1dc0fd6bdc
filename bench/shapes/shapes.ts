import type { Shape } from "../shape.ts";
import { IDLE_MEMBERS } from "./idle-members.ts";
import { TALK_SHAPES } from "./talk.ts";

/** In the order in which they are measured and shown. */
export const SHAPES: readonly Shape[] = [...TALK_SHAPES, IDLE_MEMBERS];
