/** Who is compared: our two ways, and what one would take in our place. */
import { fileURLToPath } from "node:url";
import { type RunningServer, startServer } from "../../e2e/running-server.ts";
import { Pulse } from "./pulse.ts";
import { TextLineStream } from "../text-lines.ts";

/** Where servers and clients run. */
export interface Ground {
  /** What servers listen on. */
  readonly host: string;
  readonly serverWithin: readonly string[];
  readonly clientWithin: readonly string[];
}

export interface Contender {
  readonly name: string;
  readonly serverPort: number;
  /** A client, by the port that leads to the server. */
  client(port: number): Pulse;
}

const beatClient = fileURLToPath(new URL("beat-client.ts", import.meta.url));
const socketIoClient = fileURLToPath(new URL("socketio-client.mjs", import.meta.url));
const socketIoServer = fileURLToPath(new URL("socketio-server.mjs", import.meta.url));

/** Servers and what belongs to them, ended together. */
export class Contenders implements AsyncDisposable {
  readonly all: Contender[] = [];
  #server: RunningServer | null = null;
  #socketIo: Deno.ChildProcess | null = null;

  private constructor(readonly ground: Ground) {}

  /** `socketIo`: where its modules are; null leaves it out. */
  static async open(ground: Ground, dataDir: string, socketIo: string | null): Promise<Contenders> {
    const contenders = new Contenders(ground);
    try {
      await contenders.#startOurs(dataDir);
      if (socketIo !== null) await contenders.#startSocketIo(socketIo);
      return contenders;
    } catch (error) {
      await contenders[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socketIo?.kill("SIGKILL");
    await this.#socketIo?.status;
    await this.#server?.stop();
  }

  async #startOurs(dataDir: string): Promise<void> {
    const { host, serverWithin: within } = this.ground;
    const isLocal = host === "127.0.0.1";
    const server = await startServer(isLocal ? [] : ["--host", host, "--open"], { dataDir, within });
    this.#server = server;
    const add = (name: string, way: string, scheme: string) =>
      this.all.push({
        name,
        serverPort: server.port,
        client: (port) => this.#pulse(name, [Deno.execPath(), ...deno, way, `${scheme}://${host}:${port}`]),
      });
    const deno = ["run", "--quiet", "--no-check", "--allow-all", beatClient];
    add("QUICChat over QUIC", "quic", "quic");
    add("QUICChat over WebSocket", "websocket", isLocal ? "http" : "https");
  }

  async #startSocketIo(modules: string): Promise<void> {
    const { host, serverWithin } = this.ground;
    const [program = "", ...args] = [...serverWithin, "node", socketIoServer, modules, host];
    const child = new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "inherit" })
      .spawn();
    this.#socketIo = child;
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    const { value } = await lines.getReader().read();
    const name = "Socket.IO 4.8";
    this.all.push({
      name,
      serverPort: Number(value),
      client: (port) => this.#pulse(name, ["node", socketIoClient, modules, `http://${host}:${port}`]),
    });
  }

  #pulse(name: string, command: readonly string[]): Pulse {
    const [program = "", ...args] = [...this.ground.clientWithin, ...command];
    return new Pulse(name, program, args);
  }
}
