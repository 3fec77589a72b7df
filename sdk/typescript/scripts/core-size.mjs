/** How many bytes of one import remain, bundled, minified and compressed: `gzip -9`. */

import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What the whole client may weigh. */
export const BUDGET = 8192;

/** The minified and the compressed size of a module's text, resolved from a folder. */
export async function measure(contents, resolveDir) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["react"],
    write: false,
  });
  const [{ contents: bytes }] = outputFiles;
  return { minified: bytes.length, compressed: gzipSync(bytes, { level: 9 }).length };
}
