/** Makes src/generated from the service's descriptions: `npm run generate`. */

import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { compile } from "json-schema-to-typescript";
import openapiTS, { astToString } from "openapi-typescript";

const HEAD = "// Made by `npm run generate` from";
const WEB = new URL("../../../scoreboard/web/", import.meta.url);
const GENERATED = new URL("../src/generated/", import.meta.url);

/** The files' names and texts. */
export async function render() {
  return { "openapi.ts": await renderOpenApi(), "asyncapi.ts": await renderAsyncApi() };
}

async function renderOpenApi() {
  const nodes = await openapiTS(new URL("openapi.json", WEB), { immutable: true });
  return `${HEAD} scoreboard/web/openapi.json.\n\n${astToString(nodes)}`;
}

/** One type for each schema of the AsyncAPI document: the frames, and what they are made of. */
async function renderAsyncApi() {
  const source = await readFile(new URL("asyncapi.json", WEB), "utf-8");
  const { components } = JSON.parse(source.replaceAll("#/components/schemas/", "#/definitions/"));
  const root = { title: "Schemas", definitions: components.schemas, not: {} };
  const text = await compile(root, "Schemas", {
    additionalProperties: false,
    bannerComment: `${HEAD} scoreboard/web/asyncapi.json.`,
    maxItems: 2,
    unreachableDefinitions: true,
  });
  return text
    .replaceAll(/(^ \*\n)?^ \* This interface was referenced by.*\n^ \* via.*\n/gm, "")
    .replaceAll("/**\n */\n", "");
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [name, text] of Object.entries(await render())) {
    await writeFile(new URL(name, GENERATED), text);
  }
}
