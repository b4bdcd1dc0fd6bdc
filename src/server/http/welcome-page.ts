/** What a browser sees at `/`: a page of its own words, without script or anything fetched. */

/** What the page's Content-Security-Policy allows: its own style, by its hash, and nothing else. */
export interface WelcomePage {
  readonly html: string;
  readonly policy: string;
}

const style = `:root { color-scheme: light dark }
body { font: 1.0625rem/1.6 system-ui, sans-serif; max-width: 38rem; margin: 12vh auto; padding: 0 1.25rem }
h1 { font-size: 1.75rem; margin: 0 0 .5rem }
pre { padding: .9rem 1rem; border: 1px solid #8886; border-radius: .5rem; overflow-x: auto }
code { font: .9375rem/1.5 ui-monospace, monospace }
p.small { font-size: .9375rem; opacity: .8 }`;

/** @param host as the request named it: already checked to be a host with an optional port */
export async function welcomePage(
  { host, secure, open }: { readonly host: string; readonly secure: boolean; readonly open: boolean },
): Promise<WelcomePage> {
  const address = escapeHtml(`${secure ? "https" : "http"}://${host}`);
  const link = open ? address : `${address}/#invite=…`;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style)));
  const hash = btoa(String.fromCharCode(...digest));
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>QUICChat</title>
<style>${style}</style>
<main>
<h1>A QUICChat server runs here</h1>
<p>People talk in its rooms from a terminal or from their own programs. ${
    open
      ? "It is open: anyone who reaches it may join."
      : "To join you need the invite link that its owner has."
  }</p>
<p>With Node.js 20 or newer, type:</p>
<pre><code>npx quicchat chat --url "${link}"</code></pre>
<p class="small">Only reading? <code>npx quicchat tail --url "${link}" --room lobby</code></p>
</main>
</html>
`;
  return { html, policy: `style-src 'sha256-${hash}'` };
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
