import type { ComponentChildren, JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { useWords } from "../language.ts";
import { markdownTree, type Node } from "./tree.ts";

/** A message's text as markdown. Everything becomes elements, nothing ever a string of HTML. */
export function Markdown({ text }: { text: string }): JSX.Element {
  const tree = useMemo(() => markdownTree(text), [text]);
  return tree === null ? <p class="plain">{text}</p> : <>{tree.map(elementOf)}</>;
}

function elementOf(node: Node, key: number): ComponentChildren {
  switch (node.is) {
    case "text":
      return node.text;
    case "break":
      return <br key={key} />;
    case "rule":
      return <hr key={key} />;
    case "code":
      return <code key={key}>{node.text}</code>;
    case "block":
      return <CodeBlock key={key} text={node.text} language={node.language} />;
    case "link":
      return (
        <a key={key} href={node.to} target="_blank" rel="noopener noreferrer">
          {node.children.map(elementOf)}
        </a>
      );
    case "numbers":
      return <ol key={key} start={node.start}>{node.children.map(elementOf)}</ol>;
    case "bullets":
      return <ul key={key}>{node.children.map(elementOf)}</ul>;
    case "item":
      return <li key={key}>{node.children.map(elementOf)}</li>;
    case "quote":
      return <blockquote key={key}>{node.children.map(elementOf)}</blockquote>;
    case "strong":
      return <strong key={key}>{node.children.map(elementOf)}</strong>;
    case "emphasis":
      return <em key={key}>{node.children.map(elementOf)}</em>;
    case "strike":
      return <s key={key}>{node.children.map(elementOf)}</s>;
    case "heading":
      return (
        <p key={key} class="heading">
          <strong>{node.children.map(elementOf)}</strong>
        </p>
      );
    case "paragraph":
      return <p key={key} dir="auto">{node.children.map(elementOf)}</p>;
  }
}

function CodeBlock({ text, language }: { text: string; language: string }): JSX.Element {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(text);
    setCopied(true);
  };
  return (
    <div class="code-block">
      <div class="code-head">
        <span>{language}</span>
        <button type="button" class="text-button" onClick={() => void copy()}>
          {copied ? words.message.linkCopied : words.message.copyCode}
        </button>
      </div>
      <pre tabIndex={0} dir="ltr"><code>{text}</code></pre>
    </div>
  );
}
