/** The small checked words of the wire: names, rooms, devices, texts. */
import * as v from "valibot";
import { LIMITS } from "./limits.ts";

const encoder = new TextEncoder();

/** Length in UTF-8 without encoding where the UTF-16 length already decides. */
export function utf8BytesAtMost(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return false;
  if (text.length * 3 <= bytesMax) return true;
  return encoder.encode(text).length <= bytesMax;
}

/** Whether a message's text is short enough; else its failure is `text-too-large`. The second bound is for
 * texts full of control characters, which take six bytes each in JSON: without it the event, to which the
 * server adds sender, author, room and offset, could be a longer PDU than any reader accepts. */
export function textFits(text: string): boolean {
  if (!utf8BytesAtMost(text, LIMITS.textBytesMax)) return false;
  if (text.length * 6 + 2 <= LIMITS.textJsonBytesMax) return true;
  return utf8BytesAtMost(JSON.stringify(text), LIMITS.textJsonBytesMax);
}

/** Control characters and line separators would let a name break out of its line in a terminal or log,
 * bidirectional overrides and isolates would turn what stands beside it around. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

function isOneLine(text: string, charsMax: number): boolean {
  return text.length > 0 && text.length <= charsMax && text.isWellFormed() && text.trim() === text &&
    !CONTROL.test(text);
}

/** Whether a person may be called this: 1 to 64 characters of one line, no space at either end. */
export function isName(text: string): boolean {
  return isOneLine(text, LIMITS.nameCharsMax);
}

/** Whether a room may be called this: as a person's name, and in Unicode's NFC so that what looks the same
 * is the same room. */
export function isRoomName(text: string): boolean {
  return isOneLine(text, LIMITS.roomCharsMax) && text.normalize("NFC") === text;
}

/** Whether a room may be about this: one line, or nothing. */
export function isTopic(text: string): boolean {
  return text === "" || isOneLine(text, LIMITS.topicCharsMax);
}

/** The room that a PDU without `room` means. */
export const LOBBY = "lobby";

export const Name = v.pipe(v.string(), v.check(isName, "must be 1 to 64 characters of one line"));
export const RoomName = v.pipe(
  v.string(),
  v.check(isRoomName, "must be 1 to 64 characters of one line, in NFC"),
);
export const TopicText = v.pipe(
  v.string(),
  v.check(isTopic, "must be empty or at most 200 characters of one line"),
);
/** 128 random bits as 32 hexadecimal digits; a secret between one outbox and the server. */
export const Device = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, "must be 32 hexadecimal digits"));
/** Its size is checked apart, since too long a text has a failure of its own. */
export const Text = v.pipe(v.string(), v.check((text) => text.isWellFormed(), "must be well-formed Unicode"));
export const Reaction = v.pipe(
  v.string(),
  v.minLength(1),
  v.check(
    (text) => text.isWellFormed() && !CONTROL.test(text) && utf8BytesAtMost(text, LIMITS.reactionBytesMax),
    "must be at most 64 bytes of one line",
  ),
);
/** A counting number that JSON carries exactly. */
export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** The offset of an event that exists: at least 1. */
export const Offset = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** Seconds since the epoch, as the original sends them. */
export const Seconds = v.pipe(v.number(), v.finite());
