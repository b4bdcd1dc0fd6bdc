// @ts-check

/**
 * V8's flags by command. Each of a server's four threads has a heap of its own, whose young part grows to 48 MB by
 * default and stays so. Measured while 100 of 200 stop reading and come back (`tests/e2e/slow_reader_test.ts`): with
 * 4 MiB 195 MB more in place of 280, in the same time. A peer runs on people's own machines beside other things: while
 * catching up 180 MB in place of 290, for a tenth more of the processor (measured with 2 MiB). An old part that begins small is
 * swept from the start: 5 MB less.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const HEAPS = {
  serve: ["--v8-flags=--max-semi-space-size=4"],
  peer: ["--v8-flags=--max-semi-space-size=1,--optimize-for-size,--initial-old-space-size=4"],
};

/**
 * What a command's environment says to the C library (glibc, mallopt(3)). It gives each thread that allocates an arena of
 * its own, and what is free in one is of no use to another: a peer has some forty threads. With two, 18 MB less of 221 after
 * 100,000 events, as fast. With one, and a young part of 1 MiB in place of 2, twenty peers took 195 to 208 MB at most, in two runs,
 * in place of 198 to 214 (`npm run bench -- peers`).
 * @type {Readonly<Record<string, Readonly<Record<string, string>>>>}
 */
export const ARENAS = {
  peer: { MALLOC_ARENA_MAX: "1" },
};
