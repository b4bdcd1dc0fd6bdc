/** The page: makes the chat of this browser at the server that the page came from. */
import { render } from "preact";
import { connect, IndexedDbStore } from "../client/mod.ts";
import { parseInvite } from "../protocol/invite.ts";
import { isName, LOBBY } from "../protocol/words.ts";
import { Chat } from "../ui/chat.ts";
import { parsePlace } from "../ui/place.ts";
import { languageOf } from "../ui/words/choose.ts";
import { en } from "../ui/words/en.ts";
import { IndexedDbKeepsakes } from "./keepsakes-indexeddb.ts";
import { wordsOf } from "./language.ts";
import { keepPage } from "./offline-page.ts";
import { Page } from "./page.tsx";

const server = location.origin;

/** What the address bar says besides the server: `?name=`, an invite, a place. */
function wishes() {
  const name = new URL(location.href).searchParams.get("name") ?? undefined;
  const invite = parseInvite(location.href);
  const token = invite.ok ? invite.invite.token : undefined;
  const place = parsePlace(location.hash);
  // The token is kept now; nobody should read it off the screen or send it on with a copied address.
  if (name !== undefined || token !== undefined) {
    history.replaceState(null, "", place === null ? "/" : `/${location.hash}`);
  }
  return { name: name !== undefined && isName(name.trim()) ? name.trim() : undefined, token, place };
}

async function start(): Promise<void> {
  const { name, token, place } = wishes();
  const keepsakes = new IndexedDbKeepsakes(`quicchat ${server}`, (says) => {
    console.warn(`this browser keeps nothing for this page: ${says}`);
  });
  const chat = new Chat({
    keepsakes,
    kept: await keepsakes.load(),
    name,
    token,
    makeClient: (who) => connect(server, { ...who, store: new IndexedDbStore(`quicchat-outbox ${server}`) }),
    find: (client) => (query, before, signal) =>
      client.search(query, { before: before ?? undefined, signal }),
    marker: () => import("../ui/hits.ts").then(({ markHits }) => markHits),
  });
  const page = document.getElementById("page");
  if (page === null) throw new Error("index.html has no place for the page");
  const language = languageOf(chat.settings.current.language, navigator.languages);
  const words = await wordsOf(language).catch(() => en);
  render(<Page model={chat} first={place?.room ?? LOBBY} given={words} />, page);
  // Gone for the others at once, not when the server misses it. A page that the browser puts aside whole
  // (back-forward cache) is loaded anew when it is wanted again.
  addEventListener("pagehide", () => void chat.close());
  addEventListener("pageshow", (event) => {
    if ("persisted" in event && event.persisted === true) location.reload();
  });
  await keepPage();
}

await start();
