// Loaded before the program (deno run --preload): ends it when its launcher is gone without having been able
// to say so, as after a SIGKILL. Without it a killed `quicchat serve` would hold its port for good. The store
// is safe: what was acknowledged is on the disk.
const LOOK_EVERY_MS = 500;

const launcher = Deno.ppid;
Deno.unrefTimer(setInterval(() => {
  if (Deno.ppid !== launcher) Deno.exit(1);
}, LOOK_EVERY_MS));
