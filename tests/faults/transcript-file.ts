import { type Line, linesOf } from "./transcript.ts";

/** A transcript that somebody still writes, read on from where one was. */
export class TranscriptFile {
  readonly #lines: Line[] = [];
  #bytesRead = 0;

  constructor(readonly path: string) {}

  /** All lines so far. */
  async read(): Promise<readonly Line[]> {
    const file = await Deno.open(this.path);
    await file.seek(this.#bytesRead, Deno.SeekMode.Start);
    // The stream closes the file.
    const bytes = new Uint8Array(await new Response(file.readable).arrayBuffer());
    // What follows the last end of a line is still being written.
    const end = bytes.lastIndexOf("\n".charCodeAt(0)) + 1;
    this.#bytesRead += end;
    for (const line of linesOf(new TextDecoder().decode(bytes.subarray(0, end)))) this.#lines.push(line);
    return this.#lines;
  }

  async add(line: Line): Promise<void> {
    // The program that wrote before may have left half a line.
    await Deno.writeTextFile(this.path, `\n${JSON.stringify(line)}\n`, { append: true });
  }
}
