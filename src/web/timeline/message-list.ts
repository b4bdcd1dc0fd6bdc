import type { ComponentChildren, FunctionComponent, HTMLAttributes, Ref, VNode } from "preact";
import { VList, type VListHandle } from "virtua";
import type { Row } from "../../ui/view.ts";

interface Props extends Omit<HTMLAttributes<HTMLDivElement>, "data" | "ref" | "onScroll" | "children"> {
  readonly ref?: Ref<VListHandle>;
  readonly data: readonly Row[];
  /** Rows were put before the first: what is in sight stays where it is. */
  readonly shift: boolean;
  /** Pixels that are drawn above and below what is in sight. */
  readonly bufferSize: number;
  readonly onScroll: (offset: number) => void;
  readonly children: (row: Row) => VNode | ComponentChildren;
}

export type { VListHandle };

/** The list as Preact sees it: it is written for React's types, which are not here. */
export const MessageList = VList as unknown as FunctionComponent<Props>;
