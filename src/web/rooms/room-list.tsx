import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatPlace } from "../../ui/place.ts";
import type { ChatModel } from "../../ui/models.ts";
import type { RoomListView, RoomSummary } from "../../ui/view.ts";
import { problemText } from "../../ui/words/choose.ts";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { RoomMenu } from "./room-menu.tsx";

interface Props {
  readonly model: ChatModel;
  readonly view: RoomListView;
  /** False where it is no name for a room. */
  readonly go: (room: string) => boolean;
}

/** The rooms that one is in, and the way into others. */
export function RoomList({ model, view, go }: Props): JSX.Element {
  const words = useWords();
  return (
    <nav class="rooms" aria-label={words.rooms.title}>
      <ul class="room-list">
        {view.rooms.map((room) => (
          <li key={room.name} class={room.name === view.current ? "current" : ""}>
            <RoomLink room={room} isCurrent={room.name === view.current} go={go} />
            <RoomMenu model={model} room={room} isOnly={view.rooms.length === 1} />
          </li>
        ))}
      </ul>
      <FindRoom model={model} view={view} go={go} />
    </nav>
  );
}

function RoomLink(
  { room, isCurrent, go }: { room: RoomSummary; isCurrent: boolean; go: Props["go"] },
): JSX.Element {
  const words = useWords();
  const unread = `${room.unread}${room.unreadMore ? "+" : ""}`;
  return (
    <a
      class={`room-link ${room.unread > 0 ? "has-unread" : ""}`}
      href={formatPlace({ room: room.name, offset: null })}
      aria-current={isCurrent ? "page" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(room.name);
      }}
    >
      <span class="room-sign" aria-hidden="true">#</span>
      <bdi class="room-name">{room.name}</bdi>
      {room.refused === null ? null : (
        <span class="badge warning" title={problemText(room.refused, words)}>
          <Icon name="warning" size={14} />
          <span class="unseen">{problemText(room.refused, words)}</span>
        </span>
      )}
      {room.draft && !isCurrent
        ? (
          <span class="badge" title={words.rooms.draft}>
            <Icon name="edit" size={12} />
            <span class="unseen">{words.rooms.draft}</span>
          </span>
        )
        : null}
      {room.unsent > 0
        ? (
          <span class="badge" title={words.rooms.unsent(room.unsent)}>
            <Icon name="clock" size={12} />
            <span class="unseen">{words.rooms.unsent(room.unsent)}</span>
          </span>
        )
        : null}
      {room.mentions > 0
        ? (
          <span class="badge mention">
            <span aria-hidden="true">@{room.mentions}</span>
            <span class="unseen">{words.rooms.mentions(room.mentions)}</span>
          </span>
        )
        : room.unread > 0
        ? (
          <span class="badge count">
            <span aria-hidden="true">{unread}</span>
            <span class="unseen">{words.rooms.unread(unread)}</span>
          </span>
        )
        : null}
    </a>
  );
}

function FindRoom({ model, view, go }: Props): JSX.Element {
  const words = useWords();
  const [wanted, setWanted] = useState("");
  const [isBad, setBad] = useState(false);
  const [looked, setLooked] = useState(false);
  const look = () => {
    if (looked) return;
    setLooked(true);
    // Without a connection the list stays as it is; a room can be made all the same.
    model.lookAround().catch(() => setLooked(false));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const name = wanted.trim().replace(/^#/, "").normalize("NFC");
    if (name === "") return;
    // What can't be a room's name stays in the field, to be mended.
    const isGone = go(name);
    setBad(!isGone);
    if (isGone) setWanted("");
  };
  const folded = wanted.trim().toLocaleLowerCase();
  const others = (view.others ?? []).filter(({ name }) => name.toLocaleLowerCase().includes(folded));
  return (
    <form class="find-room" onSubmit={submit}>
      <label class="unseen" for="find-room">{words.rooms.find}</label>
      <div class="find-room-line">
        <input
          id="find-room"
          dir="auto"
          maxLength={64}
          autocomplete="off"
          placeholder={words.rooms.find}
          value={wanted}
          onFocus={look}
          aria-invalid={isBad}
          aria-describedby="find-room-says"
          onInput={(event) => {
            setBad(false);
            setWanted(event.currentTarget.value);
          }}
        />
        <button type="submit" class="quiet-button" aria-label={words.rooms.join} title={words.rooms.join}>
          <Icon name="plus" />
        </button>
      </div>
      <p id="find-room-says" class="problem" role="status">{isBad ? words.rooms.badName : ""}</p>
      {others.length === 0 ? null : (
        <>
          <p class="list-title">{words.rooms.others}</p>
          <ul class="other-rooms">
            {others.slice(0, 50).map(({ name, here }) => (
              <li key={name}>
                <button type="button" class="room-link" onClick={() => go(name)}>
                  <span class="room-sign" aria-hidden="true">#</span>
                  <bdi class="room-name">{name}</bdi>
                  {here === 0 ? null : (
                    <span class="badge" title={words.rooms.here(here)}>
                      <Icon name="people" size={14} />
                      {here}
                    </span>
                  )}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </form>
  );
}
