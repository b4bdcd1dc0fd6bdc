import { nodeServer } from "./node-server.ts";

export const socketIo = nodeServer({
  name: "Socket.IO 4",
  id: "socket.io",
  wire: "socket.io",
  program: "socket-io-server.mjs",
  library: "socket.io",
});
