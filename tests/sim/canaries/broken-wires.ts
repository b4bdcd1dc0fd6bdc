import type { Tap } from "../wire-tap.ts";

interface Line {
  readonly type: string;
  readonly room?: string;
  readonly seq: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const linesOf = (bytes: Uint8Array) => decoder.decode(bytes).split("\n").filter((line) => line !== "");
const bytesOf = (lines: readonly string[]) => encoder.encode(lines.map((line) => `${line}\n`).join(""));
const untouched = (bytes: Uint8Array) => bytes;

/** What a client says goes out in another order: of two events that follow each other the second first. */
export function reorderedSender(): Tap {
  let kept: string | null = null;
  return {
    in: untouched,
    out(bytes) {
      const passed: string[] = [];
      for (const line of linesOf(bytes)) {
        const { type } = JSON.parse(line) as Line;
        if (type === "CHAT_MESSAGE" && kept === null) kept = line;
        else {
          passed.push(line);
          if (type !== "CHAT_MESSAGE" || kept === null) continue;
          passed.push(kept);
          kept = null;
        }
      }
      return passed.length === 0 ? null : bytesOf(passed);
    },
  };
}

/** Everybody is also told what happens in rooms that he never spoke of. */
export function leakingRooms(): () => Tap {
  let newest: string | null = null;
  return () => {
    let said = "";
    return {
      in(bytes) {
        said += decoder.decode(bytes);
        return bytes;
      },
      out(bytes) {
        const passed: string[] = [];
        for (const line of linesOf(bytes)) {
          passed.push(line);
          const foreign = newest === null ? "" : `"${(JSON.parse(newest) as Line).room}"`;
          if (newest !== null && !said.includes(foreign)) passed.push(newest);
          if ((JSON.parse(line) as Line).type === "CHAT_MESSAGE") newest = line;
        }
        return bytesOf(passed);
      },
    };
  };
}

/** Receipts name the place behind. */
export function wrongReceipts(): Tap {
  return {
    in: untouched,
    out: (bytes) =>
      bytesOf(
        linesOf(bytes).map((line) => {
          const pdu = JSON.parse(line) as Line & { offset?: number };
          return pdu.type === "CHAT_RECEIPT" && pdu.offset !== undefined
            ? JSON.stringify({ ...pdu, offset: pdu.offset + 1 })
            : line;
        }),
      ),
  };
}

/** A receipt is made before the message is even heard. */
export function hastyReceipts(): Tap {
  const hasty: string[] = [];
  return {
    in(bytes) {
      for (const line of decoder.decode(bytes).split("\n")) {
        if (!line.startsWith('{"type":"CHAT_MESSAGE"') || !line.endsWith("}")) continue;
        const { seq, room } = JSON.parse(line) as Line;
        const receipt = { type: "CHAT_RECEIPT", seq, ts: 0, ack: seq, room, epoch: "epoch-1", offset: 1 };
        hasty.push(JSON.stringify(receipt));
      }
      return bytes;
    },
    out: (bytes) => bytesOf([...linesOf(bytes), ...hasty.splice(0)]),
  };
}

/** Deletions are not told. */
export function silentDeletions(): Tap {
  return {
    in: untouched,
    out(bytes) {
      const lines = linesOf(bytes).filter((line) => (JSON.parse(line) as Line).type !== "CHAT_DELETE");
      return lines.length === 0 ? null : bytesOf(lines);
    },
  };
}
