// A room server on ws as one writes it who knows how: parsed once, encoded once, sent to each member of the room.
// Prints its port.
import { WebSocketServer } from "ws";

/** @type {Map<string, Set<import("ws").WebSocket>>} */
const rooms = new Map();
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });

server.on("connection", (socket) => {
  let name = "";
  socket.on("message", (data) => {
    const said = JSON.parse(data.toString());
    if (said.type === "join") {
      name = said.name;
      for (const room of said.rooms) {
        if (!rooms.has(room)) rooms.set(room, new Set());
        rooms.get(room)?.add(socket);
      }
      return socket.send(JSON.stringify({ type: "joined" }));
    }
    const { room, text } = said;
    const line = JSON.stringify({ type: "message", room, name, text, ts: Date.now() });
    for (const member of rooms.get(room) ?? []) member.send(line);
  });
  socket.on("error", (error) => console.error(error.message));
  socket.on("close", () => {
    for (const members of rooms.values()) members.delete(socket);
  });
});
server.on("listening", () => {
  const address = server.address();
  console.log(typeof address === "object" ? address?.port : address);
});
