// @ts-check
// Leaves sentences for people alone: no test pins how an error is worded. No word of the protocol has a space.

/** @typedef {{ node: { type: string, value?: unknown, quasis?: { value: { raw: string } }[] } }} Path of Babel */

const sentences = {
  /** @param {Path} path */
  shouldIgnore({ node }) {
    const texts = node.type === "StringLiteral"
      ? [String(node.value)]
      : node.type === "TemplateLiteral"
      ? (node.quasis ?? []).map(({ value }) => value.raw)
      : [];
    return texts.some((text) => /\p{L} | \p{L}/u.test(text)) ? "a sentence for people" : undefined;
  },
};

export const strykerPlugins = [{ kind: "Ignore", name: "sentences", value: sentences }];
