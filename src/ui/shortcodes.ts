/** The shortcodes that people know by heart; the picker knows all emoji. */
export const SHORTCODES: Readonly<Record<string, string>> = {
  "+1": "👍",
  "-1": "👎",
  angry: "😠",
  blush: "😊",
  bug: "🐛",
  bulb: "💡",
  cake: "🍰",
  check: "✅",
  clap: "👏",
  coffee: "☕",
  confused: "😕",
  cry: "😢",
  eyes: "👀",
  facepalm: "🤦",
  fire: "🔥",
  grin: "😁",
  heart: "❤️",
  heart_eyes: "😍",
  hug: "🤗",
  hundred: "💯",
  joy: "😂",
  laughing: "😆",
  muscle: "💪",
  ok: "👌",
  party: "🥳",
  pray: "🙏",
  rainbow: "🌈",
  relieved: "😌",
  rocket: "🚀",
  rofl: "🤣",
  sad: "🙁",
  scream: "😱",
  shrug: "🤷",
  sleeping: "😴",
  smile: "😄",
  sob: "😭",
  sparkles: "✨",
  star: "⭐",
  sun: "☀️",
  sunglasses: "😎",
  sweat_smile: "😅",
  tada: "🎉",
  thinking: "🤔",
  thumbsdown: "👎",
  thumbsup: "👍",
  tongue: "😛",
  upside_down: "🙃",
  warning: "⚠️",
  wave: "👋",
  wink: "😉",
  x: "❌",
  yum: "😋",
};

/** Replaces `:code:` that is known, outside of code (between backticks). */
export function withEmoji(text: string): string {
  return text.split(/(```[^]*?(?:```|$)|`[^`\n]*`)/).map((part, at) =>
    at % 2 === 1 ? part : part.replace(/:([a-z0-9_+-]{1,30}):/g, (whole, code: string) => {
      return Object.hasOwn(SHORTCODES, code) ? SHORTCODES[code] ?? whole : whole;
    })
  ).join("");
}
