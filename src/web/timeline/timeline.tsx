import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Watched } from "../../client/mod.ts";
import type { RoomModel } from "../../ui/models.ts";
import type { ConnectionView, RoomView, Row } from "../../ui/view.ts";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { useWatched } from "../watched.ts";
import { Announcer } from "./announcer.tsx";
import { MessageList, type VListHandle } from "./message-list.ts";
import { RowView } from "./row.tsx";

/** As near to an end, in pixels, as counts for being there. */
const NEAR_END_PX = 40;
/** Older ones are asked for when so much is left above: a page comes before one gets there. */
const OLDER_AHEAD_PX = 1_500;
/** After so many frames what is scrolled to is drawn, or never is. */
const DRAWING_FRAMES = 10;

interface Props {
  readonly room: RoomModel;
  readonly view: RoomView;
  readonly connection: Watched<ConnectionView>;
}

/** The messages of a room: however many, only those in sight are drawn. */
export function Timeline({ room, view, connection }: Props): JSX.Element {
  const words = useWords();
  const list = useRef<VListHandle>(null);
  const box = useRef<HTMLDivElement>(null);
  /** Whether the newest was in sight before this drawing: then it stays in sight. */
  const follows = useRef(true);
  /** Where the list stood when it was last looked at, in pixels. */
  const stood = useRef({ offset: 0, size: 0 });
  const { rows } = view;

  const lastInSight = (): number => {
    const handle = list.current;
    return handle === null ? -1 : handle.findItemIndex(handle.scrollOffset + handle.viewportSize - 8);
  };
  const look = () => {
    const handle = list.current;
    if (handle === null || handle.viewportSize === 0) return;
    const { scrollOffset: offset, scrollSize: size } = handle;
    const left = size - offset - handle.viewportSize;
    // The reader goes up; whatever else puts the end out of sight (what came, what turned out to be taller) does
    // not end the following.
    if (left < NEAR_END_PX) follows.current = true;
    else if (stood.current.offset - offset > Math.max(0, stood.current.size - size) + 1) {
      follows.current = false;
    }
    stood.current = { offset, size };
    if (document.visibilityState === "visible") {
      for (let at = lastInSight(); at >= 0; at--) {
        const row = rows[at];
        if (row?.kind !== "message" || row.message.offset === null) continue;
        room.seen(row.message.offset);
        break;
      }
    }
    if (handle.scrollOffset < OLDER_AHEAD_PX && !view.atBeginning && !view.loading) void room.older();
    if (left < OLDER_AHEAD_PX && !view.atEnd && !view.loading) void room.newer();
  };

  useLayoutEffect(() => {
    if (follows.current && view.atEnd && view.target === null) {
      list.current?.scrollToIndex(rows.length - 1, { align: "end" });
    }
  }, [rows]);
  useEffect(look, [rows, view.loading]);
  useEffect(() => {
    if (view.target === null) return;
    const at = rows.findIndex((row) => row.kind === "message" && row.message.offset === view.target?.offset);
    if (at < 0) return;
    follows.current = false;
    list.current?.scrollToIndex(at, { align: "center" });
  }, [view.target?.jump, view.target === null ? false : rows.length > 0]);
  useEffect(() => {
    const visible = () => look();
    document.addEventListener("visibilitychange", visible);
    return () => document.removeEventListener("visibilitychange", visible);
  });
  // The keyboard on a phone, a window made smaller, a message that grew: what was last in sight stays so.
  const resized = useRef(() => {});
  resized.current = () => {
    if (follows.current && view.atEnd) list.current?.scrollToIndex(rows.length - 1, { align: "end" });
    // Before the first layout nothing is in sight, and a room whose messages all fit is never scrolled.
    look();
  };
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(() => resized.current());
    observer.observe(box.current);
    const inside = box.current.querySelector(".timeline > div");
    if (inside !== null) observer.observe(inside);
    return () => observer.disconnect();
  }, [rows.length === 0]);

  const toNewest = () => {
    follows.current = true;
    room.toNewest();
    list.current?.scrollToIndex(rows.length - 1, { align: "end" });
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === "End") toNewest();
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") step(event.key === "ArrowUp" ? -1 : 1);
    else return;
    event.preventDefault();
  };
  /** Moves the focus from message to message; from outside it begins with the last in sight. */
  const step = (by: 1 | -1, frames = DRAWING_FRAMES) => {
    const messages = box.current === null
      ? []
      : [...box.current.querySelectorAll<HTMLElement>("article.message")];
    const at = messages.findIndex((one) => one.contains(document.activeElement));
    const bottom = box.current?.getBoundingClientRect().bottom ?? 0;
    if (at < 0 && follows.current && frames > 0 && messages.at(-1)?.dataset["key"] !== rows.at(-1)?.key) {
      // On the way to the newest: it is not drawn yet.
      return void requestAnimationFrame(() => step(by, frames - 1));
    }
    const next = at < 0
      ? messages.findLast((one) => one.getBoundingClientRect().top < bottom)
      : messages[at + by];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  return (
    <div class="timeline-box" ref={box}>
      {rows.length === 0 ? <Nothing view={view} connection={connection} /> : (
        <MessageList
          key={view.name}
          ref={list}
          class="timeline"
          role="log"
          aria-label={words.timeline.label(view.name)}
          aria-live="off"
          aria-busy={view.loading}
          tabIndex={0}
          data={rows}
          shift={view.prepended > 0}
          bufferSize={400}
          onScroll={look}
          onKeyDown={keyDown}
        >
          {(row: Row) => (
            <RowView
              key={row.key}
              row={row}
              room={room}
              target={view.target?.offset ?? null}
              todayMs={view.todayMs}
            />
          )}
        </MessageList>
      )}
      <Announcer view={view} />
      {view.atEnd && view.below === 0 ? null : (
        <button type="button" class="to-newest" onClick={toNewest}>
          <Icon name="down" size={16} />
          {view.below > 0 ? words.timeline.newBelow(view.below) : words.timeline.toNewest}
        </button>
      )}
    </div>
  );
}

function Nothing({ view, connection }: Omit<Props, "room">): JSX.Element {
  const words = useWords();
  const { state } = useWatched(connection);
  const isCut = state === "offline" || state === "reconnecting";
  return (
    <div class="nothing">
      <span class="nothing-sign" aria-hidden="true">#</span>
      <p>
        {view.state === "joining" || view.state === "catching-up"
          ? isCut ? words.timeline.offlineEmpty : words.timeline.joining
          : words.timeline.empty}
      </p>
    </div>
  );
}
