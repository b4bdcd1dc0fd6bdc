/** What somebody's program writes down the moment it happens, one JSON object a line: the evidence for the
 * oracle, which survives `kill -9` of the program. */
export type Line =
  | SaidLine
  /** A receipt came; `ms` after the call. */
  | {
    readonly do: "stored";
    readonly id: number;
    readonly room: string;
    readonly epoch: string;
    readonly offset: number;
    readonly ms: number;
  }
  /** There will be no receipt. `kept`: in this program's life; it is in the outbox. */
  | { readonly do: "failed"; readonly id: number; readonly failure: string; readonly kept: boolean }
  | { readonly do: "enters"; readonly room: string; readonly from: Place | null }
  | ShownLine
  | { readonly do: "status"; readonly state: string; readonly kind: string; readonly atMs: number }
  /** Messages were put aside for their age, and their author let them go out. */
  | { readonly do: "resumes" }
  /** Written by who killed it: what its outbox held on the disk then. */
  | { readonly do: "crashed"; readonly journal: string };

export interface SaidLine {
  readonly do: "say";
  readonly id: number;
  readonly room: string;
  readonly type: "CHAT_MESSAGE" | "CHAT_EDIT" | "CHAT_DELETE" | "CHAT_REACT" | "CHAT_TOPIC";
  readonly target: number | null;
}

export interface ShownLine {
  readonly do: "shown";
  readonly room: string;
  readonly epoch: string;
  readonly offset: number;
  readonly seq: number;
  readonly type: string;
  readonly text?: string;
}

export interface Place {
  readonly epoch: string;
  readonly offset: number;
}

/** Where a program stands. */
export interface Standing {
  readonly status: string;
  /** Said, and without a receipt. */
  readonly unsent: number;
  readonly rooms: readonly SeatStanding[];
}

export interface SeatStanding {
  readonly room: string;
  readonly state: string;
  readonly head: number;
  /** What a program that iterates was shown last. */
  readonly shown: Place | null;
  readonly members: number;
}

/** A room as somebody sees it in the end. */
export interface View {
  readonly room: string;
  readonly epoch: string;
  readonly after: number;
  readonly offset: number;
  readonly topic: string;
  readonly messages: readonly {
    readonly offset: number;
    readonly author: string;
    readonly text: string;
    readonly deleted: boolean;
    readonly reactions: readonly string[];
  }[];
}

/** What a program is told to be. */
export interface Part {
  readonly name: string;
  readonly seed: number;
  /** The rooms, and where it goes on in each; null for the first event. */
  readonly rooms: readonly { readonly room: string; readonly from: Place | null }[];
  /** What it says first gets this number; ascending over its whole life. */
  readonly firstId: number;
  /** Between two things that it does, on average. */
  readonly pauseMs: number;
}

/** The lines of a transcript. A program that was killed may leave half of one. */
export function linesOf(transcript: string): Line[] {
  const lines: Line[] = [];
  for (const line of transcript.split("\n")) {
    if (line === "") continue;
    try {
      lines.push(JSON.parse(line));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return lines;
}
