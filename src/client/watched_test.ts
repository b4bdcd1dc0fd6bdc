import assert from "node:assert/strict";
import { Watchable } from "./watched.ts";

Deno.test("a watched value: subscribers see each change, slow readers the newest, all see the end", async () => {
  const value = new Watchable(1);
  const seen: number[] = [];
  const stop = value.subscribe((now) => seen.push(now));
  const iterator = value[Symbol.asyncIterator]();
  assert.deepEqual(await iterator.next(), { done: false, value: 1 });
  const waiting = iterator.next();
  value.set(2);
  assert.deepEqual(await waiting, { done: false, value: 2 });
  value.set(2);
  value.set(3);
  value.set(4);
  assert.deepEqual(await iterator.next(), { done: false, value: 4 });
  stop();
  value.set(5);
  assert.deepEqual(seen, [2, 3, 4]);
  value.end();
  value.set(6);
  assert.equal(value.current, 5);
  assert.deepEqual(await iterator.next(), { done: false, value: 5 });
  assert.equal((await iterator.next()).done, true);
});

Deno.test("a reader that is stopped while it waits ends", async () => {
  const value = new Watchable("x");
  const iterator = value[Symbol.asyncIterator]();
  await iterator.next();
  const waiting = iterator.next();
  await iterator.return?.();
  assert.equal((await waiting).done, true);
});

Deno.test("a costly value is made when somebody looks, once, and not for nobody", () => {
  let made = 0;
  const value = new Watchable(0);
  for (let n = 1; n <= 5; n++) value.setLazily(() => ++made && n);
  assert.equal(made, 0);
  assert.equal(value.current, 5);
  assert.equal(value.current, 5);
  assert.equal(made, 1);
});

Deno.test("a costly value that turns out to be the same is told to nobody", () => {
  const same = { n: 1 };
  const watchable = new Watchable(same);
  const seen: unknown[] = [];
  watchable.subscribe((value) => seen.push(value));
  watchable.setLazily(() => same);
  assert.deepEqual(seen, []);
  watchable.setLazily(() => ({ n: 1 }));
  assert.deepEqual(seen, [{ n: 1 }]);
});
