import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { RoomModel } from "../../ui/models.ts";
import type { RoomView } from "../../ui/view.ts";
import { useWords } from "../language.ts";
import { takeFocus } from "../return-focus.ts";

/** As many characters as a topic may have (docs/protocol.md, `topicCharsMax`). */
const TOPIC_CHARS_MAX = 200;

/** The name of the room, and what it is about: a click changes that. */
export function RoomHead({ room, view }: { room: RoomModel; view: RoomView }): JSX.Element {
  const words = useWords();
  const [draft, setDraft] = useState<string | null>(null);
  const keep = (event: Event) => {
    event.preventDefault();
    if (draft !== null && draft.trim() !== view.topic) room.setTopic(draft.trim());
    setDraft(null);
  };
  return (
    <div class="room-head">
      <h1 dir="auto">
        <span class="room-sign" aria-hidden="true">#</span>
        <bdi>{view.name}</bdi>
      </h1>
      {draft === null
        ? (
          <button type="button" class="topic" onClick={() => setDraft(view.topic)} title={words.topic.label}>
            <bdi>{view.topic === "" ? words.topic.none : view.topic}</bdi>
          </button>
        )
        : (
          <form class="topic-form" onSubmit={keep}>
            <input
              aria-label={words.topic.label}
              placeholder={words.topic.label}
              dir="auto"
              maxLength={TOPIC_CHARS_MAX}
              value={draft}
              ref={takeFocus}
              onInput={(event) => setDraft(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key !== "Escape") return;
                event.stopPropagation();
                setDraft(null);
              }}
            />
            <button type="submit" class="text-button">{words.topic.keep}</button>
          </form>
        )}
    </div>
  );
}
