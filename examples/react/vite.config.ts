import { defineConfig } from "vite";

const target = process.env.URL ?? "http://localhost:8080";
const toScoreboard = { target, ws: true };
// The page and the scoreboard share an origin; in production a reverse proxy sees to that.
const proxy = { "^/(scores|ws|sse|dev)\\b": toScoreboard };

export default defineConfig({
  server: { proxy },
  preview: { proxy },
  resolve: { dedupe: ["react"] }, // the client is a link to a folder that has one of its own
});
