// A day's work with contacts, the same with a border and without.
'use strict';

const assert = require('node:assert/strict');
const [zoe, lukasz] = require('../creme/people.json');
const { act } = require('./run.js');
const contacts = require('./contacts.js');
const files = require('./files.js');
const memo = require('./memo.js');
const search = require('./search.js');

// Gives the record's id of each person that it made. `shown` says what comes back of somebody where
// it is not what was typed.
async function work(person, shown = (someone) => someone) {
  const ids = {};
  await act('creates two contacts', async () => {
    ids.lukasz = await contacts.create(person, lukasz);
    ids.zoe = await contacts.create(person, zoe);
  });
  await act('sees both in the list', () => contacts.list(person, zoe, lukasz));
  await act('opens one', () => contacts.open(person, ids.zoe, zoe));
  await act('edits one field of the other, all others are sent again', async () => {
    const changed = { ...lukasz, phone: '+31 20 0001499' };
    await contacts.edit(person, ids.lukasz, { phone: changed.phone }, contacts.asShown(shown(lukasz)));
    await contacts.open(person, ids.lukasz, changed);
    await contacts.edit(person, ids.lukasz, { phone: lukasz.phone });
  });
  await act('finds one by e-mail address in the list', () =>
    search.column(person, 'email', zoe.email, zoe, lukasz));
  await act('finds one by last name in the list', () =>
    search.column(person, 'last_name', zoe.last_name, zoe, lukasz));
  await act('finds one from the search box', () =>
    search.quick(person, lukasz.last_name, lukasz.first_name));
  await act('exports the list as CSV', async () => {
    const csv = await files.exportCsv(person);
    for (const value of [zoe.last_name, zoe.email, zoe.phone, lukasz.email]) {
      assert.ok(csv.includes(value), `the export lacks ${value}:\n${csv}`);
    }
  });
  await act('writes a memo', () => memo.add(person, ids.zoe, zoe.memo));
  return ids;
}

module.exports = { work };
