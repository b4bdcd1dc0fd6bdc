/** What of Trusted Types we use: the one policy that the page's CSP allows, for the one URL. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): {
    createScriptURL(url: string): string;
  };
}

/** Keeps the page itself for when there is no server. Browsers without a worker just don't have that. */
export async function keepPage(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const trusted = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const policy = trusted?.createPolicy("quicchat", {
    createScriptURL: (url) => {
      if (url !== "/sw.js") throw new TypeError(`no script of this page: ${url}`);
      return url;
    },
  });
  try {
    await navigator.serviceWorker.register(policy?.createScriptURL("/sw.js") ?? "/sw.js");
  } catch (thrown) {
    // Past the warning of a self-made certificate, and in private windows, a browser keeps no page.
    console.info("this page does not open without its server:", thrown);
    return;
  }
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<{ open?: string }>) => {
    if (typeof data.open === "string") location.hash = data.open;
  });
}
