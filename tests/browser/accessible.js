// Whether a page of ours can be used by everybody, by the rules of axe-core, on a desk and in a hand.
'use strict';

const assert = require('node:assert/strict');
const axe = require('axe-core');
const { NARROW, WIDE } = require('./person.js');

async function check(person, what) {
  const { page } = person;
  for (const size of [NARROW, WIDE]) {
    await page.setViewportSize(size);
    // Put in by the browser itself, which the page's Content-Security-Policy does not concern.
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    const serious = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`);
    assert.deepEqual(serious, [], `${what} at ${size.width} px`);
    const across = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(across <= 0, `${what} is ${across} px wider than ${size.width} px`);
  }
  await person.look(what);
}

module.exports = { check };
