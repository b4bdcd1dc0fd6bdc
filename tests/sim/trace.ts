/** What happened, line by line, and one number for all of it. */
export class Trace {
  readonly lines: string[] = [];
  #hash = 0x811c9dc5;

  /** `keeps`: lines are kept for a reader, else only counted in. */
  constructor(readonly keeps: boolean) {}

  /** Two runs of the same happenings have the same. */
  get hash(): number {
    return this.#hash >>> 0;
  }

  add(atMs: number, line: string): void {
    const whole = `${(atMs / 1000).toFixed(3).padStart(8)} ${line}`;
    for (let at = 0; at < whole.length; at++) {
      this.#hash = Math.imul(this.#hash ^ whole.charCodeAt(at), 0x01000193);
    }
    if (this.keeps) this.lines.push(whole);
  }
}
