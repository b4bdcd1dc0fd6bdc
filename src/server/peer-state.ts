/** How one peer stands to another member of its group, as `GET /peers` tells its own page. */
export interface PeerState {
  /** The member's key, 64 hexadecimal digits. */
  readonly id: string;
  /** As the log and the page know its author. */
  readonly author: string;
  /** What its people call themselves at the moment; "" where nobody is. A claim. */
  readonly name: string;
  /** Null: there is no connection now. */
  readonly path: {
    readonly isRelayed: boolean;
    readonly address: string;
    /** Milliseconds; null until measured. */
    readonly rttMs: number | null;
    /** How many events it is known to have and this one lacks, and the other way round. */
    readonly behind: number;
    readonly ahead: number;
  } | null;
}
