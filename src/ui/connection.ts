import type { Status } from "../client/mod.ts";
import { problemOf } from "./problem.ts";
import type { ConnectionView } from "./view.ts";

/** How the client's word on its connection is shown. `nowMs`: by the wall clock. */
export function connectionView(status: Status, nowMs: number): ConnectionView {
  switch (status.state) {
    case "live":
      return {
        state: "live",
        link: status.kind,
        roundTripMs: Number.isFinite(status.roundTripMs) ? status.roundTripMs : null,
        server: status.server,
      };
    case "reconnecting":
      return { state: "reconnecting", retryAtMs: nowMs + status.inMs, because: status.because };
    case "refused":
      return { state: "refused", problem: problemOf(status.failure) };
    default:
      return { state: status.state };
  }
}
