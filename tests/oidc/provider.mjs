// A real identity provider, over TLS. It signs in whom it is told to, without asking.
//
// `SLUIS_OIDC`: { key, certificate, redirect, modules }. It writes its origin once it listens.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// Its notices are no origin.
console.info = console.error;

const how = JSON.parse(process.env.SLUIS_OIDC);
const require = createRequire(`${how.modules}/`);
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const server = createServer({ key: readFileSync(how.key), cert: readFileSync(how.certificate) });
server.listen(0, '127.0.0.1', () => {
  const issuer = `https://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'sluis', client_secret: 'geheim-van-de-grens', redirect_uris: [how.redirect],
    }],
    cookies: { keys: ['of a test'] },
    // Whom to sign in, and how: what the browser of the test says in a field of its own.
    interactions: { url: (ctx, { uid }) => `/interaction/${uid}` },
    features: { devInteractions: { enabled: false } },
    claims: { openid: ['sub', 'amr', 'acr'] },
    conformIdTokenClaims: false,
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    pkce: { required: () => true },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    const act = request.url.startsWith('/interaction/') ? interact(provider, request, response) : answer(request, response);
    Promise.resolve(act).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      response.writeHead(500).end();
    });
  });
  process.stdout.write(`${issuer}\n`);
});

async function interact(provider, request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const amr = request.headers['x-amr']?.split(' ') ?? ['pwd'];
    const login = { accountId: request.headers['x-account'], amr };
    return provider.interactionFinished(request, response, { login });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}
