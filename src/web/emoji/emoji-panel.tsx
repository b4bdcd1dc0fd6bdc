import type { ComponentType, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useWords } from "../language.ts";

interface PickerProps {
  readonly onPick: (emoji: string) => void;
}

let Picker: ComponentType<PickerProps> | null = null;

interface Props extends PickerProps {
  /** `byKey`: the focus was inside, and wants a place. */
  readonly onClose: (byKey: boolean) => void;
}

/** The emoji picker, loaded when it is first opened. Escape and a click elsewhere close it. */
export function EmojiPanel({ onPick, onClose }: Props): JSX.Element {
  const words = useWords();
  const panel = useRef<HTMLDivElement>(null);
  const [, redraw] = useState(0);
  const [below, setBelow] = useState(false);
  useLayoutEffect(() => {
    // Above what it belongs to, unless the top of the messages is too near.
    const box = panel.current?.closest(".timeline-box")?.getBoundingClientRect();
    const at = panel.current?.parentElement?.getBoundingClientRect();
    if (box !== undefined && at !== undefined) setBelow(at.top - box.top < box.bottom - at.bottom);
  }, []);
  useEffect(() => {
    if (Picker === null) {
      import("./emoji-picker.tsx").then((loaded) => {
        Picker = loaded.EmojiPicker;
        redraw(1);
      }, () => onClose(true)); // No network and not kept: there is nothing to pick from.
    }
    const elsewhere = (event: PointerEvent) => {
      if (event.target instanceof Node && panel.current?.contains(event.target) === false) onClose(false);
    };
    document.addEventListener("pointerdown", elsewhere);
    return () => document.removeEventListener("pointerdown", elsewhere);
  }, []);
  return (
    <div
      ref={panel}
      class={`emoji-panel ${below ? "below" : ""}`}
      role="group"
      aria-label={words.emoji.title}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose(true);
      }}
    >
      {Picker === null ? <p class="quiet">{words.timeline.loading}</p> : <Picker onPick={onPick} />}
    </div>
  );
}
