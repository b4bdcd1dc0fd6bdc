import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RoomView } from "../../ui/view.ts";
import { useWords } from "../language.ts";

/** As much of a message as one wants to be read out unasked. */
const ANNOUNCED_CHARS = 200;

/** Says new messages of others to screen readers, and nothing of what merely scrolls into sight. */
export function Announcer({ view }: { view: RoomView }): JSX.Element {
  const words = useWords();
  const [said, setSaid] = useState("");
  const last = useRef<{ room: string; offset: number } | null>(null);
  useEffect(() => {
    const newest = view.rows.findLast((row) => row.kind === "message" && row.message.offset !== null);
    if (newest?.kind !== "message" || newest.message.offset === null) return;
    const before = last.current;
    last.current = { room: view.name, offset: newest.message.offset };
    if (before?.room !== view.name || newest.message.offset <= before.offset || !view.atEnd) return;
    if (view.state !== "live" || newest.message.mine) return;
    setSaid(`${newest.message.sender}: ${newest.message.text.slice(0, ANNOUNCED_CHARS)}`);
  }, [view.rows]);
  return (
    <div class="unseen" role="status" aria-live="polite" aria-label={words.timeline.label(view.name)}>
      {said}
    </div>
  );
}
