/** What the promise says, by short names that shrinking goes by. */
export type Rule =
  /** A receipt names something that is not on the disk. */
  | "acknowledged-is-durable"
  /** Something was shown that is not on the disk, or not as it is there. */
  | "shown-is-durable"
  /** What was on the disk is there no more. */
  | "durable-stays"
  | "exactly-once"
  | "sender-order"
  | "dense-offsets"
  /** Somebody was told of a room that he is not in. */
  | "members-only"
  /** What a page of the past tells as later is not. */
  | "later"
  /** A reader that came back was not told right what became of its place. */
  | "resume"
  | "nothing-lost"
  | "same-for-all"
  | "bounded"
  /** Everything works again, and still it does not come to rest. */
  | "settles"
  /** Something that may not happen at all. */
  | "trouble";

export interface Violation {
  readonly rule: Rule;
  readonly says: string;
  readonly atMs: number;
}
