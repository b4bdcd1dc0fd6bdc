/** IRC as far as a member needs it. */

const NEWLINE = 0x0a;
const COLON = ":".charCodeAt(0);
const SPACE = 0x20;
const decoder = new TextDecoder();
/** PR of PRIVMSG: no other command that has a source begins so. */
const PRIVMSG = [..."PR"].map((letter) => letter.charCodeAt(0));

export interface IrcEars {
  /** A PRIVMSG; `text` gives what is said. */
  message(text: () => string): void;
  line(text: string): void;
}

/** Gives each whole line; returns the bytes that they took. */
export function takeLines(bytes: Uint8Array, ears: IrcEars): number {
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) return at;
    const line = bytes.subarray(at, end);
    // :nick!user@host PRIVMSG #room :text
    const command = line[0] === COLON ? line.indexOf(SPACE) + 1 : -1;
    if (command > 0 && line[command] === PRIVMSG[0] && line[command + 1] === PRIVMSG[1]) {
      ears.message(() => textOf(line));
    } else ears.line(decoder.decode(line).trimEnd());
    at = end + 1;
  }
}

function textOf(line: Uint8Array): string {
  const text = decoder.decode(line).trimEnd();
  return text.slice(text.indexOf(" :") + 2);
}
