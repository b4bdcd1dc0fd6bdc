// Answers each beat, and tells everybody of it, as a chat would. Arguments: where its modules are, the host. Prints
// its port.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import process from "node:process";

const [modules = "", host = ""] = process.argv.slice(2);
const { Server } = createRequire(`${modules}/`)("socket.io");
const http = createServer();
const io = new Server(http);
io.on("connection", (socket) => {
  socket.on("beat", (n, answer) => {
    io.emit("beat", n);
    answer();
  });
});
http.listen(0, host, () => console.log(http.address().port));
