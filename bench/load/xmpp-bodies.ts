/** What is said in a stream of XMPP. A member that only counts needs no XML: in a text `<` is always escaped, so a
 * `</body>` is one message. Who is there is passed over. */

const BODY = "<body>";
const END = "</body>";

export class Bodies {
  #rest = "";

  /** Gives the text of each message that is whole now. */
  take(text: string, each: (body: () => string) => void): void {
    const all = this.#rest + text;
    let from = 0;
    for (;;) {
      const end = all.indexOf(END, from);
      if (end < 0) break;
      each(() => all.slice(all.lastIndexOf(BODY, end) + BODY.length, end));
      from = end + END.length;
    }
    // All that matters of what is left is a body that has begun, or the beginning of a tag.
    const begun = all.indexOf(BODY, from);
    this.#rest = all.slice(begun < 0 ? Math.max(from, all.length - BODY.length + 1) : begun);
  }
}
