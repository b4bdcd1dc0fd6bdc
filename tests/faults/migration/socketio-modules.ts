/** Socket.IO, fetched by npm into a cache of its own the first time: this package does not depend on it. */

export const SOCKETIO_VERSION = "4.8";

/** Where its modules are; or why they can't be had. */
export async function socketIoModules(): Promise<
  { readonly directory: string } | { readonly missing: string }
> {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  const directory = `${cache}/quicchat-ci/socket.io-${SOCKETIO_VERSION}`;
  try {
    await Deno.stat(`${directory}/node_modules/socket.io-client/package.json`);
    return { directory };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await Deno.mkdir(directory, { recursive: true });
  // deno-fmt-ignore
  const args = [
    "install", "--prefix", directory, "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts",
    `socket.io@~${SOCKETIO_VERSION}.0`, `socket.io-client@~${SOCKETIO_VERSION}.0`,
  ];
  try {
    const { success, stderr } = await new Deno.Command("npm", { args }).output();
    if (success) return { directory };
    await Deno.remove(directory, { recursive: true });
    return { missing: `npm can't fetch Socket.IO: ${new TextDecoder().decode(stderr).trim()}` };
  } catch (error) {
    return { missing: `npm can't be run: ${String(error)}` };
  }
}
