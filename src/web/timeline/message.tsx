import type { JSX } from "preact";
import { memo } from "preact/compat";
import { useState } from "preact/hooks";
import type { RoomModel } from "../../ui/models.ts";
import type { MessageView } from "../../ui/view.ts";
import { fullTimeOf, marginTimeOf, timeOf } from "../dates.ts";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { EmojiPanel } from "../emoji/emoji-panel.tsx";
import { AuthorMark } from "./author-mark.tsx";
import { DeliveryMark, DeliveryTrouble, isStuck } from "./delivery-mark.tsx";
import { MessageActions } from "./message-actions.tsx";
import { MessageText } from "./message-text.tsx";
import { Reactions } from "./reactions.tsx";

interface Props {
  readonly message: MessageView;
  readonly room: RoomModel;
  /** Whether a jump led here. */
  readonly isTarget: boolean;
}

/** One message. Drawn anew only when its own view changed. */
export const MessageRow = memo(function MessageRow({ message, room, isTarget }: Props): JSX.Element {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const [picking, setPicking] = useState(false);
  /** A pointer is over it or the focus in it: only then its nine buttons are drawn. */
  const [near, setNear] = useState(false);
  const time = timeOf(message.tsMs, words.code);
  const keyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || message.offset === null) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "r") room.reply(message.offset);
    else if (event.key === "e" && message.mine) room.edit(message.offset);
    else if (event.key === "+") setPicking(true);
    else if (event.key === "Enter") setOpen(!open);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const classes = [
    "message",
    message.first ? "first" : "",
    message.mine ? "mine" : "",
    message.mentionsMe ? "mentions-me" : "",
    isTarget ? "target" : "",
    open || picking ? "open" : "",
  ].filter(Boolean).join(" ");
  return (
    <article
      class={classes}
      tabIndex={-1}
      data-key={message.key}
      data-offset={message.offset ?? undefined}
      aria-label={words.timeline.said(message.sender, time)}
      onKeyDown={keyDown}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={({ currentTarget }) => setNear(currentTarget.contains(document.activeElement))}
      onFocusIn={() => setNear(true)}
      onFocusOut={({ currentTarget, relatedTarget }) => {
        const stays = relatedTarget instanceof Node && currentTarget.contains(relatedTarget);
        setNear(stays || currentTarget.matches(":hover"));
      }}
      onClick={(event) => {
        // A finger has no hover: touching a message shows what can be done with it.
        if (event.target instanceof Element && event.target.closest("button, a") === null) {
          if (matchMedia("(hover: none)").matches) setOpen(!open);
        }
      }}
    >
      {message.first ? <AuthorMark author={message.author} name={message.sender} /> : (
        <time
          class="side-time"
          dateTime={new Date(message.tsMs).toISOString()}
          title={fullTimeOf(message.tsMs, words.code)}
        >
          {marginTimeOf(message.tsMs, words.code)}
        </time>
      )}
      <div class="message-body">
        {message.reply === null ? null : <Quote message={message} room={room} />}
        {message.first
          ? (
            <header class="message-head">
              <bdi class="sender" dir="auto">{message.sender}</bdi>
              <time
                dateTime={new Date(message.tsMs).toISOString()}
                title={fullTimeOf(message.tsMs, words.code)}
              >
                {time}
              </time>
            </header>
          )
          : null}
        {message.deleted ? <p class="deleted">{words.timeline.deleted}</p> : (
          <div class="message-line">
            <MessageText key={message.edited ? message.text : ""} text={message.text} />
            <MessageTail message={message} />
          </div>
        )}
        {isStuck(message) ? <DeliveryTrouble message={message} room={room} /> : null}
        <Reactions message={message} room={room} />
      </div>
      {near || open || picking
        ? (
          <MessageActions
            message={message}
            room={room}
            onMore={() => setPicking(!picking)}
            onDone={() => setOpen(false)}
          />
        )
        : null}
      {picking && message.offset !== null
        ? (
          <EmojiPanel
            onPick={(emoji) => {
              setPicking(false);
              if (message.offset !== null) room.react(message.offset, emoji, true);
            }}
            onClose={() => setPicking(false)}
          />
        )
        : null}
    </article>
  );
});

/** What is to be known of a message's text, behind its last line: so it costs no line of its own. */
function MessageTail({ message }: { message: MessageView }): JSX.Element | null {
  const words = useWords();
  const hasMark = message.mine && !isStuck(message);
  if (!message.edited && !hasMark) return null;
  return (
    <span class="message-tail">
      {message.edited ? <span>{words.timeline.edited}</span> : null}
      {hasMark ? <DeliveryMark delivery={message.delivery} /> : null}
    </span>
  );
}

/** What it answers; leads there. */
function Quote({ message, room }: { message: MessageView; room: RoomModel }): JSX.Element | null {
  const words = useWords();
  const { reply } = message;
  if (reply === null) return null;
  return (
    <button type="button" class="quote" onClick={() => void room.jumpTo(reply.offset)}>
      <Icon name="reply" size={14} />
      {reply.sender === null ? words.timeline.replyUnknown : (
        <>
          <span class="unseen">{words.timeline.replyTo(reply.sender)}</span>
          <bdi class="sender" aria-hidden="true">{reply.sender}</bdi>
          <bdi class="quote-text">{reply.text}</bdi>
        </>
      )}
    </button>
  );
}
