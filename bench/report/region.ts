/** The parts of a page that a program writes. What stands around them is written by hand and stays. */

/** `<!-- bench:NAME -->` … `<!-- /bench:NAME -->` with the text between. */
export function region(name: string, text: string): string {
  return `${begin(name)}\n${text.trim()}\n${end(name)}`;
}

/** The page with the region's text in place of what was there; at the end, under the heading, if it was not there.
 * Throws where a region begins and does not end. */
export function withRegion(page: string, name: string, { heading, text }: {
  readonly heading: string;
  readonly text: string;
}): string {
  const start = page.indexOf(begin(name));
  if (start < 0) return `${page.trimEnd()}\n\n### ${heading}\n\n${region(name, text)}\n`;
  const stop = page.indexOf(end(name), start);
  if (stop < 0) {
    throw new RangeError(`the page has ${begin(name)} and after it no ${end(name)}; put it where it ends`);
  }
  return page.slice(0, start) + region(name, text) + page.slice(stop + end(name).length);
}

function begin(name: string): string {
  return `<!-- bench:${name} -->`;
}

function end(name: string): string {
  return `<!-- /bench:${name} -->`;
}
