import type { JSX } from "preact";
import type { RoomModel } from "../../ui/models.ts";
import type { Row } from "../../ui/view.ts";
import { dayOf } from "../dates.ts";
import { useWords } from "../language.ts";
import { MessageRow } from "./message.tsx";

interface Props {
  readonly row: Row;
  readonly room: RoomModel;
  readonly target: number | null;
  /** When the day began, in milliseconds since the epoch. */
  readonly todayMs: number;
}

/** One line of the timeline, of whatever kind. */
export function RowView({ row, room, target, todayMs }: Props): JSX.Element {
  const words = useWords();
  switch (row.kind) {
    case "message":
      return (
        <MessageRow
          message={row.message}
          room={room}
          isTarget={target !== null && row.message.offset === target}
        />
      );
    case "day":
      return (
        <div class="day" role="separator">
          <span>{dayOf(row.tsMs, todayMs, words.code, words.timeline)}</span>
        </div>
      );
    case "new":
      return (
        <div class="new-line" role="separator">
          <span>{words.timeline.newSince}</span>
        </div>
      );
    case "topic":
      return <p class="topic-change" dir="auto">{words.topic.set(row.sender, row.text)}</p>;
  }
}
