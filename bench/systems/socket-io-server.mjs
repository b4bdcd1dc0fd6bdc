// A room server on Socket.IO as its documentation shows it. Prints its port.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { perMessageDeflate: false });

io.on("connection", (socket) => {
  let name = "";
  socket.on("join", (said, acknowledge) => {
    name = said.name;
    void socket.join(said.rooms);
    acknowledge();
  });
  socket.on("say", ({ room, text }, acknowledge) => {
    io.to(room).emit("message", { room, name, text, ts: Date.now() });
    acknowledge();
  });
});
http.listen(0, "127.0.0.1", () => {
  const address = http.address();
  console.log(typeof address === "object" ? address?.port : address);
});
