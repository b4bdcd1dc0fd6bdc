/** Says whether the promise was kept, from what people's programs wrote down and what the server's file holds. The
 * rules are the simulation's (tests/sim/oracle): what was said and became of it, what readers were shown, what a
 * room must look like. */
import { standings } from "../sim/oracle/projection.ts";
import { ReaderWatch } from "../sim/oracle/reader-watch.ts";
import { Sayings } from "../sim/oracle/sayings.ts";
import type { Rule } from "../sim/oracle/violation.ts";
import type { StoredLog } from "./stored.ts";
import type { Line, View } from "./transcript.ts";

type Receipt = Extract<Line, { do: "stored" }>;

/** One person's evidence. */
export interface Account {
  readonly name: string;
  readonly lines: readonly Line[];
  /** How the rooms looked in the end; empty for who was not there any more. */
  readonly views: readonly View[];
}

type Violate = (rule: Rule, says: string) => void;

export function judge(accounts: readonly Account[], stored: StoredLog, violate: Violate): void {
  const sayings = new Sayings(violate);
  const receipts: { readonly name: string; readonly receipt: Receipt }[] = [];
  for (const [person, { name, lines }] of accounts.entries()) {
    replay(person, name, lines, stored, sayings, violate);
    for (const line of lines) if (line.do === "stored") receipts.push({ name, receipt: line });
  }
  for (const event of stored.events) sayings.stored(event, stored.epoch);
  for (const { name, receipt } of receipts) checkReceipt(name, receipt, stored, violate);
  sayings.check();
  for (const { name, views } of accounts) {
    for (const view of views) checkView(name, view, stored, violate);
  }
}

function replay(
  person: number,
  name: string,
  lines: readonly Line[],
  stored: StoredLog,
  sayings: Sayings,
  violate: Violate,
): void {
  const readers = new Map<string, ReaderWatch>();
  const recordOf = (epoch: string) => epoch === stored.epoch ? stored : undefined;
  for (const line of lines) {
    switch (line.do) {
      case "say":
        sayings.say({ person, name, room: line.room, type: line.type, target: line.target }, line.id);
        break;
      case "stored": {
        const saying = sayings.of(line.id);
        if (saying?.fate === "open") saying.fate = "acknowledged";
        break;
      }
      case "failed": {
        const saying = sayings.of(line.id);
        if (!line.kept && saying?.fate === "open") sayings.refused(saying, line.failure);
        break;
      }
      case "enters": {
        const from = line.from ?? { epoch: undefined, offset: 0 };
        readers.set(line.room, new ReaderWatch(name, line.room, from, recordOf, violate));
        break;
      }
      case "shown":
        readers.get(line.room)?.shown(line);
        break;
      case "status":
        if (line.state === "refused") violate("trouble", `${name} was refused`);
        break;
      case "resumes":
        sayings.loosen(person);
        break;
      case "crashed":
        sayings.crashed(person, line.journal);
        break;
    }
  }
}

/** A receipt names the place where just that stands. */
function checkReceipt(name: string, receipt: Receipt, stored: StoredLog, violate: Violate): void {
  const { id, room, epoch, offset } = receipt;
  const there = stored.at(room, offset);
  const isThere = epoch === stored.epoch && there !== undefined &&
    (there.type === "CHAT_DELETE" || (there.text ?? there.reaction ?? "").startsWith(`#${id} `));
  if (isThere) return;
  violate("acknowledged-is-durable", `#${id} of ${name} has a receipt for ${room} ${epoch} ${offset}`);
}

function checkView(name: string, view: View, stored: StoredLog, violate: Violate): void {
  const { room, epoch, after, offset, topic, messages } = view;
  const events = stored.room(room);
  if (epoch !== stored.epoch || offset !== events.length) {
    violate(
      "same-for-all",
      `${name} is at ${epoch} ${offset} of ${stored.epoch} ${events.length} in ${room}`,
    );
  }
  if (JSON.stringify(messages) !== JSON.stringify(standings(events, after))) {
    violate("same-for-all", `${name} sees another ${room} than it is`);
  }
  const last = events.findLast(({ type }) => type === "CHAT_TOPIC")?.text ?? "";
  if (topic !== last) violate("same-for-all", `to ${name} ${room} is about ${topic}, not ${last}`);
}
