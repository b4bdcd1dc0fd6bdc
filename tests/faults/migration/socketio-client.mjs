// What beat-client.ts is for us, over Socket.IO as it is delivered. Arguments: where its modules are, the URL.
import { createRequire } from "node:module";
import process from "node:process";

const BEAT_MS = 20;
const [modules = "", url = ""] = process.argv.slice(2);
const { io } = createRequire(`${modules}/`)("socket.io-client");
const say = (what) => console.log(JSON.stringify(what));
const socket = io(url);
socket.on("connect", () => say({ state: "live" }));
socket.on("disconnect", () => say({ state: "reconnecting" }));
let n = 0;
setInterval(() => {
  const beat = ++n;
  socket.emit("beat", beat, () => say({ n: beat, atMs: Date.now() }));
}, BEAT_MS);
