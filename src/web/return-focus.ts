import { useLayoutEffect, useState } from "preact/hooks";

/** When what is drawn goes, the focus goes back to where it was before it came; to the composer if that is gone. */
export function useReturnFocus(): void {
  // While it is drawn first, nothing of it can have taken the focus yet.
  const [before] = useState(() => document.activeElement);
  useLayoutEffect(() => () => {
    // This is told before the elements go, and the focus with them.
    queueMicrotask(() => {
      // Whoever has put it somewhere else meant it.
      if (document.activeElement !== null && document.activeElement !== document.body) return;
      if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
      else document.getElementById("composer")?.focus();
    });
  }, []);
}

/** As an element's `ref`: it has the focus as soon as it is drawn. */
export function takeFocus(element: HTMLElement | null): void {
  element?.focus();
}
