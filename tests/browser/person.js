// A person at a browser: Chromium, a context of its own, what it loads and what it says.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');

// How long a person waits for one thing, in milliseconds.
const PATIENCE = 30_000;
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };

// `resolve` maps a host to an address, as /etc/hosts would; `key` is the SHA-256 of the key of the
// one certificate to trust besides the system's, so that nothing has to be ignored.
async function launch({ resolve, key }) {
  const args = [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update',
  ];
  if (resolve) args.push(`--host-resolver-rules=${resolve}`);
  if (key) args.push(`--ignore-certificate-errors-spki-list=${key}`);
  return chromium.launch({ executablePath: installed(), args });
}

// Where Chromium is, from the folders in which commands are looked for.
function installed() {
  const places = process.env.PATH.split(path.delimiter).map((folder) => path.join(folder, 'chromium'));
  const place = places.find((file) => fs.existsSync(file));
  assert.ok(place, 'chromium is not installed; run `bash tests/run`');
  return place;
}

class Person {
  // `screens` is where screenshots go, `language` what the browser asks for; `har` where what it
  // sends and gets is recorded, once the context is closed.
  static async at(browser, base, { name, screens, language = 'en-GB', har }) {
    const recordHar = har && { path: har, content: 'embed', mode: 'full' };
    const context = await browser.newContext({
      viewport: WIDE, locale: language, acceptDownloads: true, recordHar,
    });
    context.setDefaultTimeout(PATIENCE);
    const person = new Person();
    Object.assign(person, { name, base, context, screens, requests: [], complaints: [], number: 0 });
    context.on('request', (request) => person.requests.push(request));
    context.on('weberror', (error) => person.complaints.push(String(error.error())));
    context.on('console', (message) => {
      if (message.type() === 'error') person.complaints.push(message.text());
    });
    person.page = await context.newPage();
    return person;
  }

  async open(target) {
    const answer = await this.page.goto(this.base + target);
    await this.page.waitForLoadState('networkidle');
    return answer;
  }

  // The page as it looks on a desk and in a hand.
  async look(what) {
    const number = String(++this.number).padStart(2, '0');
    for (const size of [NARROW, WIDE]) {
      await this.page.setViewportSize(size);
      const file = `${this.name}-${number}-${what}-${size.width}.png`;
      await this.page.screenshot({ path: path.join(this.screens, file) });
    }
  }

  // All text that a person can read in the page, the values of form fields included.
  text() {
    return this.page.evaluate(() => {
      const typed = [...document.querySelectorAll('input:not([type=hidden]), textarea, select')];
      return [document.title, document.body.innerText, ...typed.map((field) => field.value)].join('\n');
    });
  }

  async sees(...values) {
    const text = await this.text();
    for (const value of values) {
      assert.ok(text.includes(value), `${this.page.url()} does not show ${value}:\n${text}`);
    }
  }

  async seesNot(...values) {
    const text = (await this.page.content()) + (await this.text());
    for (const value of values) assert.ok(!text.includes(value), `${this.page.url()} shows ${value}`);
  }

  // Does what starts a download, and gives its name and its bytes.
  async download(start) {
    const [download] = await Promise.all([this.page.waitForEvent('download'), start()]);
    return { name: download.suggestedFilename(), bytes: fs.readFileSync(await download.path()) };
  }

  // No request of the browser went to another host than the one in its address bar.
  stayed() {
    const strangers = this.requests
      .map((request) => new URL(request.url()))
      .filter((url) => /^(https?|wss?):$/.test(url.protocol) && url.origin !== this.base);
    assert.deepEqual(strangers.map(String), [], 'requests left for other hosts');
  }
}

module.exports = { launch, Person, NARROW, WIDE };
