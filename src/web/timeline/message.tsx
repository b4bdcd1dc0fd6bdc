import type { JSX } from "preact";
import { memo } from "preact/compat";
import { useRef, useState } from "preact/hooks";
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

/** What can be done with a message: the first, from which arrow keys lead to the others. */
const ACTIONS = ".message-actions button";

/** One message. Drawn anew only when its own view changed. */
export const MessageRow = memo(function MessageRow({ message, room, isTarget }: Props): JSX.Element {
  const words = useWords();
  const article = useRef<HTMLElement>(null);
  const [open, setOpen] = useState(false);
  const [picking, setPicking] = useState(false);
  /** A pointer is over it or the focus in it: only then its nine buttons are drawn. */
  const [near, setNear] = useState(false);
  const time = timeOf(message.tsMs, words.code);
  const look = () => {
    const row = article.current;
    setNear(row !== null && (row.contains(document.activeElement) || row.matches(":hover")));
  };
  const keyDown = (event: KeyboardEvent) => {
    if (message.offset === null) return;
    if (event.key === "Escape" && event.target !== event.currentTarget) {
      setOpen(false);
      focusQuietly(article.current);
      return event.stopPropagation();
    }
    if (event.target !== event.currentTarget) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "r") room.reply(message.offset);
    else if (event.key === "e" && message.mine) room.edit(message.offset);
    else if (event.key === "+") setPicking(true);
    else if (event.key === "Enter") article.current?.querySelector<HTMLElement>(ACTIONS)?.focus();
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
      ref={article}
      class={classes}
      tabIndex={-1}
      data-key={message.key}
      data-offset={message.offset ?? undefined}
      aria-label={words.timeline.said(message.sender, time)}
      onKeyDown={keyDown}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={look}
      onFocusIn={() => setNear(true)}
      // A button that goes away takes the focus with it; what is drawn in its place may take it back.
      onFocusOut={() => void setTimeout(look)}
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
            onDone={() => {
              setOpen(false);
              // What had the focus is gone or about to be; it does not fall out of the list.
              if (article.current?.contains(document.activeElement)) focusQuietly(article.current);
            }}
          />
        )
        : null}
      {picking && message.offset !== null
        ? (
          <EmojiPanel
            onPick={(emoji) => {
              setPicking(false);
              focusQuietly(article.current);
              if (message.offset !== null) room.react(message.offset, emoji, true);
            }}
            onClose={(byKey) => {
              setPicking(false);
              if (byKey) focusQuietly(article.current);
            }}
          />
        )
        : null}
    </article>
  );
});

function focusQuietly(element: HTMLElement | null): void {
  element?.focus({ preventScroll: true });
}

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
