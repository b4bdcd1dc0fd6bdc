/** Runs before the server, in its process (`deno run --preload`): its calendar goes by a file that says how many
 * milliseconds it is ahead, read at the start and at each SIGUSR2. All that the server's own code reads of the
 * calendar is `Date.now`, in this thread; what the runtime itself does with the time (TLS, QUIC's timers) is not
 * touched, and neither is the machine. */
export const CLOCK_FILE = "QUICCHAT_FAULTS_CLOCK";

const path = Deno.env.get(CLOCK_FILE);
if (path !== undefined) {
  const now = Date.now;
  let aheadMs = Number(Deno.readTextFileSync(path));
  Date.now = () => now() + aheadMs;
  Deno.addSignalListener("SIGUSR2", () => {
    aheadMs = Number(Deno.readTextFileSync(path));
    console.log(`the clock is set ${aheadMs} ms ahead`);
  });
}
