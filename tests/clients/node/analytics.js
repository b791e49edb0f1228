// Reports and dashboards by way of jsforce: people are shown to whoever may see them.
'use strict';

const assert = require('node:assert/strict');
const { before, describe, test } = require('node:test');
const border = require('./border.js');
const { assertSilent, email, requests, word } = border;

const crm = border.connection();
const report = crm.analytics.report('00O000000000001EAA');
const cells = (result) => result.factMap['T!T'].rows.map((row) => row.dataCells);

describe('reports', () => {
  const person = { FirstName: 'Aleid', LastName: word('van der Meer'), Email: email(), LeadSource: 'Web' };
  const customer = { Name: word('Bakkerij') };
  const filtered = (column, operator, value) => ({ reportMetadata: { reportFilters: [{ column, operator, value }] } });
  const shown = () => [
    { label: `${person.FirstName} ${person.LastName}`, value: person.Id },
    { label: person.LastName, value: person.Id },
    { label: person.Email, value: person.Email },
    { label: '-', value: null },
    { label: customer.Name, value: customer.Name },
    { label: 'Web', value: 'Web' },
  ];

  before(async () => {
    customer.Id = (await crm.sobject('Account').create({ ...customer })).id;
    person.Id = (await crm.sobject('Contact').create({ ...person, AccountId: customer.Id })).id;
    await crm.sobject('Opportunity').create({
      Name: word('Nieuwe oven'),
      AccountId: customer.Id,
      Amount: 4200,
      StageName: 'Prospecting',
      CloseDate: '2026-12-31',
    });
  });

  test('reports are listed and described', async () => {
    const listed = await crm.analytics.reports();
    assert.deepEqual(listed.map(({ id, name }) => [id, name])[0], [report.id, 'Contacts']);
    const { reportMetadata } = await report.describe();
    assert.equal(reportMetadata.reportType.type, 'ContactList');
    assert.ok(reportMetadata.detailColumns.includes('EMAIL'));
  });

  test('a report shows its people', async () => {
    const all = cells(await report.execute({ details: true }));
    const own = all.find(([name]) => name.value === person.Id);
    assert.deepEqual(own.slice(0, 6), shown());
    // The owner is a column that no rule names: an id may stand in it, and nothing in the clear.
    assert.equal(own[6].label, null);
  });

  test('a filter finds its person', async () => {
    for (const [column, value] of [['EMAIL', person.Email], ['Contact.LastName', `"${person.LastName}"`]]) {
      const result = await report.execute({ details: true, metadata: filtered(column, 'equals', value) });
      assert.deepEqual(cells(result).map((row) => row.slice(0, 6)), [shown()], column);
      assert.equal(result.reportMetadata.reportFilters[0].value, value.replaceAll('"', ''));
    }
    const others = await report.execute({ details: true, metadata: filtered('EMAIL', 'notEqual', person.Email) });
    assert.ok(cells(others).every(([name]) => name.value !== person.Id));
  });

  test('what a report says of itself may come back', async () => {
    const { reportMetadata } = await report.describe();
    reportMetadata.name = word('Klanten');
    reportMetadata.reportFilters = [{ column: 'EMAIL', operator: 'equals', value: person.Email }];
    const result = await report.execute({ details: true, metadata: { reportMetadata } });
    assert.equal(cells(result).length, 1);
  });

  test('patterns are refused by column and operator', async () => {
    for (const operator of ['contains', 'startsWith', 'lessThan']) {
      const asked = () => report.execute({ metadata: filtered('CONTACT.EMAIL', operator, word('x')) });
      await border.assertRefused('query-clause', 'MALFORMED_QUERY', asked, 'Contact.Email');
      await border.assertRefused('query-clause', 'MALFORMED_QUERY', asked, operator);
    }
    const unknown = filtered('Contact.Nickname__c', 'equals', word('x'));
    await border.assertRefused('policy-unknown-field', 'INVALID_FIELD', () => report.execute({ metadata: unknown }));
  });

  test('a report is run and fetched later', async () => {
    const started = await report.executeAsync({ details: true });
    const fetched = await report.instance(started.id).retrieve();
    assert.ok(cells(fetched).some(([name]) => name.label === shown()[0].label));
  });

  test('a dashboard shows its reports', async () => {
    const [{ id }] = await crm.analytics.dashboards();
    const dashboard = crm.analytics.dashboard(id);
    assert.equal((await dashboard.describe()).name, 'Customers');
    assert.equal((await dashboard.status()).componentStatus[0].refreshStatus, 'IDLE');
    assert.ok((await dashboard.refresh()).statusUrl);
    const { componentData } = await dashboard.components();
    const { groupings } = componentData[0].reportResult.groupingsDown;
    const own = groupings.find((group) => group.value === customer.Id);
    assert.equal(own.label, customer.Name);
    const sums = componentData[0].reportResult.factMap[`${own.key}!T`].aggregates;
    assert.deepEqual(sums.map((sum) => sum.value), [4200, 1]);
  });

  test('a report as a workbook is refused', async () => {
    const before = (await requests()).length;
    const url = `${border.demo.border}${crm._baseUrl().replace(border.demo.border, '')}/analytics/reports/${report.id}`;
    const accept = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
    const answer = await fetch(url, { headers: { authorization: `Bearer ${border.demo.access_token}`, accept } });
    assert.equal(answer.status, 400);
    assertSilent(await answer.text(), 'the error repeats a value');
    assert.equal((await requests()).length, before);
  });
});
