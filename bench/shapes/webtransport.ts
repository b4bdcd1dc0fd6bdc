/** The loaded room over WebTransport, as browsers come, beside the same over raw QUIC. */
import type { TalkTask } from "../load/task.ts";
import type { Measured } from "../results.ts";
import type { Shape } from "../shape.ts";
import { isQuicchat } from "../staging.ts";
import type { System } from "../system.ts";
import { quicchatOnWebTransport } from "../systems/quicchat.ts";
import { measureTalk } from "./talk.ts";

const TASK: TalkTask = {
  shape: "loaded",
  members: 200,
  senders: 10,
  inFlight: 8,
  messages: 20_000,
  textBytes: 100,
  rooms: 1,
  halls: 1,
};

export const webTransport: Shape = {
  shape: "webtransport",
  says: "200 members, 10 senders, 8 in flight each: over WebTransport beside raw QUIC",
  columns: [
    { key: "cpuRatio", head: "CPU a delivery, times raw QUIC's", digits: 2, bar: { most: 1.3 } },
    { key: "timeRatio", head: "time, times", digits: 2, bar: { most: 1.3 } },
    { key: "quicMicros", head: "QUIC: CPU µs", digits: 2 },
    { key: "webTransportMicros", head: "WebTransport: CPU µs", digits: 2 },
    { key: "quicPerSecond", head: "QUIC: deliveries/s", digits: 0 },
    { key: "webTransportPerSecond", head: "WebTransport: deliveries/s", digits: 0 },
    { key: "quicLoadPercent", head: "QUIC: load CPU %", digits: 0 },
    { key: "webTransportLoadPercent", head: "WebTransport: load CPU %", digits: 0 },
  ],
  isFor: isQuicchat,
  measure: measureBoth,
};

async function measureBoth(system: System, directory: string, scale: number): Promise<Measured> {
  const task = { ...TASK, messages: Math.ceil(TASK.messages * scale) };
  const quic = await measureTalk(system, `${directory}/quic`, task);
  const webTransport = await measureTalk(quicchatOnWebTransport, `${directory}/webtransport`, task);
  const figure = ({ figures }: Measured, key: string) => figures[key] ?? NaN;
  return {
    figures: {
      cpuRatio: figure(webTransport, "serverCpuMicros") / figure(quic, "serverCpuMicros"),
      timeRatio: figure(quic, "deliveriesPerSecond") / figure(webTransport, "deliveriesPerSecond"),
      quicMicros: figure(quic, "serverCpuMicros"),
      webTransportMicros: figure(webTransport, "serverCpuMicros"),
      quicPerSecond: figure(quic, "deliveriesPerSecond"),
      webTransportPerSecond: figure(webTransport, "deliveriesPerSecond"),
      quicLoadPercent: figure(quic, "loadCpuPercent"),
      webTransportLoadPercent: figure(webTransport, "loadCpuPercent"),
    },
    fault: quic.fault ?? webTransport.fault,
  };
}
