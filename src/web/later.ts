import { type ComponentType, createElement, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/**
 * A part of the page that is loaded when it is first drawn; `meanwhile` stands in its place until it has come. (The
 * `lazy` and `Suspense` of preact/compat are 5 kB of what is waited for before one can write.)
 */
export function later<P extends object>(
  load: () => Promise<ComponentType<P>>,
  meanwhile: JSX.Element | null = null,
): (props: P) => JSX.Element | null {
  let part: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [drawn, draw] = useState(() => part);
    useEffect(() => {
      if (drawn !== null) return;
      load().then(
        (loaded) => draw(() => part = loaded),
        // Not kept and no network: the next time that it is drawn tries again.
        (error) => console.warn("a part of the page could not be loaded", error),
      );
    }, []);
    return drawn === null ? meanwhile : createElement(drawn, props);
  };
}
