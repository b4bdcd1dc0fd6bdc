/** What its user wants of a peer that runs, told by a second start on its directory: whoever may write there is that user. */
import * as v from "valibot";
import { readPrivate, writePrivate } from "../server/private-file.ts";
import { SetupFailure } from "../server/setup-failure.ts";

const WISHES_FILE = "peer.wishes.json";
/** How often the running one looks, and how long the other waits for it. */
export const LOOK_MS = 1_000;
const TAKEN_MS = 5_000;
const TAKEN_LOOK_MS = 100;

const Keys = v.pipe(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{8,64}$/))), v.readonly());
const Wishes = v.object({ remove: Keys, mute: Keys });

/** Members to keep out and authors not to show, by the beginnings of their keys. */
export type Wishes = v.InferOutput<typeof Wishes>;

/** True when the peer that runs has taken them. Throws `SetupFailure`. */
export async function leaveWishes(directory: string, wishes: Wishes): Promise<boolean> {
  await writePrivate(directory, WISHES_FILE, JSON.stringify(wishes) + "\n");
  for (let ms = 0; ms < TAKEN_MS; ms += TAKEN_LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, TAKEN_LOOK_MS));
    if (await readPrivate(`${directory}/${WISHES_FILE}`) === null) return true;
  }
  // Nobody shall find them later, when they are forgotten.
  await Deno.remove(`${directory}/${WISHES_FILE}`).catch(() => {}); // It was taken in this moment.
  return false;
}

/** Null when there are none. Throws `SetupFailure`. */
export async function takeWishes(directory: string): Promise<Wishes | null> {
  const path = `${directory}/${WISHES_FILE}`;
  const text = await readPrivate(path);
  if (text === null) return null;
  try {
    await Deno.remove(path);
    return v.parse(Wishes, JSON.parse(text));
  } catch (error) {
    throw new SetupFailure(`${path} holds no wishes of this version (${String(error)})`);
  }
}
