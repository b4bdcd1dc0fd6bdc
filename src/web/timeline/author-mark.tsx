import type { JSX } from "preact";

/** Kept: making one takes longer than drawing a message. */
const segmenter = new Intl.Segmenter();

/** A colour and a letter for an author, the same at everyone's: names are not unique, this tells two apart. */
export function AuthorMark({ author, name }: { author: string; name: string }): JSX.Element {
  const letter = segmenter.segment(name)[Symbol.iterator]().next().value?.segment ?? "?";
  return (
    <span class="author-mark" style={{ "--hue": hueOf(author) }} aria-hidden="true">
      {letter.toLocaleUpperCase()}
    </span>
  );
}

function hueOf(author: string): number {
  let sum = 0;
  for (let at = 0; at < author.length; at++) sum = (sum * 31 + author.charCodeAt(at)) % 3_600;
  return sum / 10;
}
