import type { Draft, OutboxItem } from "../client/mod.ts";
import { problemOf } from "./problem.ts";
import type { UndoneView } from "./view.ts";

const WHAT: Readonly<Record<Draft["type"], UndoneView["what"] | null>> = {
  CHAT_MESSAGE: null,
  CHAT_EDIT: "edit",
  CHAT_DELETE: "delete",
  CHAT_REACT: "react",
  CHAT_TOPIC: "topic",
};

/** What of a room's events without a receipt has no message to be shown at, and waits for a word. Pure. */
export function undoneOf(room: string, items: readonly OutboxItem[]): readonly UndoneView[] {
  return items.flatMap(({ seq, draft, state, failure }) => {
    const what = WHAT[draft.type];
    if (draft.room !== room || what === null || (state !== "failed" && state !== "stale")) return [];
    const offset = "target" in draft ? draft.target : null;
    return { seq, what, offset, delivery: state, problem: failure === undefined ? null : problemOf(failure) };
  });
}
