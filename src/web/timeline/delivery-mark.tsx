import type { JSX } from "preact";
import type { RoomModel } from "../../ui/models.ts";
import type { Delivery, MessageView } from "../../ui/view.ts";
import { problemText } from "../../ui/words/choose.ts";
import { Icon, type IconName } from "../icon.tsx";
import { useWords } from "../language.ts";

const PICTURES: Readonly<Record<Delivery, IconName>> = {
  queued: "clock",
  sent: "check",
  stored: "stored",
  failed: "warning",
  stale: "warning",
};

/** Whether an own message waits for its author to decide. */
export function isStuck({ delivery }: MessageView): boolean {
  return delivery === "failed" || delivery === "stale";
}

/** How far one's own message has come. */
export function DeliveryMark({ delivery }: { delivery: Delivery }): JSX.Element {
  const text = useWords().message[delivery];
  return (
    <span class={`delivery ${delivery}`} title={text}>
      <Icon name={PICTURES[delivery]} size={14} />
      <span class="unseen">{text}</span>
    </span>
  );
}

/** Why a message was not sent, and what can be done: send it again, or throw it away. */
export function DeliveryTrouble({ message, room }: { message: MessageView; room: RoomModel }): JSX.Element {
  const words = useWords();
  const { delivery, seq, problem } = message;
  const text = words.message[delivery];
  return (
    <div class="delivery-trouble">
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
    </div>
  );
}
