/** The search of a real server, through the SDK. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Client, connect, type SearchResult } from "../../src/client/mod.ts";
import { startServer } from "./running-server.ts";

const texts = ({ found }: SearchResult): string[] => found.map(({ text }) => text);
const search = async (client: Client, query: string): Promise<string[]> => texts(await client.search(query));

Deno.test("search: what was said a moment ago, edited, deleted, in quotes, in Chinese, in the rooms one is in", async () => {
  await using server = await startServer();
  const [ada, bea] = [connect(server.url, { name: "Ada" }), connect(server.url, { name: "Bea" })];
  const lobby = ada.room("lobby");
  const garden = ada.room("garden");
  const inLobby = bea.room("lobby");
  assert.deepEqual(await search(ada, "cake"), []);
  const cake = await lobby.send("There is cake in the garden");
  assert.deepEqual(await search(ada, "cake"), ["There is cake in the garden"]);
  await garden.send("No CAKES here");
  await garden.send("明日は東京都庁へ");
  await inLobby.send("Café au lait?");
  assert.deepEqual(await search(ada, "cake"), ["No CAKES here", "There is cake in the garden"]);
  assert.deepEqual(await search(ada, '"cake in the"'), ["There is cake in the garden"]);
  assert.deepEqual(await search(ada, '"in cake"'), []);
  assert.deepEqual(await search(ada, "京都"), ["明日は東京都庁へ"]);
  assert.deepEqual(await search(ada, "?!"), []);
  assert.deepEqual(texts(await ada.search("cake", { rooms: ["lobby"] })), ["There is cake in the garden"]);
  assert.deepEqual(await search(ada, "cafe"), ["Café au lait?"]);

  assert.deepEqual(await search(bea, "cake"), ["There is cake in the garden"], "not in the garden");
  assert.deepEqual(texts(await bea.search("cakes", { rooms: ["garden"] })), []);
  await lobby.edit(cake.offset, "There is soup in the garden");
  assert.deepEqual([await search(bea, "cake"), await search(bea, "soup")], [[], [
    "There is soup in the garden",
  ]]);
  await lobby.delete(cake.offset);
  for (const query of ["cake", "soup", "garden"]) assert.deepEqual(await search(bea, query), [], query);

  const [first] = (await ada.search("tokyo")).found;
  assert.equal(first, undefined);
  for (let n = 0; n < 45; n++) await lobby.send(`biscuit ${n}`);
  const pages: string[] = [];
  let before: number | undefined;
  do {
    const page = await ada.search("biscuit", { before });
    pages.push(...texts(page));
    before = page.next ?? undefined;
  } while (before !== undefined);
  assert.deepEqual(pages, Array.from({ length: 45 }, (_, n) => `biscuit ${44 - n}`));
  await Promise.all([ada.close(), bea.close()]);
});

Deno.test("search: after kill -9, and with its file deleted or damaged, it finds the same", async () => {
  await using server = await startServer();
  let client = connect(server.url, { name: "Ada" });
  const room = client.room("lobby");
  const { offset } = await room.send("alpha one");
  await room.send("alpha two");
  await room.edit(offset, "alpha first");
  const wanted = ["alpha two", "alpha first"];
  assert.deepEqual(await search(client, "alpha"), wanted);
  const path = `${server.dataDir}/search.sqlite`;
  const spoils: readonly (() => Promise<void>)[] = [
    async () => {},
    async () => {
      for (const suffix of ["", "-wal", "-shm"]) await Deno.remove(path + suffix);
    },
    async () => await Deno.writeTextFile(path, "a letter to my aunt ".repeat(1_000)),
  ];
  for (const spoil of spoils) {
    await client.close();
    await server.kill9();
    await spoil();
    await server.restart();
    client = connect(server.url, { name: "Ada" });
    client.room("lobby");
    assert.deepEqual(await search(client, "alpha"), wanted);
  }
  await client.close();
});

Deno.test("search: `quicchat serve` as a user types it, under its permissions, keeps an index", async () => {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-search-" });
  const server = new Deno.Command("node", {
    args: ["bin/quicchat.mjs", "serve", "--port", "0", "--data", `${directory}/data`],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  try {
    let printed = "";
    let url: string | undefined;
    for await (const text of server.stdout.pipeThrough(new TextDecoderStream())) {
      printed += text;
      url = /http:\/\/[\d.]+:\d+/.exec(printed)?.[0];
      if (url !== undefined) break;
    }
    assert.ok(url !== undefined, `no address in: ${printed}`);
    const client = connect(url, { name: "Ada" });
    await client.room("lobby").send("there is cake in the garden");
    assert.deepEqual(await search(client, "garden cake"), ["there is cake in the garden"]);
    await client.close();
    server.kill("SIGTERM");
    assert.equal((await server.status).code, 0);
    const left = [...Deno.readDirSync(`${directory}/data`)].map(({ name }) => name)
      .filter((name) => /sqlite/.test(name)).sort();
    assert.deepEqual(left, ["log.sqlite", "search.sqlite"], "whole files, no write-ahead logs");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
