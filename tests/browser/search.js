// Searches: in a column of the list, and from the box at the top of every page.
'use strict';

const assert = require('node:assert/strict');

// Searches a column for an exact value: one row is left, and no other person is shown.
async function column(person, field, value, found, other) {
  await person.open('/persons/contacts');
  const box = person.page.locator(`input[name="search-regular_field-${field}"]`);
  await box.fill(value);
  await answered(person, '/persons/contacts', () => box.press('Enter'));
  const rows = person.page.locator('tr.lv-row');
  await assertCount(rows, 1);
  await person.look(`search-${field}`);
  await person.sees(found.last_name, found.email);
  assert.ok(!(await rows.innerText()).includes(other.last_name), 'the search shows others');
  await person.page.reload();
  await person.page.waitForLoadState('networkidle');
  assert.equal(await box.inputValue(), value, 'Creme shows again what was searched');
  await box.fill('');
  await answered(person, '/persons/contacts', () => box.press('Enter'));
  await assertCount(rows, (count) => count > 1);
}

// Types a value into the search box; Creme asks again while one types.
async function quick(person, value, found) {
  await person.open('/');
  const box = person.page.locator('.search-box input[type=text]').first();
  await box.click();
  await answered(person, '/creme_core/search/light', () => box.fill(value));
  const result = person.page.locator('.search-box .search-results')
    .getByText(found).first();
  await result.waitFor();
  await person.look('quick-search');
}

// Does something and waits for the answer that it asks for.
async function answered(person, path, act) {
  const answer = person.page.waitForResponse((one) => new URL(one.url()).pathname === path);
  await act();
  assert.equal((await answer).status(), 200, path);
  await person.page.waitForLoadState('networkidle');
}

async function assertCount(rows, expected) {
  const fits = typeof expected === 'function' ? expected : (count) => count === expected;
  let count;
  for (let left = 50; left > 0; left -= 1) {
    count = await rows.count();
    if (fits(count)) return;
    await rows.page().waitForTimeout(100);
  }
  assert.fail(`${count} rows`);
}

module.exports = { column, quick, answered };
