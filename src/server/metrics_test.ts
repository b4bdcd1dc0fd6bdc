import assert from "node:assert/strict";
import { createMetrics, METRICS_TYPE, type MetricsSources } from "./metrics.ts";

const sources: MetricsSources = {
  failures: () => [["too-fast", 2]],
  rooms: () => 3,
  refusing: () => true,
  tcpConnections: () => 7,
  memory: () => ({ rss: 1_000_000, heapUsed: 500_000 }),
  version: "0.1.0",
};

Deno.test("what was counted is told, each asking anew", async () => {
  const metrics = createMetrics(sources);
  metrics.sessionOpened("quic", "quicchat/1");
  metrics.sessionOpened("quic", "chat/0");
  metrics.sessionOpened("websocket", "quicchat/1");
  metrics.sessionClosed("quic", "chat/0");
  metrics.stored(8);
  metrics.stored(2);
  metrics.duplicate();
  metrics.sent(500);
  metrics.sent(400);
  metrics.appended(10, 3);
  await metrics.text();
  const lines = (await metrics.text()).split("\n");
  for (
    const line of [
      'quicchat_sessions{link="quic",wire="quicchat/1"} 1',
      'quicchat_sessions{link="quic",wire="chat/0"} 0',
      'quicchat_sessions_opened_total{link="quic",wire="chat/0"} 1',
      "quicchat_events_stored_total 10",
      "quicchat_duplicates_total 1",
      "quicchat_sent_bytes_total 900",
      'quicchat_failures_total{failure="too-fast"} 2',
      "quicchat_append_entries_sum 10",
      'quicchat_append_seconds_bucket{le="0.002"} 0',
      'quicchat_append_seconds_bucket{le="0.005"} 1',
      "quicchat_rooms 3",
      "quicchat_store_refusing 1",
      "quicchat_tcp_connections 7",
      "process_resident_memory_bytes 1000000",
      'quicchat_info{version="0.1.0"} 1',
      "# TYPE quicchat_append_seconds histogram",
    ]
  ) assert.ok(lines.includes(line), line);
  assert.match(METRICS_TYPE, /^text\/plain; version=0\.0\.4/);
});

Deno.test("two servers in one process count apart", async () => {
  const one = createMetrics(sources);
  const other = createMetrics(sources);
  one.stored(1);
  assert.match(await one.text(), /quicchat_events_stored_total 1\n/);
  assert.match(await other.text(), /quicchat_events_stored_total 0\n/);
});
