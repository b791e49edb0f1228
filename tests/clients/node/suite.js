// All tests of jsforce. After each of them its values are looked for in the CRM.
'use strict';

const { afterEach } = require('node:test');
const { assertCrmHoldsNoValue } = require('./border.js');

// A test that waits for ever ends.
setTimeout(() => {
  process.stderr.write('the suite did not end in ten minutes\n');
  process.exit(1);
}, 600_000).unref();

afterEach(assertCrmHoldsNoValue);

require('./records.js');
require('./queries.js');
require('./search.js');
require('./graphql.js');
require('./analytics.js');
require('./events.js');
require('./chatter.js');
require('./composite.js');
require('./refusals.js');
require('./bulk.js');
require('./sign-in.js');
require('./soap.js');
require('./files.js');
require('./gaps.js');
