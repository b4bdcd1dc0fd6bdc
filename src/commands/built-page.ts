import { type PageFiles, readPage } from "../server/http/page-files.ts";

/** Where `npm run build` puts the page: beside the bundled program, or in a checkout's dist/. */
const DIRECTORY = new URL(import.meta.url.endsWith(".ts") ? "../../dist/web/" : "./web/", import.meta.url);

/** The page that this program brings along; null where it was not built. */
export function builtPage(): Promise<PageFiles | null> {
  return readPage(DIRECTORY);
}
