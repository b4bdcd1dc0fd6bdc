/// <reference lib="deno.worker" />
import { planOf } from "./plan.ts";
import type { SeedResult, SeedTask } from "./seeds.ts";
import { simulate } from "./world.ts";

self.onmessage = async ({ data }: MessageEvent<SeedTask>) => {
  const results: SeedResult[] = [];
  for (let seed = data.first; seed < data.first + data.count; seed++) {
    const { violation, hash, said, lastedMs } = await simulate(planOf(seed));
    results.push({ seed, violation, hash, said, lastedMs });
    if (violation !== null) break;
  }
  self.postMessage(results);
};
