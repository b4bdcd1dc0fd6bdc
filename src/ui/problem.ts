import { ChatFailure } from "../client/mod.ts";
import type { Problem } from "./view.ts";

export function problemOf(failure: unknown): Problem {
  if (failure instanceof ChatFailure) return { name: failure.name, detail: failure.says };
  return { name: "internal", detail: failure instanceof Error ? failure.message : String(failure) };
}
