/** What everybody must see in the end, told by itself from what was acknowledged: shares no code with the peers. */

export interface Said {
  readonly peer: string;
  readonly kind: "message" | "edit" | "delete" | "react";
  /** The message's own text, unique in the run; of a change, that of the message which it changes. */
  readonly about: string;
  readonly text: string;
  isAcknowledged: boolean;
}

export interface Shown {
  readonly original: string;
  readonly author: string;
  readonly text: string;
  readonly deleted: boolean;
  readonly reactions: readonly string[];
}

/** What a page shows of the rows of a log: by time, then author; edits by time as well. */
export function shownOf(rows: readonly Record<string, unknown>[]): Shown[] {
  const byPlace = new Map<string, Record<string, unknown>>();
  const order = (a: Record<string, unknown>, b: Record<string, unknown>) =>
    Number(a["ts"]) - Number(b["ts"]) || (String(a["author"]) < String(b["author"]) ? -1 : 1);
  for (const row of rows) byPlace.set(`${row["room"]} ${row["offset"]}`, row);
  const messages = rows.filter((row) => row["type"] === "CHAT_MESSAGE").toSorted(order);
  const changes = rows.filter((row) => row["type"] !== "CHAT_MESSAGE").toSorted(order);
  return messages.map((message) => {
    const original = String(JSON.parse(String(message["body"])).text);
    let text = original;
    let deleted = false;
    const reactions = new Set<string>();
    for (const change of changes) {
      if (byPlace.get(`${change["room"]} ${change["target"]}`) !== message) continue;
      const body = JSON.parse(String(change["body"]));
      if (change["type"] === "CHAT_EDIT") text = body.text;
      else if (change["type"] === "CHAT_DELETE") deleted = true;
      else if (body.on) reactions.add(`${change["author"]} ${body.reaction}`);
      else reactions.delete(`${change["author"]} ${body.reaction}`);
    }
    const author = String(message["author"]);
    return {
      original,
      author,
      text: deleted ? "" : text,
      deleted,
      reactions: deleted ? [] : [...reactions].sort(),
    };
  });
}

/** Why this is not what all must see; null when it is. */
export function whyWrong(said: readonly Said[], shown: ReadonlyMap<string, readonly Shown[]>): string | null {
  let first: readonly [string, readonly string[]] | null = null;
  for (const [peer, messages] of shown) {
    const originals = messages.map(({ original }) => original);
    if (new Set(originals).size !== originals.length) return `${peer} shows a message twice`;
    for (const one of said) {
      if (one.kind === "message" && one.isAcknowledged && !originals.includes(one.text)) {
        return `${peer} does not show "${one.text}", which ${one.peer} was told is kept`;
      }
      const at = messages.find(({ original }) => original === one.about);
      if (one.isAcknowledged && one.kind === "delete" && at !== undefined && !at.deleted) {
        return `${peer} still shows "${one.about}", which was deleted`;
      }
    }
    for (const original of originals) {
      if (!said.some(({ kind, text }) => kind === "message" && text === original)) {
        return `${peer} shows "${original}", which nobody said`;
      }
    }
    const all = messages.map((message) => JSON.stringify(message));
    first ??= [peer, all];
    const [other, theirs] = first;
    const at = Array.from({ length: Math.max(all.length, theirs.length) }, (_, i) => i).find((i) =>
      all[i] !== theirs[i]
    );
    if (at !== undefined) return `message ${at + 1} at ${peer} is ${all[at]}, at ${other} ${theirs[at]}`;
  }
  return null;
}
