import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";

interface Props {
  readonly id: string;
  readonly label: string;
  readonly class?: string;
  /** What the button shows. */
  readonly button: ComponentChildren;
  readonly buttonClass?: string;
  readonly buttonLabel?: string;
  readonly onOpen?: () => void;
  /** Drawn only while it is open. */
  readonly children: (close: () => void) => ComponentChildren;
  readonly open: boolean;
  readonly setOpen: (open: boolean) => void;
}

/** A button and what it opens: beside the page, never over all of it; Escape and a click elsewhere close it. */
export function Popover(props: Props): JSX.Element {
  const panel = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    panel.current?.hidePopover();
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={props.buttonClass ?? "quiet-button"}
        aria-label={props.buttonLabel}
        title={props.buttonLabel}
        aria-expanded={props.open}
        popovertarget={props.id}
      >
        {props.button}
      </button>
      <div
        ref={panel}
        id={props.id}
        popover="auto"
        role="group"
        aria-label={props.label}
        class={`popover ${props.class ?? ""}`}
        onToggle={(event) => {
          const open = event.newState === "open";
          const { bottom = 0 } = button.current?.getBoundingClientRect() ?? {};
          panel.current?.style.setProperty("--button-bottom", `${Math.round(bottom)}px`);
          props.setOpen(open);
          if (open) props.onOpen?.();
        }}
      >
        {props.open ? props.children(close) : null}
      </div>
    </>
  );
}
