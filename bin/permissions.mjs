// @ts-check
import { resolve } from "node:path";

/**
 * The absolute paths that a command line is about.
 * @typedef {object} Where
 * @property {readonly string[]} own the program itself: every command may read it, workers are loaded from it
 * @property {string} data @property {string} state see places.mjs
 * @property {string} cwd
 * @property {string | null} [iroh] the native library that peers connect by
 * @property {string | null} [browser] what shows a page
 */

/** What can be named below: the flag that gives the path, and what counts without it. */
const PATHS = {
  data: { flag: "--data", otherwise: (/** @type {Where} */ at) => at.data },
  state: { flag: null, otherwise: (/** @type {Where} */ at) => at.state },
  cert: { flag: "--cert", otherwise: null },
  key: { flag: "--key", otherwise: null },
  ca: { flag: "--ca", otherwise: null },
  // The launcher finds it; where it is missing the command says so.
  iroh: { flag: null, otherwise: (/** @type {Where} */ at) => at.iroh ?? null },
  out: { flag: "--out", otherwise: (/** @type {Where} */ at) => at.cwd },
};

/**
 * What a command may touch.
 * @typedef {object} Needs
 * @property {boolean} net any host: a server answers whoever comes, a client goes where its user says
 * @property {readonly (keyof typeof PATHS)[]} read besides the program itself
 * @property {readonly (keyof typeof PATHS)[]} write
 * @property {readonly (keyof typeof PATHS)[]} ffi native libraries: such a one may do what the user may
 * @property {readonly string[]} sys names of Deno's --allow-sys
 * @property {boolean} [showsPage] starts `browser`, and nothing else
 * @property {boolean} checksPeers whether `--insecure` means something to it
 */

/** @type {Needs} */
const NOTHING = { net: false, read: [], write: [], ffi: [], sys: [], checksPeers: false };

/** @type {Needs} */
const CLIENT = { net: true, read: ["state", "ca"], write: ["state"], ffi: [], sys: [], checksPeers: true };

/**
 * Deno's permissions by command. A command that is not here gets none, and can still print its help.
 * @type {Readonly<Record<string, Needs>>}
 */
export const COMMANDS = {
  serve: {
    net: true,
    read: ["data", "cert", "key"],
    write: ["data"],
    ffi: [],
    // The invite link of a server that listens everywhere names an address that others can reach.
    sys: ["hostname", "networkInterfaces"],
    checksPeers: false,
  },
  peer: {
    net: true,
    read: ["data", "iroh"],
    write: ["data"],
    ffi: ["iroh"],
    // mDNS asks on every interface.
    sys: ["networkInterfaces"],
    checksPeers: false,
  },
  send: CLIENT,
  tail: CLIENT,
  chat: CLIENT,
  gui: { ...NOTHING, net: true, read: ["state"], write: ["state"], showsPage: true },
  cert: { ...NOTHING, read: ["out"], write: ["out"] },
};

/** The environment that commands may read; every other name looks unset to them. */
export const ENV_NAMES = [
  "QUICCHAT_DATA",
  "QUICCHAT_STATE",
  "QUICCHAT_TOKEN",
  // Where the peers' native library is.
  "QUICCHAT_IROH",
  // Whether the launcher starts it again when it asks for it.
  "QUICCHAT_AGAIN",
  // What the launcher found for `gui`.
  "QUICCHAT_BROWSER",
  "QUICCHAT_BROWSER_PROFILE",
  // A default for --name.
  "USER",
  "LOGNAME",
  "USERNAME",
  // How to print (no-color.org).
  "NO_COLOR",
  "FORCE_COLOR",
  "TERM",
  "COLORTERM",
  "LANG",
];

/**
 * The flags of `deno run` that say what a command line may touch.
 * @param {readonly string[]} args the command line after `quicchat`
 * @param {Where} at
 * @returns {string[]}
 */
export function permissionFlags(args, at) {
  const options = beforeTerminator(args);
  const needs = COMMANDS[options[0] ?? ""] ?? NOTHING;
  /** @param {readonly (keyof typeof PATHS)[]} names */
  const paths = (names) =>
    names.flatMap((name) => {
      const { flag, otherwise } = PATHS[name];
      const given = flag && valueOf(flag, options);
      const path = given ? resolve(at.cwd, given) : otherwise?.(at);
      return path ? [path] : [];
    });

  const flags = ["--no-prompt", allow("read", [...at.own, ...paths(needs.read)])];
  if (needs.net) flags.push("--allow-net");
  if (needs.write.length > 0) flags.push(allow("write", paths(needs.write)));
  if (paths(needs.ffi).length > 0) flags.push(allow("ffi", paths(needs.ffi)));
  if (needs.sys.length > 0) flags.push(allow("sys", needs.sys));
  if (needs.showsPage && at.browser) flags.push(allow("run", [at.browser]));
  flags.push(allow("env", ENV_NAMES), "--ignore-env");
  if (needs.checksPeers && options.includes("--insecure")) flags.push("--unsafely-ignore-certificate-errors");
  return flags;
}

/** @param {string} what @param {readonly string[]} values */
function allow(what, values) {
  // Deno splits at commas; a doubled one stands for itself.
  return `--allow-${what}=${values.map((value) => value.replaceAll(",", ",,")).join(",")}`;
}

/** The last one counts, as with `parseArgs`. @param {string} flag @param {readonly string[]} options */
function valueOf(flag, options) {
  let value;
  for (const [i, option] of options.entries()) {
    if (option === flag) value = options[i + 1];
    else if (option.startsWith(`${flag}=`)) value = option.slice(flag.length + 1);
  }
  return value;
}

/** What follows `--` is text, whatever it looks like. @param {readonly string[]} args */
function beforeTerminator(args) {
  const end = args.indexOf("--");
  return end < 0 ? args : args.slice(0, end);
}
