/** What is published, and what it is made from. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (name: string): string => readFileSync(join(ROOT, name), "utf-8");
const script = (name: string) => import(new URL(`../../scripts/${name}`, import.meta.url).href);

let folder: string;
let files: string[];

/** A folder of somebody who has installed the package, and React. */
before(() => {
  folder = mkdtempSync(join(tmpdir(), "scoreboard-client-"));
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: ROOT,
    encoding: "utf-8",
  });
  const [{ filename, files: listed }] = JSON.parse(packed.slice(packed.indexOf("[")));
  files = listed.map(({ path }: { path: string }) => path);
  const place = join(folder, "node_modules", "@scoreboard", "client");
  mkdirSync(place, { recursive: true });
  execFileSync("tar", ["xzf", join(folder, filename), "-C", place, "--strip-components=1"]);
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
});
after(() => rmSync(folder, { recursive: true }));

const run = (file: string, text: string): string => {
  writeFileSync(join(folder, file), text);
  return execFileSync("node", [file], { cwd: folder, encoding: "utf-8" });
};

test("the package can be imported from a fresh folder, without React", () => {
  const text = `
    import * as all from "@scoreboard/client";
    const board = all.createClient({ baseUrl: "http://localhost" }).watch();
    console.log(Object.keys(all).sort().join(), board.getSnapshot().connection);`;
  const names = "ScoreboardError,createClient,isScoreboardError";
  assert.equal(run("plain.js", text), `${names} idle\n`);
});

test("the hooks are a part of their own, and nothing else can be reached", () => {
  for (const name of ["react", "react-dom"]) {
    symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  }
  const hooks = `
    import * as hooks from "@scoreboard/client/react";
    console.log(Object.keys(hooks).sort().join());`;
  assert.equal(run("hooks.js", hooks), "useBoard,useScoreboard\n");
  const inner = `import("@scoreboard/client/dist/board.js").catch(({ code }) => console.log(code));`;
  assert.equal(run("inner.js", inner), "ERR_PACKAGE_PATH_NOT_EXPORTED\n");
});

test("whoever uses it has its types, however modules are resolved", () => {
  const text = `
    import { createClient, isScoreboardError, type BoardState } from "@scoreboard/client";
    const client = createClient({ baseUrl: "http://localhost" });
    export const state: BoardState = client.watch({ top: 50 }).getSnapshot();
    export const score: Promise<number> = client
      .incrementScore("user", 25, "token")
      .then((receipt) => receipt.score)
      .catch((error: unknown) => {
        if (isScoreboardError(error, "version_conflict")) return error.version;
        throw error;
      });`;
  writeFileSync(join(folder, "typed.ts"), text);
  for (const options of [
    ["--module", "nodenext"],
    ["--module", "esnext", "--moduleResolution", "bundler"],
  ]) {
    const tsc = join(ROOT, "node_modules", ".bin", "tsc");
    const strictly = [
      "--noEmit",
      "--strict",
      "--target",
      "es2022",
      "--lib",
      "es2022,dom",
      ...options,
    ];
    const { stdout, status } = spawnSync(tsc, [...strictly, "typed.ts"], {
      cwd: folder,
      encoding: "utf-8",
    });
    assert.equal(status, 0, stdout);
  }
});

test("only what is needed is published", () => {
  const [kinds, others] = [
    /^(dist|src)\/[a-z/-]+\.(js|js\.map|d\.ts|ts)$/,
    ["LICENSE", "README.md", "package.json"],
  ];
  const strange = files.filter((path) => !kinds.test(path) && !others.includes(path));
  assert.deepEqual(strange, []);
  assert(others.every((path) => files.includes(path)));
  assert.deepEqual(JSON.parse(read("package.json")).dependencies, undefined);
});

test("the whole client weighs no more than it may", async () => {
  const { BUDGET, measure } = await script("core-size.mjs");
  const whole = 'export * from "@scoreboard/client";';
  const { compressed } = await measure(whole, folder);
  assert(compressed <= Number(BUDGET), `${compressed} bytes of ${BUDGET}`);
});

test("the generated types are those of the service's descriptions", async () => {
  const { render } = await script("generate.mjs");
  for (const [name, text] of Object.entries<string>(await render())) {
    assert.equal(read(`src/generated/${name}`), text, "run `npm run generate`");
  }
});

test("the lock file names no registry", () => {
  const { packages } = JSON.parse(read("package-lock.json"));
  for (const [name, { resolved }] of Object.entries<{ resolved?: string }>(packages)) {
    assert.equal(resolved, undefined, name);
  }
});

test("no file is longer than 400 lines", () => {
  for (const room of ["src", "test", "scripts"]) {
    for (const name of readdirSync(join(ROOT, room)).filter((each) => /\.(ts|mjs)$/.test(each))) {
      assert(read(`${room}/${name}`).split("\n").length <= 400, name);
    }
  }
});
