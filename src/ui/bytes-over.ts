import { LIMITS } from "../protocol/limits.ts";
import { textFits } from "../protocol/words.ts";

const encoder = new TextEncoder();

/** How many bytes a text is over what one message may have; 0 where it fits. */
export function bytesOver(text: string): number {
  if (textFits(text)) return 0;
  const over = encoder.encode(text).length - LIMITS.textBytesMax;
  // A text of control characters is short, and long in the JSON that carries it.
  return over > 0 ? over : encoder.encode(JSON.stringify(text)).length - LIMITS.textJsonBytesMax;
}
