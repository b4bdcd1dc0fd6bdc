import type { JSX, TargetedKeyboardEvent } from "preact";
import { useState } from "preact/hooks";
import { formatPlace } from "../../ui/place.ts";
import type { RoomModel } from "../../ui/models.ts";
import type { MessageView } from "../../ui/view.ts";
import { Icon, type IconName } from "../icon.tsx";
import { useWords } from "../language.ts";
import { takeFocus } from "../return-focus.ts";

/** What most people react with; any other comes from the picker. */
const QUICK = ["👍", "❤️", "😂", "🎉"] as const;

interface Props {
  readonly message: MessageView;
  readonly room: RoomModel;
  readonly onMore: () => void;
  /** One was chosen that ends here. */
  readonly onDone: () => void;
}

/** What can be done with a stored message, beside it. */
export function MessageActions({ message, room, onMore, onDone }: Props): JSX.Element | null {
  const words = useWords();
  const [sure, setSure] = useState(false);
  const [copied, setCopied] = useState(false);
  const { offset, mine, reactions } = message;
  if (offset === null || message.deleted) return null;
  const copyLink = async () => {
    const link = new URL(formatPlace({ room: room.name, offset }), location.origin);
    await navigator.clipboard?.writeText(link.href);
    setCopied(true);
  };
  const ended = (act: () => void) => {
    act();
    onDone();
  };
  if (sure) {
    return (
      <div class="message-actions" role="group" aria-label={words.message.deleteSure}>
        <span class="sure">{words.message.deleteSure}</span>
        <button
          ref={takeFocus}
          type="button"
          class="text-button danger"
          onClick={() => ended(() => room.delete(offset))}
        >
          {words.message.delete}
        </button>
        <button type="button" class="text-button" onClick={() => ended(() => setSure(false))}>
          {words.message.keep}
        </button>
      </div>
    );
  }
  return (
    <div class="message-actions" role="toolbar" aria-label={words.message.actions} onKeyDown={walk}>
      {QUICK.map((emoji) => {
        const isMine = reactions.some((one) => one.reaction === emoji && one.mine);
        return (
          <button
            key={emoji}
            type="button"
            class="quick-reaction"
            aria-label={`${words.message.react} ${emoji}`}
            aria-pressed={isMine}
            onClick={() => ended(() => room.react(offset, emoji, !isMine))}
          >
            {emoji}
          </button>
        );
      })}
      <Action icon="smile" label={words.message.react} act={onMore} />
      <Action icon="reply" label={words.message.reply} act={() => ended(() => room.reply(offset))} />
      {mine
        ? <Action icon="edit" label={words.message.edit} act={() => ended(() => room.edit(offset))} />
        : null}
      {mine ? <Action icon="trash" label={words.message.delete} act={() => setSure(true)} /> : null}
      <Action
        icon={copied ? "check" : "link"}
        label={copied ? words.message.linkCopied : words.message.link}
        act={() => void copyLink()}
      />
    </div>
  );
}

/** Left and right lead through the buttons, as in every toolbar. */
function walk(event: TargetedKeyboardEvent<HTMLElement>): void {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const at = buttons.findIndex((button) => button === document.activeElement);
  buttons[(at + by + buttons.length) % buttons.length]?.focus();
}

function Action({ icon, label, act }: { icon: IconName; label: string; act: () => void }): JSX.Element {
  return (
    <button type="button" class="action" aria-label={label} title={label} onClick={act}>
      <Icon name={icon} size={18} />
    </button>
  );
}
