import type { Shape } from "../shape.ts";
import { bigRoom } from "./big-room.ts";
import { GROWTH_SHAPES } from "./growth.ts";
import { idleMembers } from "./idle-members.ts";
import { idle } from "./idle.ts";
import { longLog } from "./long-log.ts";
import { storm } from "./storm.ts";
import { TALK_SHAPES } from "./talk.ts";
import { upload } from "./upload.ts";
import { webTransport } from "./webtransport.ts";

/** In the order in which they are measured and shown. */
export const SHAPES: readonly Shape[] = [
  ...TALK_SHAPES,
  webTransport,
  idleMembers,
  idle,
  storm,
  bigRoom,
  ...GROWTH_SHAPES,
  longLog,
  upload,
];
