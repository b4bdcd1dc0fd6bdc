/** A made-up run for the tests of the report: one system of ours, a rival that lost messages, one without receipts. */
import type { ShapeRun } from "./markdown.ts";

export const SOME_RUN: ShapeRun = {
  run: {
    machine: {
      cpu: "Some CPU",
      cores: 2,
      memoryMiB: 8_192,
      system: "linux 6.1 x86_64",
      filesystem: "ext4",
      isPinned: true,
    },
    startedAt: "2026-11-26T10:00:00.000Z",
    endedAt: "2026-11-26T10:05:00.000Z",
    rounds: 3,
    isQuick: false,
    versions: { quicchat: "0.1.0", "a & b <c>": "8.2" },
  },
  result: {
    shape: "loaded",
    says: "2 members",
    columns: [
      { key: "rate", head: "deliveries/s", digits: 0, bar: { least: 600_000, stretch: 700_000 } },
      { key: "p50", head: "p50 ms", digits: 2, bar: { most: 0.5 } },
      { key: "p99", head: "p99 ms", digits: 2 },
    ],
    charts: [
      { says: "deliveries a second", better: "more", key: "rate" },
      { says: "latency", better: "less", key: "p50", upTo: "p99" },
    ],
    rows: [
      {
        system: "quicchat",
        stored: "fsync",
        isEncrypted: true,
        role: "ours",
        figures: { rate: 750_000, p50: 0.75, p99: 1.5 },
        fault: null,
        rounds: [],
      },
      {
        system: "a & b <c>",
        stored: "no",
        isEncrypted: false,
        role: "rival",
        figures: { rate: 1_000_000, p50: 0.25, p99: null },
        fault: "not whole: 1 of 2 deliveries\nand more",
        rounds: [],
      },
    ],
  },
};
