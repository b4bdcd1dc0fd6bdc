import type { Shape } from "../shape.ts";
import { TALK_SHAPES } from "./talk.ts";

/** In the order in which they are measured and shown. */
export const SHAPES: readonly Shape[] = [...TALK_SHAPES];
