/** A member of rooms (XEP-0045) at an XMPP server that lets guests in. A room sends everybody's messages to everybody,
 * their sender too, and that is all the receipt there is. */
import { Tcp } from "./tcp.ts";
import type { Wire } from "./voice.ts";
import { Bodies } from "./xmpp-bodies.ts";

const OPEN = "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' " +
  "xmlns:stream='http://etherx.jabber.org/streams'>";
/** What is said, in turn, when the server has answered with the pattern. */
const GREETING: readonly (readonly [says: string, answer: RegExp])[] = [
  [OPEN, /<\/stream:features>/],
  ["<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", /<success/],
  [OPEN, /<\/stream:features>/],
  ["<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", /<jid>/],
];
/** Status of the presence that tells one that one is in the room. */
const IN_ROOM = /code=['"]110['"]/;
const REFUSED = /<failure|<stream:error|type=['"]error['"]/;
const encoder = new TextEncoder();

export const xmppWire: Wire = {
  hasReceipts: false,
  hasEcho: true,
  async join({ name, rooms, ...address }, ears) {
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {});
    const tcp = await Tcp.dial(address, (says) => {
      lost.reject(new Error(says));
      ears.lost(says);
    });
    const decoder = new TextDecoder();
    const bodies = new Bodies();
    let onText = (_text: string) => {};
    tcp.listen((bytes) => {
      onText(decoder.decode(bytes, { stream: true }));
      return bytes.length;
    });
    const ask = async (says: string, answer: RegExp) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      let heard = "";
      onText = (text) => {
        heard += text;
        if (answer.test(heard)) resolve();
        else if (REFUSED.test(heard)) reject(new Error(`asked for ${answer}, the server said ${heard}`));
      };
      tcp.push(encoder.encode(says));
      await Promise.race([promise, lost.promise]);
    };
    for (const [says, answer] of GREETING) await ask(says, answer);
    const addresses = rooms.map((room) => `${room}@conference.localhost`);
    for (const address of addresses) {
      await ask(
        `<presence to='${address}/${name}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`,
        IN_ROOM,
      );
    }
    onText = (text) => bodies.take(text, (body) => ears.message(body));
    return {
      say: (number, text) =>
        tcp.push(encoder.encode(
          `<message type='groupchat' to='${
            addresses[number % addresses.length]
          }' id='${number}'><body>${text}</body></message>`,
        )),
      leave: () => tcp.close(),
    };
  },
};
