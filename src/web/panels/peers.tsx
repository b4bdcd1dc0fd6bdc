import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Words } from "../../ui/words/en.ts";
import { PEERS, type PeersWords } from "../../ui/words/peers.ts";
import { useWords } from "../language.ts";
import { AuthorMark } from "../timeline/author-mark.tsx";

/** As the peer's own server tells it: `GET /peers`. */
interface PeerState {
  readonly id: string;
  readonly author: string;
  readonly name: string;
  readonly path: {
    readonly isRelayed: boolean;
    readonly rttMs: number | null;
    readonly behind: number;
    readonly ahead: number;
  } | null;
}

const ASK_EVERY_MS = 2_000;

/** The members of a peer's group and how they are reached; nothing where the page's server is no peer. */
export function Peers(): JSX.Element | null {
  const words = useWords();
  const own = PEERS[words.code === "de" ? "de" : "en"];
  const peers = usePeers();
  if (peers === null) return null;
  return (
    <>
      <h2>{own.title}</h2>
      {peers.length === 0 ? <p>{own.none}</p> : (
        <ul class="people-list">
          {peers.map((peer) => (
            <li key={peer.id}>
              <AuthorMark author={peer.author} name={peer.name || "?"} />
              <bdi>{peer.name}</bdi> <code>{peer.id.slice(0, 8)}</code>
              <span class="quiet">{stateOf(peer, own, words)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function stateOf({ path }: PeerState, own: PeersWords, words: Words): string {
  if (path === null) return own.away;
  return [
    path.isRelayed ? own.relayed : own.direct,
    ...(path.rttMs === null ? [] : [words.connection.milliseconds(path.rttMs)]),
    ...(path.behind > 0 ? [own.behind(path.behind)] : []),
    ...(path.ahead > 0 ? [own.ahead(path.ahead)] : []),
  ].join(" · ");
}

/** Asks while it is shown. */
function usePeers(): readonly PeerState[] | null {
  const [peers, setPeers] = useState<readonly PeerState[] | null>(null);
  useEffect(() => {
    let isShown = true;
    const ask = async () => {
      try {
        const response = await fetch("/peers");
        const told: unknown = response.ok ? await response.json() : null;
        if (isShown) setPeers(Array.isArray(told) ? told : null);
      } catch {
        // The peer is gone; the connection's own lines say so.
        if (isShown) setPeers(null);
      }
    };
    ask();
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => {
      isShown = false;
      clearInterval(timer);
    };
  }, []);
  return peers;
}
