// A provider that lies in one way at a time. `GET /lie/NAME` says in which; without one it is honest.
// With `slow` it says nothing of itself until another lie is named; `GET /asked` tells how often
// somebody wanted to know.
//
// `SLUIS_OIDC`: { key, certificate, modules }. It writes its origin once it listens.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { createHash } from 'node:crypto';

const how = JSON.parse(process.env.SLUIS_OIDC);
const require = createRequire(`${how.modules}/`);
const jose = await import(pathToFileURL(require.resolve('jose')));
const pair = await jose.generateKeyPair('RS256');
const stranger = await jose.generateKeyPair('RS256');
const published = { ...(await jose.exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };

let lie = '';
let issuer;
const codes = new Map();
let asked = 0;
let held = [];

const server = createServer({ key: readFileSync(how.key), cert: readFileSync(how.certificate) }, (request, response) => {
  let body = '';
  request.on('data', (part) => { body += part; });
  request.on('end', () => {
    answer(new URL(request.url, issuer), new URLSearchParams(body), response).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      response.writeHead(500).end();
    });
  });
});
server.listen(0, '127.0.0.1', () => {
  issuer = `https://localhost:${server.address().port}`;
  process.stdout.write(`${issuer}\n`);
});

async function answer(url, form, response) {
  const json = (status, value) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (url.pathname.startsWith('/lie/')) {
    lie = url.pathname.slice('/lie/'.length);
    for (const go of held.splice(0)) go();
    return json(200, {});
  }
  if (url.pathname === '/asked') return json(200, asked);
  if (url.pathname === '/.well-known/openid-configuration') {
    asked += 1;
    if (lie === 'slow') await new Promise((go) => held.push(go));
    return json(200, {
      issuer: lie === 'discovery-issuer' ? 'https://evil.example' : issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: lie === 'token-host' ? 'https://127.0.0.1:1/token' : `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'none', 'HS256'],
    });
  }
  if (url.pathname === '/jwks') return json(200, { keys: [published] });
  if (url.pathname === '/auth') {
    const asked = url.searchParams;
    const code = `code-${codes.size}`;
    codes.set(code, { nonce: asked.get('nonce'), challenge: asked.get('code_challenge') });
    const back = new URL(asked.get('redirect_uri'));
    back.searchParams.set('code', code);
    back.searchParams.set('state', lie === 'state' ? 'another' : asked.get('state'));
    if (lie === 'callback-issuer') back.searchParams.set('iss', 'https://evil.example');
    return response.writeHead(303, { location: back.href }).end();
  }
  if (url.pathname === '/token') {
    const kept = codes.get(form.get('code'));
    const verifier = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    if (!kept || kept.used && lie !== 'replay' || kept.challenge !== verifier && lie !== 'no-pkce') {
      return json(400, { error: 'invalid_grant' });
    }
    kept.used = true;
    return json(200, {
      access_token: 'x', token_type: 'Bearer', expires_in: 60, id_token: await token(kept.nonce),
    });
  }
  return json(404, {});
}

async function token(nonce) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: lie === 'issuer' ? 'https://evil.example' : issuer,
    aud: { audience: 'somebody-else', 'two-audiences': ['sluis', 'somebody-else'] }[lie] ?? 'sluis',
    sub: lie === 'unlinked' ? 'nobody' : 'u-1001',
    email: 'sanne@example.nl', email_verified: true,
    nonce: lie === 'nonce' ? 'another' : nonce,
    iat: now, exp: lie === 'expired' ? now - 600 : now + 300,
    amr: lie.startsWith('second') ? ['pwd', 'mfa'] : ['pwd'],
  };
  const since = { 'second-old': 3600, 'second-now': 0, 'second-ahead': -3600 }[lie];
  if (since !== undefined) claims.auth_time = now - since;
  if (lie === 'no-nonce') delete claims.nonce;
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  if (lie === 'alg-none') return `${part({ alg: 'none' })}.${part(claims)}.`;
  if (lie === 'hmac') {
    // Signed with what everybody knows: the published key as a shared secret.
    const secret = new TextEncoder().encode('geheim-van-de-grens');
    return new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret);
  }
  const key = lie === 'strange-key' ? stranger.privateKey : pair.privateKey;
  const signed = await new jose.SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key);
  if (lie !== 'changed') return signed;
  const [head, , signature] = signed.split('.');
  return `${head}.${part({ ...claims, sub: 'u-1002' })}.${signature}`;
}
