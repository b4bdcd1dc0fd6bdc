import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ChatModel } from "../../ui/models.ts";
import type { ConnectionView } from "../../ui/view.ts";
import type { Words } from "../../ui/words/en.ts";
import { useWords } from "../language.ts";
import { later } from "../later.ts";
import { Popover } from "../popover.tsx";
import { useWatched } from "../watched.ts";

const Details = later(() => import("./connection-details.tsx").then((part) => part.default));

/** How one is connected, as a dot and a word; opens the details. Nothing here ever stands in the way. */
export function Connection({ model, unsent }: { model: ChatModel; unsent: number }): JSX.Element {
  const words = useWords();
  const view = useWatched(model.connection);
  const [open, setOpen] = useState(false);
  const seconds = useCountdown(view);
  const state = stateOf(view, seconds, words);
  return (
    <Popover
      id="connection"
      label={words.connection.title}
      buttonLabel={`${words.connection.title}: ${state}`}
      buttonClass={`quiet-button connection ${view.state} ${isFallback(view) ? "fallback" : ""}`}
      button={
        <>
          <span class="dot" aria-hidden="true" />
          <span class="connection-word">{state}</span>
        </>
      }
      open={open}
      setOpen={setOpen}
    >
      {() => <Details model={model} view={view} unsent={unsent} />}
    </Popover>
  );
}

function isFallback(view: ConnectionView): boolean {
  return view.state === "live" && view.link === "websocket";
}

function stateOf(view: ConnectionView, seconds: number, words: Words): string {
  switch (view.state) {
    case "live": {
      const link = isFallback(view) ? words.connection.fallback : words.connection.quic;
      return view.roundTripMs === null
        ? link
        : `${link} · ${words.connection.milliseconds(view.roundTripMs)}`;
    }
    case "reconnecting":
      return words.connection.reconnecting(seconds);
    default:
      return words.connection[view.state];
  }
}

/** Whole seconds to the next attempt. */
function useCountdown(view: ConnectionView): number {
  const untilMs = view.state === "reconnecting" ? view.retryAtMs : 0;
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    if (untilMs === 0) return;
    setNowMs(Date.now());
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [untilMs]);
  return Math.max(0, Math.ceil((untilMs - nowMs) / 1_000));
}
