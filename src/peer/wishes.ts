/** What its user wants of a peer that runs, told by a second start on its directory: whoever may write there is that user. */
import * as v from "valibot";
import { readPrivate, writePrivate } from "../server/private-file.ts";
import { SetupFailure } from "../server/setup-failure.ts";

const WISHES_FILE = "peer.wishes.json";
/** What became of them, for whoever left them. */
const ANSWER_FILE = "peer.wishes.answer.json";
/** How often the running one looks, and how long the other waits for its answer. */
export const LOOK_MS = 1_000;
const ANSWER_MS = 5_000;
const ANSWER_LOOK_MS = 100;

const Keys = v.pipe(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{8,64}$/))), v.readonly());
const Wishes = v.object({ remove: Keys, mute: Keys });
const Answer = v.object({ refused: v.nullable(v.string()) });

/** Members to keep out and authors not to show, by the beginnings of their keys. */
export type Wishes = v.InferOutput<typeof Wishes>;
/** `refused`: why none of it was done, or null. */
export type Answer = v.InferOutput<typeof Answer>;

/** What the peer that runs says to them; null: nobody took them. Throws `SetupFailure`. */
export async function leaveWishes(directory: string, wishes: Wishes): Promise<Answer | null> {
  const answer = `${directory}/${ANSWER_FILE}`;
  await removeIfThere(answer); // Of somebody who did not wait for it.
  await writePrivate(directory, WISHES_FILE, JSON.stringify(wishes) + "\n");
  for (let ms = 0; ms < ANSWER_MS; ms += ANSWER_LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, ANSWER_LOOK_MS));
    const text = await readPrivate(answer);
    if (text === null) continue;
    await removeIfThere(answer);
    return v.parse(Answer, JSON.parse(text));
  }
  // Nobody shall find them later, when they are forgotten.
  await removeIfThere(`${directory}/${WISHES_FILE}`);
  return null;
}

/** Takes what was left, if anything, and answers. Throws what kept it from being granted, or `SetupFailure`. */
export async function grantWishes(
  directory: string,
  grant: (wishes: Wishes) => Promise<void>,
): Promise<void> {
  const path = `${directory}/${WISHES_FILE}`;
  const text = await readPrivate(path);
  if (text === null) return;
  // First, so that they are granted once, whatever happens.
  await Deno.remove(path);
  let refused: string | null = null;
  try {
    await grant(wishesIn(text));
  } catch (error) {
    refused = error instanceof Error ? error.message : String(error);
    throw error;
  } finally {
    await writePrivate(directory, ANSWER_FILE, JSON.stringify({ refused }) + "\n");
  }
}

function wishesIn(text: string): Wishes {
  try {
    return v.parse(Wishes, JSON.parse(text));
  } catch {
    throw new SetupFailure(
      `${WISHES_FILE} holds no wishes of this version: start both with the same QUICChat`,
    );
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
