/** Figures as text for a terminal. */
import type { TalkTask } from "./load/task.ts";
import type { TalkFigure } from "./shapes/talk.ts";

const HEADS =
  "                          deliveries/s  CPU µs each  p50 ms  p99 ms  receipt p50  p99 ms  RSS MiB  load CPU  stored      encrypted";

export function talkTable(task: TalkTask, figures: readonly TalkFigure[]): string {
  const { members, senders, inFlight, textBytes, rooms } = task;
  const lines = [
    `\n${members} members, ${senders} sender${
      senders > 1 ? "s" : ""
    }, ${inFlight} in flight, ${textBytes}-byte texts` +
    (rooms > 1 ? `, ${rooms} rooms` : ""),
    HEADS,
  ];
  for (const figure of figures) {
    lines.push(row(figure));
    if (figure.deliveries !== figure.expected || figure.gaps > 0) {
      lines.push(
        `  NOT WHOLE: ${figure.deliveries} of ${figure.expected} deliveries, ${figure.gaps} lost, doubled or out of order where it was read`,
      );
    }
  }
  return lines.join("\n");
}

function row(figure: TalkFigure): string {
  return [
    figure.system.padEnd(24),
    Math.round(figure.deliveriesPerSecond).toLocaleString("en").padStart(14),
    figure.serverCpuMicros.toFixed(2).padStart(13),
    figure.p50Ms.toFixed(2).padStart(8),
    figure.p99Ms.toFixed(2).padStart(8),
    (figure.receiptP50Ms?.toFixed(2) ?? "-").padStart(13),
    (figure.receiptP99Ms?.toFixed(2) ?? "-").padStart(8),
    figure.serverRssMiB.toFixed(0).padStart(9),
    `${Math.round(figure.loadCpuSeconds / figure.seconds * 100)} %`.padStart(10),
    `  ${figure.stored.padEnd(12)}${figure.isEncrypted ? "yes" : "no"}`,
  ].join("");
}
