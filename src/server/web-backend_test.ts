import assert from "node:assert/strict";
import { WebBackend } from "./web-backend.ts";

Deno.test("who comes by the back door, from this machine and past the public port, is refused", async () => {
  let asked = 0;
  const backend = new WebBackend({
    certificate: null,
    handler: () => {
      asked++;
      return new Response("secret");
    },
    onTrouble: () => {},
  });
  const answer = await fetch(`http://127.0.0.1:${backend.port}/`);
  assert.equal(answer.status, 403);
  assert.doesNotMatch(await answer.text(), /secret/);
  assert.equal(asked, 0);
  await backend.shutdown();
});
