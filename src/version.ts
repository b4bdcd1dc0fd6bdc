import manifest from "../package.json" with { type: "json" };

/** This program's version: the package's. */
export const VERSION: string = manifest.version;
