// Export as CSV, and a document: up, into the list, down again.
'use strict';

const assert = require('node:assert/strict');
const os = require('node:os');
const path = require('node:path');
const fs = require('node:fs');

async function exportCsv(person) {
  await person.open('/persons/contacts');
  await person.page.locator('[data-action="export-as"], a[data-action*="export"]').first().click();
  const dialog = person.page.locator('.ui-dialog');
  await dialog.locator('select').first().waitFor();
  await person.look('export');
  const start = () => dialog.locator('.ui-dialog-buttonset button').first().click();
  const { name, bytes } = await person.download(start);
  assert.match(name, /\.csv$/);
  return bytes.toString('utf8');
}

async function upload(person, name, content) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sluis-upload-'));
  try {
    const file = path.join(folder, name);
    fs.writeFileSync(file, content);
    await person.open('/documents/document/add');
    await person.page.locator('input[type=file]').setInputFiles(file);
    await person.look('upload');
    const left = person.page.waitForNavigation();
    await person.page.locator('form button[type=submit], form input[type=submit]').last().click();
    const answer = await left;
    await person.page.waitForLoadState('networkidle');
    await person.look('uploaded');
    return answer;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

// Downloads the document whose page is open.
function download(person) {
  const link = person.page.locator('a[href*="/creme_core/download/"]').first();
  return person.download(() => link.click());
}

module.exports = { exportCsv, upload, download };
