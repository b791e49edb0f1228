// A memo at a contact: free text, sent from a dialog; then Creme reloads the block that shows it.
'use strict';

const { answered } = require('./search.js');

async function add(person, id, text) {
  await write(person, id, text);
  const dialog = person.page.locator('.ui-dialog');
  await answered(person, `/creme_core/bricks/reload/detailview/${id}`, () => send(dialog));
  await dialog.waitFor({ state: 'detached' });
  await person.look('memo-added');
  await person.sees(text);
}

// Writes it and stops before it is sent.
async function write(person, id, text) {
  await person.open(`/persons/contact/${id}`);
  await person.page.locator(`a[href*="/assistants/memo/add/${id}"]`).first().click();
  const dialog = person.page.locator('.ui-dialog');
  await dialog.locator('textarea').fill(text);
  await person.look('memo');
}

const send = (dialog) => dialog.locator('.ui-dialog-buttonset button').last().click();

module.exports = { add, write, send };
