/** What a server says of itself reaches a terminal as text, whatever it is. Mechanism: the reason of a refusal was printed
 * as it came, with the escapes that clear a screen or set a title. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { testCertificate } from "../fixtures/certificate.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

Deno.test("a refusal's words don't move the cursor", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { response, socket } = Deno.upgradeWebSocket(request, { protocol: "quicchat.1" });
    const refusal = {
      type: "CHAT_ERROR",
      seq: 0,
      ts: 1,
      code: 401,
      failure: "unauthorised",
      msg: "\u001b[2Jno\nfake: line",
    };
    socket.onmessage = () => socket.send(new TextEncoder().encode(JSON.stringify(refusal) + "\n"));
    return response;
  });
  const ca = await Deno.makeTempFile({ suffix: ".crt" });
  try {
    await Deno.writeTextFile(ca, (await testCertificate()).cert);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--allow-all",
        "--no-check",
        main,
        "send",
        "--url",
        `http://127.0.0.1:${server.addr.port}`,
      ]
        .concat(["--name", "Ann", "--ca", ca, "hello"]),
      env: { QUICCHAT_STATE: `${ca}.state` },
      stdin: "null",
      signal: AbortSignal.timeout(30_000),
    }).output();
    const printed = new TextDecoder().decode(stderr);
    assert.equal(code, 1, printed);
    assert.match(printed, /\ufffd\[2Jno/);
    assert(!printed.includes("\u001b"));
    assert.doesNotMatch(printed, /^fake/m);
  } finally {
    await Deno.remove(ca);
    await Deno.remove(`${ca}.state`, { recursive: true }).catch(() => {}); // Made only where it got that far.
    await server.shutdown();
  }
});
