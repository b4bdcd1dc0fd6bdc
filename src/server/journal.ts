/**
 * The server's log of what happened: one JSON object a line, or for a person at a terminal one readable line.
 * Never what people say to each other, nor what lets one in: tokens, devices.
 */
export type Level = "debug" | "info" | "warn" | "error";

const ranks = { debug: 0, info: 1, warn: 2, error: 3 } as const satisfies Record<Level, number>;

/** Names that must not be fields: the type refuses them, and what comes in past the type is blacked out. */
type Secret = "text" | "body" | "token" | "device" | "invite" | "auth" | "keyPem";
const secrets: ReadonlySet<string> = new Set<Secret>([
  "text",
  "body",
  "token",
  "device",
  "invite",
  "auth",
  "keyPem",
]);

export type Fields =
  & { readonly [name: string]: string | number | boolean | null | undefined }
  & { readonly [S in Secret]?: never };

export interface Journal {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  /** Something that the operator may want to change. */
  warn(event: string, fields?: Fields): void;
  /** Something that needs the operator. */
  error(event: string, fields?: Fields): void;
  /** Tells how many lines were held back until now; to be called every second or so, and before the end. */
  flush(): void;
}

export interface JournalOptions {
  /** Takes one line without its newline. `console.error` fits: Deno's OpenTelemetry exports it too. */
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Lines below it are not written. */
  readonly level: Level;
  /** For a person instead of a machine. */
  readonly readable: boolean;
  /** Of one event, warnings and errors a second; the rest are counted. */
  readonly repeatsMax?: number;
}

/** Anyone on the network can cause trouble as often as they like: that must not fill the disk. */
const repeatsMaxDefault = 5;
const windowMs = 1_000;

interface Window {
  readonly sinceMs: number;
  written: number;
  held: number;
}

export function createJournal(options: JournalOptions): Journal {
  const { write, now, level, readable, repeatsMax = repeatsMaxDefault } = options;
  /** By event; events are named in the code, so there are few. */
  const windows = new Map<string, Window>();

  function put(lineLevel: Level, event: string, fields: Fields): void {
    const tsMs = now();
    write(readable ? readableLine(tsMs, lineLevel, event, fields) : jsonLine(tsMs, lineLevel, event, fields));
  }

  function tellHeld(event: string, { held }: Window): void {
    if (held > 0) put("warn", "held-back", { of: event, count: held });
  }

  /** Whether one more may be written now. */
  function admit(event: string): boolean {
    const nowMs = now();
    let window = windows.get(event);
    // Also a clock that was set back begins a new window.
    if (window === undefined || nowMs - window.sinceMs >= windowMs || nowMs < window.sinceMs) {
      if (window !== undefined) tellHeld(event, window);
      window = { sinceMs: nowMs, written: 0, held: 0 };
      windows.set(event, window);
    }
    if (window.written >= repeatsMax) {
      window.held++;
      return false;
    }
    window.written++;
    return true;
  }

  const at = (lineLevel: Level) => (event: string, fields: Fields = {}) => {
    if (ranks[lineLevel] < ranks[level]) return;
    if (ranks[lineLevel] >= ranks.warn && !admit(event)) return;
    put(lineLevel, event, fields);
  };

  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    flush() {
      for (const [event, window] of windows) {
        tellHeld(event, window);
        windows.delete(event);
      }
    },
  };
}

function jsonLine(tsMs: number, level: Level, event: string, fields: Fields): string {
  return plain(JSON.stringify({ ts: new Date(tsMs).toISOString(), level, event, ...shown(fields) }));
}

function readableLine(tsMs: number, level: Level, event: string, fields: Fields): string {
  const time = new Date(tsMs).toTimeString().slice(0, 8);
  const pairs = Object.entries(shown(fields)).map(([name, value]) => ` ${name}=${readableValue(value)}`);
  return `${time} ${level === "info" ? "" : `${level}: `}${event}${pairs.join("")}`;
}

function shown(fields: Fields): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    // The line's own names are not to be overwritten.
    const isOwn = name === "ts" || name === "level" || name === "event";
    result[isOwn ? `${name}_` : name] = secrets.has(name) ? "[secret]" : value;
  }
  return result;
}

function readableValue(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return /^[\w.:/@[\]+-]+$/.test(value) ? value : plain(JSON.stringify(value));
}

/** Escapes in JSON what a terminal might obey, or what turns text around: what strangers made the server log
 * must not write on the operator's screen. JSON itself escapes only the older controls. */
function plain(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => {
    let escaped = "";
    for (let at = 0; at < char.length; at++) {
      escaped += `\\u${char.charCodeAt(at).toString(16).padStart(4, "0")}`;
    }
    return escaped;
  });
}
