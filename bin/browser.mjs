// @ts-check
import { realpathSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Browsers that can show a page as a window of its own (`--app`), the free ones first. */
const LINUX = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "microsoft-edge",
  "microsoft-edge-stable",
  "brave-browser",
];
const MAC = ["Chromium", "Google Chrome", "Microsoft Edge", "Brave Browser"];
const WINDOWS = [
  "Google\\Chrome\\Application\\chrome.exe",
  "Microsoft\\Edge\\Application\\msedge.exe",
  "BraveSoftware\\Brave-Browser\\Application\\brave.exe",
];

/**
 * The program that shows `quicchat gui` its page: a browser that has windows without an address bar, else what
 * opens the user's own browser. `QUICCHAT_BROWSER` names another one. Null where there is none, or no screen.
 *
 * @param {NodeJS.Platform} platform
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {(path: string) => boolean} [isProgram]
 * @returns {string | null} an absolute path
 */
export function findBrowser(platform, env, isProgram = isFile) {
  const named = env["QUICCHAT_BROWSER"];
  if (named) return named;
  return candidates(platform, env).find(isProgram) ?? null;
}

/** @param {NodeJS.Platform} platform @param {Readonly<Record<string, string | undefined>>} env */
function candidates(platform, env) {
  if (platform === "win32") {
    const roots = [env["ProgramFiles"], env["ProgramFiles(x86)"], env["LOCALAPPDATA"]].flatMap((root) =>
      root ?? []
    );
    const opener = `${env["SystemRoot"] ?? "C:\\Windows"}\\System32\\rundll32.exe`;
    return [...WINDOWS.flatMap((program) => roots.map((root) => `${root}\\${program}`)), opener];
  }
  if (platform === "darwin") {
    return [...MAC.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`), "/usr/bin/open"];
  }
  // Over ssh there is nobody to look.
  if (!env["DISPLAY"] && !env["WAYLAND_DISPLAY"]) return [];
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...LINUX, "xdg-open"].flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** @param {string} path */
function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * Where a browser's own profile may lie: a snap sees no hidden folder of the home directory, so it uses the
 * profile that it has. @param {string} program
 */
export function isConfined(program) {
  try {
    return realpathSync(program).includes("/snap");
  } catch {
    return false; // It is not there, which running it tells.
  }
}
