/**
 * What the operator's graphs show, in Prometheus' text format. The chat counts by plain additions; names and
 * text are made only when somebody asks.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { FailureName } from "../protocol/failures.ts";
import type { Wire } from "../protocol/wire.ts";
import type { Link } from "../transport/link.ts";

export interface Metrics {
  sessionOpened(kind: Link["kind"], wire: Wire): void;
  sessionClosed(kind: Link["kind"], wire: Wire): void;
  /** A message, edit, deletion or reaction was kept. */
  stored(count: number): void;
  duplicate(): void;
  /** Bytes were handed to a link. */
  sent(bytes: number): void;
  /** One group commit: its entries, and how long until they were durable. */
  appended(entries: number, durationMs: number): void;
  /** Everything in the text format 0.0.4. */
  text(): Promise<string>;
}

/** What is looked up when somebody asks. */
export interface MetricsSources {
  /** How often each failure was told to a client since the start. */
  readonly failures: () => Iterable<readonly [FailureName, number]>;
  readonly rooms: () => number;
  /** Whether the store refuses to keep anything new. */
  readonly refusing: () => boolean;
  readonly tcpConnections: () => number;
  /** Bytes; `Deno.memoryUsage` fits and needs no permission. */
  readonly memory: () => { readonly rss: number; readonly heapUsed: number };
  readonly version: string;
}

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Durable in 0.2 ms on a good disk, in 10 to 30 on a spinning one; more is trouble. In seconds. */
const durationBuckets = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.03, 0.1, 0.5, 2];

/** From one message at a time to the largest batches that a burst makes. */
const batchBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

export function createMetrics(sources: MetricsSources): Metrics {
  // Not the library's global registry: two servers in one process (a test, a cluster) count apart.
  const registry = new Registry();
  const registers = [registry];
  const totals = { stored: 0, duplicates: 0, sentBytes: 0 };
  const sessions = new Gauge({
    name: "quicchat_sessions",
    help: "Sessions now, by how they are connected",
    labelNames: ["link", "wire"] as const,
    registers,
  });
  const sessionsTotal = new Counter({
    name: "quicchat_sessions_opened_total",
    help: "Sessions since the start, by how they were connected",
    labelNames: ["link", "wire"] as const,
    registers,
  });
  new Counter({
    name: "quicchat_failures_total",
    help: "Failures told to clients, by name",
    labelNames: ["failure"] as const,
    registers,
    collect() {
      this.reset();
      for (const [failure, count] of sources.failures()) this.inc({ failure }, count);
    },
  });
  const batches = new Histogram({
    name: "quicchat_append_entries",
    help: "Entries of one group commit",
    buckets: batchBuckets,
    registers,
  });
  const durations = new Histogram({
    name: "quicchat_append_seconds",
    help: "Time from a group commit's start until it was durable",
    buckets: durationBuckets,
    registers,
  });
  counted(
    "quicchat_events_stored_total",
    "Messages, edits, deletions and reactions kept",
    () => totals.stored,
  );
  counted("quicchat_duplicates_total", "Repeated sends that were recognised", () => totals.duplicates);
  counted("quicchat_sent_bytes_total", "Bytes handed to links", () => totals.sentBytes);
  measured("quicchat_rooms", "Rooms with events or members in memory", sources.rooms);
  measured(
    "quicchat_store_refusing",
    "1 while the store keeps nothing new",
    () => sources.refusing() ? 1 : 0,
  );
  measured("quicchat_tcp_connections", "Connections to the TCP port", sources.tcpConnections);
  measured("process_resident_memory_bytes", "Resident memory", () => sources.memory().rss);
  measured("quicchat_heap_used_bytes", "JavaScript heap in use", () => sources.memory().heapUsed);
  new Gauge({ name: "quicchat_info", help: "The version, as a label", labelNames: ["version"], registers })
    .set({ version: sources.version }, 1);

  function counted(name: string, help: string, total: () => number): void {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(total());
      },
    });
  }
  function measured(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  }

  return {
    sessionOpened(link, wire) {
      sessions.inc({ link, wire });
      sessionsTotal.inc({ link, wire });
    },
    sessionClosed(link, wire) {
      sessions.dec({ link, wire });
    },
    stored(count) {
      totals.stored += count;
    },
    duplicate() {
      totals.duplicates++;
    },
    sent(bytes) {
      totals.sentBytes += bytes;
    },
    appended(entries, durationMs) {
      batches.observe(entries);
      durations.observe(durationMs / 1000);
    },
    text: () => registry.metrics(),
  };
}
