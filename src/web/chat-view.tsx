import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { isRoomName } from "../protocol/words.ts";
import type { ChatModel, RoomModel } from "../ui/models.ts";
import { formatPlace, parsePlace } from "../ui/place.ts";
import type { RoomListView } from "../ui/view.ts";
import { problemText } from "../ui/words/choose.ts";
import { Composer } from "./composer/composer.tsx";
import { Icon } from "./icon.tsx";
import { useWords } from "./language.ts";
import { later } from "./later.ts";
import { Connection } from "./panels/connection.tsx";
import { People } from "./panels/people.tsx";
import { RoomHead } from "./rooms/room-head.tsx";
import { shortcutOf } from "./shortcut-keys.ts";
import { useWatched } from "./watched.ts";

// On their way at once, beside what one writes with: a list for 100,000 messages is the largest part of the page, and
// of the rooms one is in one already.
const loadedTimeline = import("./timeline/timeline.tsx");
const loadedRoomList = import("./rooms/room-list.tsx");
const Timeline = later(
  () => loadedTimeline.then(({ Timeline }) => Timeline),
  <div class="timeline-box" />,
);
const RoomList = later(() => loadedRoomList.then(({ RoomList }) => RoomList), <nav class="rooms" />);
const Search = later(() => import("./panels/search.tsx").then(({ Search }) => Search));
const Settings = later(() => import("./panels/settings.tsx").then(({ SettingsPanel }) => SettingsPanel));
const Undone = later(() => import("./timeline/undone.tsx").then(({ Undone }) => Undone));
const Shortcuts = later(() => import("./panels/shortcuts.tsx").then(({ Shortcuts }) => Shortcuts));

/** What is beside the messages, if anything. */
type Beside = "search" | "shortcuts" | null;

/** Everything that one sees once inside: rooms, messages, and where to write. */
export function ChatView(
  { model, name, first }: { model: ChatModel; name: string; first: string },
): JSX.Element {
  const words = useWords();
  const rooms = useWatched(model.rooms);
  const [beside, setBeside] = useState<Beside>(null);
  const [showsRooms, setShowsRooms] = useState(false);
  const current = rooms.current ?? first;
  const room = useMemo(() => model.open(current), [model, current]);
  const view = useWatched(room.view);

  const go = (to: string): boolean => {
    if (!isRoomName(to)) return false;
    model.open(to);
    setShowsRooms(false);
    const place = formatPlace({ room: to, offset: null });
    if (location.hash !== place) history.pushState(null, "", place);
    return true;
  };
  const before = useRef(current);
  useEffect(() => {
    // Who left the room is elsewhere, and stays there when the page is loaded again.
    const isElsewhere = before.current !== current && parsePlace(location.hash)?.room !== current;
    if (isElsewhere) history.replaceState(null, "", formatPlace({ room: current, offset: null }));
    before.current = current;
  }, [current]);
  useEffect(() => {
    const moved = () => {
      const place = parsePlace(location.hash);
      if (place === null) return;
      const there = model.open(place.room);
      if (place.offset !== null) void there.jumpTo(place.offset);
    };
    addEventListener("hashchange", moved);
    addEventListener("popstate", moved);
    moved();
    return () => {
      removeEventListener("hashchange", moved);
      removeEventListener("popstate", moved);
    };
  }, [model]);
  useEffect(() => {
    const keyDown = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      if (shortcut === null) return;
      // Then Escape closes that, which the browser does unless it is kept from it.
      if (event.key === "Escape" && document.querySelector(":popover-open") !== null) return;
      event.preventDefault();
      if (shortcut === "search") setBeside("search");
      else if (shortcut === "help") setBeside((now) => now === "shortcuts" ? null : "shortcuts");
      else if (shortcut === "composer") focusComposer();
      else {
        // As it is now, not as it was drawn last: keys may come faster.
        const now = model.rooms.current;
        go(neighbour(now, now.current ?? first, shortcut === "next-room" ? 1 : -1));
      }
    };
    addEventListener("keydown", keyDown);
    return () => removeEventListener("keydown", keyDown);
  });

  return (
    <div class={`chat ${showsRooms ? "shows-rooms" : ""}`}>
      <a class="skip" href="#composer" onClick={focusComposer}>{words.skip}</a>
      <aside class="side">
        <header class="side-head">
          <img src="/icons/quicchat.svg" alt="" width="28" height="28" />
          <strong>QUICChat</strong>
          <button
            type="button"
            class="quiet-button only-phone"
            aria-label={words.close}
            onClick={() => setShowsRooms(false)}
          >
            <Icon name="close" />
          </button>
        </header>
        <RoomList model={model} view={rooms} go={go} />
        <footer class="side-foot">
          <bdi class="own-name" dir="auto">{name}</bdi>
          <Settings model={model} name={name} showShortcuts={() => setBeside("shortcuts")} />
        </footer>
      </aside>
      <main class="room">
        <header class="bar">
          <button
            type="button"
            class="quiet-button only-phone"
            aria-label={words.rooms.show}
            onClick={() => setShowsRooms(true)}
          >
            <Icon name="menu" />
            {rooms.unread > view.below ? <span class="dot-unread" aria-hidden="true" /> : null}
          </button>
          <RoomHead key={room.name} room={room} view={view} />
          <Connection model={model} unsent={unsentOf(rooms)} />
          <People view={view} />
          <button
            type="button"
            class="quiet-button"
            aria-label={words.search.label}
            title={words.search.label}
            aria-expanded={beside === "search"}
            onClick={() => setBeside(beside === "search" ? null : "search")}
          >
            <Icon name="search" />
          </button>
        </header>
        {view.problem === null ? null : (
          <p class="problem in-room" role="alert">
            {words.timeline.refused} {problemText(view.problem, words)}
          </p>
        )}
        {view.missing === null ? null : (
          <p class="problem in-room" role="alert">
            {words.timeline.missing}{" "}
            <button type="button" class="text-button" onClick={() => room.forgetMissing()}>
              {words.close}
            </button>
          </p>
        )}
        <Timeline key={room.name} room={room} view={view} connection={model.connection} />
        {view.undone.length === 0 ? null : <Undone room={room} undone={view.undone} />}
        <p class="typing" aria-live="off">{words.typing(view.typing)}</p>
        <Composer key={`composer ${room.name}`} room={room} toTimeline={focusTimeline} />
      </main>
      {beside === "search"
        ? (
          <Search
            model={model.search}
            jump={(found) => {
              go(found.room);
              void openRoom(model, found.room)?.jumpTo(found.offset);
              if (matchMedia("(max-width: 1000px)").matches) setBeside(null);
            }}
            close={() => {
              model.search.look("");
              setBeside(null);
            }}
          />
        )
        : null}
      {beside === "shortcuts" ? <Shortcuts close={() => setBeside(null)} /> : null}
    </div>
  );
}

function openRoom(model: ChatModel, room: string): RoomModel | null {
  return model.rooms.current.rooms.some(({ name }) => name === room) ? model.open(room) : null;
}

function neighbour({ rooms }: RoomListView, current: string, by: 1 | -1): string {
  const at = rooms.findIndex(({ name }) => name === current);
  return rooms[(at + by + rooms.length) % rooms.length]?.name ?? current;
}

function unsentOf({ rooms }: RoomListView): number {
  return rooms.reduce((sum, { unsent }) => sum + unsent, 0);
}

function focusComposer(): void {
  document.getElementById("composer")?.focus();
}

function focusTimeline(): void {
  document.querySelector<HTMLElement>(".timeline")?.focus();
}
