import { useEffect, useState } from "preact/hooks";
import type { Watched } from "../client/mod.ts";

/** The current value of a view model; draws anew when it is replaced. */
export function useWatched<T>(watched: Watched<T>): T {
  const [, redraw] = useState<T>(watched.current);
  useEffect(() => {
    // It may have changed between drawing and now.
    redraw(() => watched.current);
    return watched.subscribe((value) => redraw(() => value));
  }, [watched]);
  return watched.current;
}
