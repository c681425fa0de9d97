// The peer of the benchmark: oidc-provider over Redis, with the policy of ours as far as it has it.
//
//   PEER_PORT, PEER_REDIS, PEER_PREFIX   where it listens and keeps its data
//   PEER_CLIENTS                         file: [[client_id, secret, redirect_uri], ...]
//   PEER_JWT=1                           signed access tokens in the place of opaque ones
//   PEER_ROTATE=1                        a new refresh token with every use
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Redis from 'ioredis';
import { Provider } from 'oidc-provider';

const { PEER_PORT, PEER_REDIS, PEER_PREFIX, PEER_CLIENTS, PEER_JWT, PEER_ROTATE } = process.env;
const issuer = `http://127.0.0.1:${PEER_PORT}`;
const redis = new Redis(PEER_REDIS, { keyPrefix: `${PEER_PREFIX}:`, enableAutoPipelining: true });

const CONSUMABLE = new Set(['AuthorizationCode', 'RefreshToken']);
const OF_A_GRANT = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);

// Keys and commands as in the package's example, but for its extra question after the age of a grant's list.
class RedisAdapter {
  constructor(model) {
    this.model = model;
  }

  key(id) {
    return `${this.model}:${id}`;
  }

  async upsert(id, payload, expiresIn) {
    const key = this.key(id);
    const json = JSON.stringify(payload);
    const batch = redis.multi();
    if (CONSUMABLE.has(this.model)) batch.hset(key, { payload: json });
    else batch.set(key, json);
    if (expiresIn) batch.expire(key, expiresIn);
    if (payload.grantId && OF_A_GRANT.has(this.model)) {
      const list = `grant:${payload.grantId}`;
      batch.rpush(list, key);
      batch.expire(list, expiresIn);
    }
    if (payload.uid) batch.set(`uid:${payload.uid}`, id, 'EX', expiresIn);
    await batch.exec();
  }

  async find(id) {
    if (!CONSUMABLE.has(this.model)) {
      const json = await redis.get(this.key(id));
      return json ? JSON.parse(json) : undefined;
    }
    const { payload, ...marks } = await redis.hgetall(this.key(id));
    return payload ? { ...marks, ...JSON.parse(payload) } : undefined;
  }

  async findByUid(uid) {
    const id = await redis.get(`uid:${uid}`);
    return id ? this.find(id) : undefined;
  }

  async findByUserCode() {
    return undefined;
  }

  async consume(id) {
    await redis.hset(this.key(id), 'consumed', Math.floor(Date.now() / 1000));
  }

  async destroy(id) {
    await redis.del(this.key(id));
  }

  async revokeByGrantId(grantId) {
    const list = `grant:${grantId}`;
    const keys = await redis.lrange(list, 0, -1);
    await redis.del(list, ...keys);
  }
}

const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

const clients = JSON.parse(readFileSync(PEER_CLIENTS, 'utf8')).map(([id, secret, redirect]) => ({
  client_id: id,
  client_secret: secret,
  redirect_uris: [redirect],
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  token_endpoint_auth_method: 'client_secret_basic',
  id_token_signed_response_alg: 'ES256',
  scope: 'openid profile',
}));

const signedAccessTokens = {
  enabled: true,
  defaultResource: () => 'urn:bench:api',
  useGrantedResource: () => true,
  getResourceServerInfo: () => ({
    scope: 'openid profile',
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  }),
};

const settings = {
  adapter: RedisAdapter,
  clients,
  jwks: { keys: [{ ...signing, kid: 'bench', use: 'sig', alg: 'ES256' }] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  scopes: ['openid', 'profile'],
  claims: { openid: ['sub'], profile: ['name'] },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: PEER_JWT ? signedAccessTokens : { enabled: false },
  },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: '张小明' }) }),
  issueRefreshToken: async (ctx, client, code) =>
    client.grantTypeAllowed('refresh_token') && code.scopes.has('openid'),
  // Consent is there from the first request on: what is measured is the second and every later one.
  loadExistingGrant: async (ctx) => {
    const { client, session, provider: owner } = ctx.oidc;
    const known = session.grantIdFor(client.clientId);
    if (known) return owner.Grant.find(known);
    const grant = new owner.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid profile');
    if (PEER_JWT) grant.addResourceScope('urn:bench:api', 'openid profile');
    await grant.save();
    return grant;
  },
  interactions: { url: (ctx, interaction) => `/log-in/${interaction.uid}` },
  ttl: {
    AccessToken: 300,
    AuthorizationCode: 60,
    ClientCredentials: 300,
    Grant: 7776000,
    IdToken: 300,
    Interaction: 1800,
    RefreshToken: 2592000,
    Session: 43200,
  },
};
if (PEER_ROTATE) settings.rotateRefreshToken = () => true;

const provider = new Provider(issuer, settings);
let people = 0;

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/log-in/')) return next();
  people += 1; // stands for the login page: everybody who comes is another person
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: `person-${people}` } });
  ctx.respond = false;
  return undefined;
});

provider.on('server_error', (ctx, error) => console.error(error));
provider.listen(Number(PEER_PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
