// @ts-check
import { homedir } from "node:os";
import { posix, win32 } from "node:path";

/**
 * Where a user's files go when no flag says otherwise: `data` is a server's store and certificates, `state`
 * what a client remembers (known servers, unsent messages). They never lie in one another, so that neither's
 * permission opens the other.
 *
 * Sources: XDG Base Directory Specification 0.8 (a relative value must be ignored); Apple's File System
 * Programming Guide; Windows' known folder LocalAppData. `QUICCHAT_DATA` and `QUICCHAT_STATE` win.
 *
 * @param {NodeJS.Platform} platform
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {string} home
 * @param {string} cwd what a relative `QUICCHAT_DATA` or `QUICCHAT_STATE` is relative to
 * @returns {{ data: string, state: string }} absolute paths; neither need exist
 */
export function places(platform, env, home = homedir(), cwd = ".") {
  const path = platform === "win32" ? win32 : posix;
  const standard = standardPlaces(platform, env, home);
  return {
    data: env["QUICCHAT_DATA"] ? path.resolve(cwd, env["QUICCHAT_DATA"]) : standard.data,
    state: env["QUICCHAT_STATE"] ? path.resolve(cwd, env["QUICCHAT_STATE"]) : standard.state,
  };
}

/**
 * @param {NodeJS.Platform} platform
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {string} home
 */
function standardPlaces(platform, env, home) {
  if (platform === "win32") {
    const base = env["LOCALAPPDATA"] || win32.join(home, "AppData", "Local");
    return { data: win32.join(base, "quicchat", "server"), state: win32.join(base, "quicchat", "client") };
  }
  if (platform === "darwin") {
    const base = posix.join(home, "Library", "Application Support", "quicchat");
    return { data: posix.join(base, "server"), state: posix.join(base, "client") };
  }
  /** @param {string} name @param {string} otherwise */
  const xdg = (name, otherwise) => {
    const value = env[name];
    return posix.join(value && posix.isAbsolute(value) ? value : posix.join(home, otherwise), "quicchat");
  };
  return { data: xdg("XDG_DATA_HOME", ".local/share"), state: xdg("XDG_STATE_HOME", ".local/state") };
}
