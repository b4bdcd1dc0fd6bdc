/** What a network does to packets, each way. */
export interface Weather {
  /** Of packets. TCP shows a lost one as bytes that come late. */
  readonly loss: number;
  readonly delayMs: number;
  /** Up to so much more, of each packet: it then overtakes others. */
  readonly jitterMs: number;
  readonly doubling: number;
  /** How many are held back behind those that follow. */
  readonly reordering: number;
}

export const CALM: Weather = { loss: 0, delayMs: 0, jitterMs: 0, doubling: 0, reordering: 0 };

/** The bar: 20 % of the packets lost, 150 ms from end to end, some overtaken. */
export const STORM: Weather = { loss: 0.2, delayMs: 150, jitterMs: 20, doubling: 0.02, reordering: 0.05 };

/** How long one is held back: longer than the jitter, so that it is certainly overtaken. */
export const HELD_BACK_MS = 40;
