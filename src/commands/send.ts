import process from "node:process";
import { createInterface } from "node:readline";
import { ClassicClient } from "../client/classic.ts";
import type { Client } from "../client/client.ts";
import { connect } from "../client/connect.ts";
import { denoDial } from "../client/dial/dial-deno.ts";
import { ChatFailure, saysOf } from "../client/failure.ts";
import { has } from "./arguments.ts";
import { type Command, type Given, Trouble, UsageError } from "./command.ts";
import { shown } from "./shown.ts";
import { losePatience } from "./patience.ts";
import {
  PROTOCOL_FLAG,
  SERVER_FLAGS,
  type Target,
  targetOf,
  troubleOf,
  TRUST_FLAGS,
} from "./server-flags.ts";

/** Lines read ahead of their receipts: enough to keep the server busy, few enough that a long input does not
 * gather in memory. */
const AHEAD_MAX = 256;

export const send: Command = {
  name: "send",
  summary: "Send a message, or each line of the input as one",
  words: "TEXT|-",
  wordsMax: 1,
  flags: {
    ...SERVER_FLAGS,
    json: { says: "print each receipt as a line of JSON" },
    protocol: PROTOCOL_FLAG,
    ...TRUST_FLAGS,
  },
  notes: `Ends with 0 only when the server has stored everything. With - in place of TEXT each line
of the input is a message (empty ones are left out); when the server goes away and comes
back meanwhile, it goes on where it was and nothing is sent twice.

  quicchat send "Dinner is ready"
  dmesg --follow | quicchat send --room logs --name kernel -`,
  run: runSend,
};

/** Something that takes texts one after the other. */
interface Sender {
  /** Resolves with the receipt, as a PDU, when the text is stored. */
  send(text: string): Promise<object>;
  /** Rejects when there is no hope left; never resolves. */
  readonly hopeless: Promise<never>;
  close(): Promise<void>;
}

async function runSend(given: Given): Promise<number> {
  const [text] = given.words;
  if (text === undefined || text === "") {
    throw new UsageError(`what shall be sent? quicchat send "a text", or - to read lines from the input`);
  }
  const target = await targetOf(given);
  const sender = target.wire === "chat/0" ? await classicSender(target) : ourSender(target);
  const print = has(given, "json") ? (receipt: object) => console.log(JSON.stringify(receipt)) : () => {};
  try {
    if (text === "-") return await sendLines(sender, print);
    print(await Promise.race([sender.send(text), sender.hopeless]));
    return 0;
  } catch (error) {
    throw troubleOf(error);
  } finally {
    await sender.close();
  }
}

/** Sends every line of the input. A line that is refused does not keep the others. */
async function sendLines(sender: Sender, print: (receipt: object) => void): Promise<number> {
  const waiting = new Set<Promise<void>>();
  let refused = 0;
  let lineNumber = 0;
  const tell = (number: number, error: unknown) => {
    // One that is only not acknowledged yet is counted at the end.
    if (error instanceof ChatFailure && error.kept) return;
    refused++;
    console.error(`quicchat: line ${number} was not sent: ${shown(saysOf(error))}`);
  };
  try {
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
      const number = ++lineNumber;
      if (line === "") continue;
      const sent: Promise<void> = sender.send(line).then(print, (error) => tell(number, error))
        .finally(() => waiting.delete(sent));
      waiting.add(sent);
      while (waiting.size >= AHEAD_MAX) await Promise.race([...waiting, sender.hopeless]);
    }
    await Promise.race([Promise.all(waiting), sender.hopeless]);
  } catch (error) {
    throw new Trouble(
      `${saysOf(error)} The last ${waiting.size} lines read have no receipt: they may be stored or not.`,
    );
  }
  if (refused > 0) throw new Trouble(`${refused} of ${lineNumber} lines were not sent`);
  return 0;
}

function ourSender(target: Target): Sender {
  const { address, name, token, trust } = target;
  // What the input says stays worth saying, however long the server was away.
  const client: Client = connect(address.origin, {
    name,
    token,
    deno: trust,
    askAfterMs: Number.MAX_SAFE_INTEGER,
  });
  const room = client.room(target.room);
  return {
    send: async (text) => {
      const { seq, ...place } = await room.send(text);
      return { type: "CHAT_RECEIPT", ack: seq, ...place };
    },
    hopeless: losePatience(client, { ...target, origin: address.origin }),
    close: async () => {
      await client.close();
      await client.goodbye;
    },
  };
}

async function classicSender(target: Target): Promise<Sender> {
  const client = await classicClient(target);
  let lastAck = 0;
  return {
    send: async (text) => {
      await client.send(text);
      return { type: "CHAT_RECEIPT", ack: ++lastAck };
    },
    // Its sends reject when the connection ends: the original's wire can't go on in another one.
    hopeless: new Promise(() => {}),
    close: async () => {
      client.close();
      // The goodbye has to be written before the process ends.
      await new Promise((resolve) => setTimeout(resolve, 100));
    },
  };
}

/** A chat/0 session, greeted. Throws `Trouble`. */
export async function classicClient(target: Target): Promise<ClassicClient> {
  const { address, name, trust, firstWaitMs } = target;
  try {
    const signal = AbortSignal.timeout(firstWaitMs);
    const link = await denoDial(address, trust)({ signal, attempt: 1 });
    const client = new ClassicClient(link, { name });
    await client.welcome;
    return client;
  } catch (error) {
    throw new Trouble(`no connection to ${address.origin}: ${saysOf(error)}`);
  }
}
