import type { DurableEvent } from "./record.ts";

/** A message as it must look to everybody. */
export interface Standing {
  readonly offset: number;
  readonly author: string;
  readonly text: string;
  readonly deleted: boolean;
  /** `reaction author`, sorted. */
  readonly reactions: readonly string[];
}

/** What a reader of the events after an offset must see. */
export function standings(events: readonly DurableEvent[], after: number): Standing[] {
  const messages = new Map<
    number,
    { event: DurableEvent; text: string; deleted: boolean; by: Set<string> }
  >();
  for (const event of events) {
    if (event.offset <= after) continue;
    if (event.type === "CHAT_MESSAGE") {
      messages.set(event.offset, { event, text: event.text ?? "", deleted: false, by: new Set() });
      continue;
    }
    const message = messages.get(event.target ?? 0);
    if (message === undefined || message.deleted) continue;
    const isOwn = message.event.author === event.author;
    if (event.type === "CHAT_EDIT" && isOwn) message.text = event.text ?? "";
    if (event.type === "CHAT_DELETE" && isOwn) {
      message.text = "";
      message.deleted = true;
      message.by.clear();
    }
    if (event.type === "CHAT_REACT") {
      const reaction = `${event.reaction} ${event.author}`;
      if (event.on === true) message.by.add(reaction);
      else message.by.delete(reaction);
    }
  }
  return [...messages.values()].map(({ event, text, deleted, by }) => ({
    offset: event.offset,
    author: event.author,
    text,
    deleted,
    reactions: [...by].sort(),
  }));
}
