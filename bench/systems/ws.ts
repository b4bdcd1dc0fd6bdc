import { nodeServer } from "./node-server.ts";

export const ws = nodeServer({ name: "ws 8", id: "ws", wire: "ws", program: "ws-server.mjs", library: "ws" });
