#!/usr/bin/env node
// Only what every Node with ES modules understands stands here, so that an old one gets a sentence and not
// a syntax error. Everything else is in launch.mjs.
const process = globalThis.process;
const NODE_MAJOR_MIN = 20;

if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN) {
  console.error(
    "quicchat needs Node " + NODE_MAJOR_MIN + " or newer and this is " + process.version +
      ": install one from https://nodejs.org and run it again.",
  );
  process.exitCode = 2;
} else {
  import("./launch.mjs").then(({ launch }) => launch(process.argv.slice(2)));
}
