/** A member at an IRC server, which tells nobody that a message arrived and sends nobody's own back. */
import { takeLines } from "./irc-lines.ts";
import { Tcp } from "./tcp.ts";
import type { Wire } from "./voice.ts";

/** End of the welcome: of the message of the day, or there is none. */
const WELCOMED = /^\S+ (376|422) /;
/** End of the names of a channel that one has joined. */
const NAMED = /^\S+ 366 /;
const PING = /^PING (.*)$/;
/** Numerics of failures, except that there is no message of the day; and the line that ends a connection. */
const REFUSED = /^(\S+ 4(?!22)\d\d |ERROR )/;
const encoder = new TextEncoder();

export const ircWire: Wire = {
  hasReceipts: false,
  hasEcho: false,
  async join({ name, rooms, ...address }, ears) {
    const channels = rooms.map((room) => `#${room}`);
    const joined = Promise.withResolvers<void>();
    const lost = (says: string) => {
      joined.reject(new Error(says));
      ears.lost(says);
    };
    const tcp = await Tcp.dial(address, lost);
    const say = (line: string) => tcp.push(encoder.encode(`${line}\r\n`));
    let named = 0;
    tcp.listen((bytes) =>
      takeLines(bytes, {
        message: (text) => ears.message(text),
        line: (line) => {
          if (NAMED.test(line) && ++named === channels.length) joined.resolve();
          else if (WELCOMED.test(line)) say(`JOIN ${channels.join(",")}`);
          else if (REFUSED.test(line)) lost(line);
          else if (PING.test(line)) say(line.replace(PING, "PONG $1"));
        },
      })
    );
    say(`NICK ${name}`);
    say(`USER ${name} 0 * :${name}`);
    await joined.promise;
    return {
      say: (number, text) => say(`PRIVMSG ${channels[number % channels.length]} :${text}`),
      leave: () => tcp.close(),
    };
  },
};
