// Runs acts one after another and says what came of each, with the time that it took.
'use strict';

const fs = require('node:fs');

let begun = 'start';

// `SLUIS_BROWSER` tells where everything is, as JSON; see tests/it/browser.
async function run(acts) {
  const how = JSON.parse(process.env.SLUIS_BROWSER);
  fs.mkdirSync(how.screens, { recursive: true });
  // A browser that hangs is a failure.
  setTimeout(() => fail(new Error('it did not end in ten minutes')), 600_000).unref();
  try {
    await acts(how);
    process.exit(0);
  } catch (error) {
    fail(error);
  }
}

async function act(name, steps) {
  begun = name;
  const start = performance.now();
  const result = await steps();
  process.stdout.write(`ok ${name} (${Math.round(performance.now() - start)} ms)\n`);
  return result;
}

function fail(error) {
  process.stdout.write(`not ok ${begun}\n${error.stack}\n`);
  process.exit(1);
}

module.exports = { run, act };
