// @ts-check

/**
 * V8's flags by command. Each of a server's four threads has a heap of its own, whose young part grows to 48 MB by
 * default and stays so. Measured while 100 of 200 stop reading and come back (`tests/e2e/slow_reader_test.ts`): with
 * 4 MiB 195 MB more in place of 280, in the same time. A peer runs on people's own machines beside other things: while
 * catching up 180 MB in place of 290, for a tenth more of the processor.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const HEAPS = {
  serve: ["--v8-flags=--max-semi-space-size=4"],
  peer: ["--v8-flags=--max-semi-space-size=2,--optimize-for-size"],
};
