import type { JSX } from "preact";
import type { RoomModel } from "../../ui/models.ts";
import type { MessageView } from "../../ui/view.ts";
import { problemText } from "../../ui/words/choose.ts";
import { Icon, type IconName } from "../icon.tsx";
import { useWords } from "../language.ts";

const PICTURES: Readonly<Record<MessageView["delivery"], IconName>> = {
  queued: "clock",
  sent: "check",
  stored: "stored",
  failed: "warning",
  stale: "warning",
};

/** How far one's own message has come; what failed can be sent again or thrown away. */
export function DeliveryMark(
  { message, room }: { message: MessageView; room: RoomModel },
): JSX.Element | null {
  const words = useWords();
  const { delivery, seq, problem } = message;
  const text = words.message[delivery];
  if (delivery !== "failed" && delivery !== "stale") {
    return (
      <span class={`delivery ${delivery}`} title={text}>
        <Icon name={PICTURES[delivery]} size={14} />
        <span class="unseen">{text}</span>
      </span>
    );
  }
  return (
    <span class={`delivery ${delivery}`}>
      <Icon name="warning" size={14} />
      <span>{problem === null ? text : `${text}: ${problemText(problem, words)}`}</span>
      {seq === null ? null : (
        <>
          <button type="button" class="text-button" onClick={() => room.retry(seq)}>
            {words.message.retry}
          </button>
          <button type="button" class="text-button" onClick={() => room.discard(seq)}>
            {words.message.discard}
          </button>
        </>
      )}
    </span>
  );
}
