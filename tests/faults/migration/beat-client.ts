/** Says something each 20 ms over the SDK and prints when its receipt came: `{"n":1,"atMs":…}`, and each state of
 * the connection: `{"state":"live"}`. Arguments: the way (`quic` or `websocket`) and the server's URL. */
import { addressOf } from "../../../src/client/dial/address.ts";
import { connect } from "../../../src/client/connect.ts";
import { denoDial } from "../../../src/client/dial/dial-deno.ts";
import { fetchLeaf } from "../../../src/client/dial/server-leaf.ts";
import { dialQuic } from "../../../src/transport/quic/quic-dial.ts";
import { dialWebSocket } from "../../../src/transport/websocket/websocket-dial.ts";

export const BEAT_MS = 20;

if (import.meta.main) {
  const [way = "", url = ""] = Deno.args;
  const never = () => Promise.reject(new Error("not this way"));
  const say = (what: object) => console.log(JSON.stringify(what));
  const client = connect(url, {
    name: way,
    dial: denoDial(addressOf(url), {}, {
      leaf: fetchLeaf,
      quic: way === "quic" ? dialQuic : never,
      webSocket: way === "quic" ? never : dialWebSocket,
    }),
    onStatus: ({ state }) => say({ state }),
  });
  const room = client.room("lobby");
  let n = 0;
  setInterval(() => {
    const beat = ++n;
    room.send(`beat ${beat}`).then(
      () => say({ n: beat, atMs: Date.now() }),
      (thrown) => say({ n: beat, failed: String(thrown) }),
    );
  }, BEAT_MS);
}
