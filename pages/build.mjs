// Builds what the service serves into a folder: its own, or the one that is named.
// The same sources and the same esbuild give the same bytes.
import { copyFile, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";

const source = join(import.meta.dirname, "src");
const target = process.argv[2] ?? join(import.meta.dirname, "..", "scoreboard", "web", "static");

await mkdir(target, { recursive: true });
await build({
  entryPoints: [
    "board.ts",
    "console/console.ts",
    "theme.ts",
    "board.css",
    "console/console.css",
    "docs.css",
  ].map((name) => join(source, name)),
  entryNames: "[name]",
  outdir: target,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome125", "firefox120", "safari17.5"],
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
});
for (const name of ["index.html", "console/console.html", "icon.svg"]) {
  await copyFile(join(source, name), join(target, basename(name)));
}
