import { LOBBY } from "../protocol/words.ts";
import type { ChatRoom } from "./room.ts";
import type { RoomListView, RoomSummary } from "./view.ts";

/** The rooms that one is in as a list: `lobby` first, then by name. */
export function roomList(
  rooms: readonly ChatRoom[],
  current: string | null,
  others: RoomListView["others"],
): RoomListView {
  const summaries = rooms.map(summaryOf).sort((a, b) =>
    Number(b.name === LOBBY) - Number(a.name === LOBBY) || a.name.localeCompare(b.name)
  );
  const joined = new Set(rooms.map(({ name }) => name));
  const counted = summaries.filter(({ notify }) => notify !== "none");
  return {
    rooms: summaries,
    current,
    others: others?.filter(({ name }) => !joined.has(name)) ?? null,
    unread: counted.reduce((sum, { unread }) => sum + unread, 0),
    mentions: counted.reduce((sum, { mentions }) => sum + mentions, 0),
  };
}

function summaryOf(room: ChatRoom): RoomSummary {
  const { name, notify, unread, unsent, hasDraft } = room;
  return {
    name,
    topic: room.topic,
    unread: unread.count,
    unreadMore: unread.more,
    mentions: unread.mentions,
    notify,
    unsent,
    draft: hasDraft,
    refused: room.problem,
  };
}
