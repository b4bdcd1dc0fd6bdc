import type { JSX } from "preact";
import type { ChatModel } from "../../ui/models.ts";
import type { ConnectionView } from "../../ui/view.ts";
import { problemText } from "../../ui/words/choose.ts";
import type { Words } from "../../ui/words/en.ts";
import { useWords } from "../language.ts";
import { Peers } from "./peers.tsx";

/** What the connection's panel tells; loaded when somebody opens it. */
export default function Details(
  { model, view, unsent }: { model: ChatModel; view: ConnectionView; unsent: number },
): JSX.Element {
  const words = useWords();
  return (
    <>
      <h2>{words.connection.title}</h2>
      <p>{whyOf(view, words)}</p>
      <dl>
        {view.state === "live"
          ? (
            <>
              <dt>{words.connection.server}</dt>
              <dd>
                <bdi>{view.server}</bdi> · {location.host}
              </dd>
              {view.roundTripMs === null ? null : (
                <>
                  <dt>{words.connection.roundTrip}</dt>
                  <dd>{words.connection.milliseconds(view.roundTripMs)}</dd>
                </>
              )}
            </>
          )
          : null}
        {view.state === "reconnecting"
          ? (
            <>
              <dt>{words.connection.because}</dt>
              <dd>{view.because}</dd>
            </>
          )
          : null}
        {unsent > 0
          ? (
            <>
              <dt>{words.connection.unsent}</dt>
              <dd>{unsent}</dd>
            </>
          )
          : null}
      </dl>
      <Peers />
      {view.state === "live" || view.state === "connecting"
        ? null
        : (
          <button type="button" class="primary" onClick={() => model.reconnect()}>
            {words.connection.now}
          </button>
        )}
    </>
  );
}

function whyOf(view: ConnectionView, words: Words): string {
  if (view.state === "live") {
    return view.link === "websocket" ? words.connection.fallbackWhy : words.connection.quicWhy;
  }
  if (view.state === "refused") return problemText(view.problem, words);
  return words.connection.offlineWhy;
}
