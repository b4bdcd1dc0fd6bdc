/** What the original's documentation promises of resending, and nothing more (docs/protocol.md, chat/0). */
export const CLASSIC = {
  resendAfterMs: 1_000,
  resendsMax: 3,
  /** Messages under way. An original server handles one at a time; the rest waits here. */
  windowMessages: 64,
} as const;

export interface ClassicMessage {
  readonly type: "CHAT_MESSAGE";
  readonly seq: number;
  readonly ts: number;
  readonly sender: string;
  readonly text: string;
}

export type ClassicEffect =
  | { readonly do: "send"; readonly pdu: ClassicMessage }
  | { readonly do: "stored"; readonly seq: number }
  /** Said 4 times in vain: its user is told. */
  | { readonly do: "gave-up"; readonly seq: number };

interface Slot {
  readonly pdu: ClassicMessage;
  sends: number;
  sentAtMs: number;
}

/** One chat/0 connection's messages without a receipt. No I/O, no clock. */
export class ClassicOutbox {
  #slots = new Map<number, Slot>();
  #underWay = 0;

  get isEmpty(): boolean {
    return this.#slots.size === 0;
  }

  add(pdu: ClassicMessage, nowMs: number): ClassicEffect[] {
    this.#slots.set(pdu.seq, { pdu, sends: 0, sentAtMs: 0 });
    return this.#pump(nowMs);
  }

  receipt(seq: number, nowMs: number): ClassicEffect[] {
    if (!this.#drop(seq)) return [];
    return [{ do: "stored", seq }, ...this.#pump(nowMs)];
  }

  /** CHAT_ERROR 409. The original does not say which message it means: the oldest that was said twice. */
  duplicate(ack: number | undefined, nowMs: number): ClassicEffect[] {
    for (const { pdu, sends } of this.#slots.values()) {
      if (sends > 1 && (ack === undefined || ack === pdu.seq)) return this.receipt(pdu.seq, nowMs);
    }
    return [];
  }

  tick(nowMs: number): ClassicEffect[] {
    const effects: ClassicEffect[] = [];
    for (const slot of [...this.#slots.values()]) {
      if (slot.sends === 0 || nowMs < slot.sentAtMs + CLASSIC.resendAfterMs) continue;
      if (slot.sends > CLASSIC.resendsMax) {
        this.#drop(slot.pdu.seq);
        effects.push({ do: "gave-up", seq: slot.pdu.seq });
      } else effects.push(send(slot, nowMs));
    }
    return [...effects, ...this.#pump(nowMs)];
  }

  deadlineMs(): number | null {
    let deadline: number | null = null;
    for (const { sends, sentAtMs } of this.#slots.values()) {
      if (sends === 0) break;
      const atMs = sentAtMs + CLASSIC.resendAfterMs;
      if (deadline === null || atMs < deadline) deadline = atMs;
    }
    return deadline;
  }

  #drop(seq: number): boolean {
    const slot = this.#slots.get(seq);
    if (slot === undefined) return false;
    this.#slots.delete(seq);
    if (slot.sends > 0) this.#underWay--;
    return true;
  }

  #pump(nowMs: number): ClassicEffect[] {
    const effects: ClassicEffect[] = [];
    if (this.#underWay === this.#slots.size) return effects;
    for (const slot of this.#slots.values()) {
      if (this.#underWay >= CLASSIC.windowMessages) break;
      if (slot.sends > 0) continue;
      this.#underWay++;
      effects.push(send(slot, nowMs));
    }
    return effects;
  }
}

function send(slot: Slot, nowMs: number): ClassicEffect {
  slot.sends++;
  slot.sentAtMs = nowMs;
  return { do: "send", pdu: slot.pdu };
}
