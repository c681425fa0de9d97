// A relying party on npm's openid-client 6, certified by the OpenID Foundation, against the conformance profile.
// Every value comes from discovery and registration; people's part is done by a small browser at the end.
// ISSUER names the provider; a failed assertion ends the process with its text.
import assert from "node:assert/strict";
import * as jose from "jose";
import * as client from "openid-client";

const issuer = new URL(process.env.ISSUER);
const execute = issuer.protocol === "http:" ? [client.allowInsecureRequests] : [];
const redirectUri = "https://rp.localhost/callback";
const loggedOutUri = "https://rp.localhost/logged-out";
const everything = "openid profile email address phone";
const api = { jwt: "urn:example:resource:jwt", opaque: "urn:example:resource:opaque" };

// --- relying parties

async function register(metadata, authentication) {
  const config = await client.dynamicClientRegistration(
    issuer,
    {
      client_name: "openid-client",
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [loggedOutUri],
      grant_types: ["authorization_code", "refresh_token", "client_credentials"],
      response_types: ["code"],
      scope: `${everything} offline_access api:write`,
      ...metadata,
    },
    authentication,
    { execute },
  );
  // The library trusts TLS for ID tokens by default; here their signatures are checked too.
  client.enableNonRepudiationChecks(config);
  return config;
}

async function request(config, parameters = {}) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  };
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: everything,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...parameters,
  });
  return { url, checks };
}

async function logIn(config, browser, parameters = {}, tokenParameters = {}) {
  const { url, checks } = await request(config, parameters);
  const callback = await browser.authorize(url);
  return client.authorizationCodeGrant(config, callback, checks, tokenParameters);
}

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    // A 401 carries a challenge (RFC 9110 §15.5.2), which the library reports before the body.
    if (error instanceof client.WWWAuthenticateChallengeError) return (await error.response.json()).error;
    return error.error ?? String(error);
  }
  return assert.fail("was not refused");
}

// --- what is shown

async function codeFlow(algorithm) {
  const metadata = algorithm === undefined ? {} : { id_token_signed_response_alg: algorithm };
  const config = await register(metadata, client.ClientSecretBasic());
  const browser = new Browser();
  const tokens = await logIn(config, browser, { acr_values: "urn:yihao:level:2" });
  assert.equal(jose.decodeProtectedHeader(tokens.id_token).alg, algorithm ?? "RS256");
  const claims = tokens.claims();
  assert.equal(claims.acr, "urn:yihao:level:2");
  assert.ok(Array.isArray(claims.amr) && claims.amr.includes("pwd"));

  const user = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  for (const name of ["name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile",
    "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at", "email", "phone_number"]) {
    assert.ok(user[name], `userinfo has no ${name}`);
  }
  assert.deepEqual([user.email_verified, user.phone_number_verified], [true, true]);
  assert.equal(user.address.country, "CN");

  const next = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(next.refresh_token, tokens.refresh_token);
  assert.equal(next.claims().sub, claims.sub);
  const seen = await client.tokenIntrospection(config, next.access_token);
  assert.deepEqual([seen.active, seen.sub], [true, claims.sub]);
  await client.tokenRevocation(config, next.refresh_token);
  assert.equal((await client.tokenIntrospection(config, next.access_token)).active, false);
  assert.equal(await refusal(client.refreshTokenGrant(config, next.refresh_token)), "invalid_grant");

  await logOut(config, browser, tokens.id_token);
}

async function logOut(config, browser, idToken) {
  const state = client.randomState();
  const parameters = { post_logout_redirect_uri: loggedOutUri, id_token_hint: idToken, state };
  const left = await browser.leave(client.buildEndSessionUrl(config, parameters));
  assert.equal(left.href, `${loggedOutUri}?state=${encodeURIComponent(state)}`);
  assert.equal(await refusal(logIn(config, browser, { prompt: "none" })), "login_required");
}

async function singleSignOn() {
  const first = await register({ token_endpoint_auth_method: "client_secret_post" }, client.ClientSecretPost());
  const second = await register({}, client.ClientSecretBasic());
  const browser = new Browser();
  const { url, checks } = await request(first, { response_mode: "form_post" });
  const posted = await browser.authorize(url);
  assert.ok(posted instanceof Request);
  const tokens = await client.authorizationCodeGrant(first, posted.clone(), checks);
  assert.equal(browser.passwords, 1);
  await logIn(second, browser);
  assert.equal(browser.passwords, 1, "the second relying party asked for a password");
  await logIn(second, browser, { prompt: "none" });
  const again = await logIn(first, browser, { prompt: "login", max_age: "0" });
  assert.equal(browser.passwords, 2);
  assert.ok(again.claims().auth_time >= tokens.claims().auth_time);
  // A code counts once (RFC 6749 §4.1.2).
  assert.equal(await refusal(client.authorizationCodeGrant(first, posted, checks)), "invalid_grant");
}

async function publicClient() {
  const config = await register(
    { token_endpoint_auth_method: "none", grant_types: ["authorization_code"], application_type: "native",
      redirect_uris: ["http://127.0.0.1/callback"] },
    client.None(),
  );
  const there = { redirect_uri: "http://127.0.0.1:41234/callback" };
  await logIn(config, new Browser(), there);
  const withoutChallenge = { ...there, code_challenge: "", code_challenge_method: "" };
  const { url, checks } = await request(config, withoutChallenge);
  url.searchParams.delete("code_challenge");
  url.searchParams.delete("code_challenge_method");
  const callback = await new Browser().authorize(url);
  assert.equal(await refusal(client.authorizationCodeGrant(config, callback, checks)), "invalid_request");
}

async function assertions() {
  for (const algorithm of ["ES256", "RS256", "PS256", "Ed25519"]) {
    const pair = await jose.generateKeyPair(algorithm, { extractable: true });
    const jwk = { ...(await jose.exportJWK(pair.publicKey)), kid: algorithm, alg: algorithm, use: "sig" };
    const config = await register(
      { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [jwk] } },
      client.PrivateKeyJwt({ key: pair.privateKey, kid: algorithm }),
    );
    await clientCredentials(config);
    if (algorithm === "ES256") await logIn(config, new Browser(), { claims: '{"id_token":{"email":null}}' });
    const stranger = await jose.generateKeyPair(algorithm);
    const forged = new client.Configuration(config.serverMetadata(), config.clientMetadata().client_id, undefined,
      client.PrivateKeyJwt({ key: stranger.privateKey, kid: algorithm }));
    execute.forEach((each) => each(forged));
    assert.equal(await refusal(clientCredentials(forged)), "invalid_client");
  }
  const config = await register({ token_endpoint_auth_method: "client_secret_jwt" }, client.ClientSecretJwt());
  await clientCredentials(config);
  // The audience of older libraries and of third-party suites.
  const older = { [client.modifyAssertion]: (_header, payload) => {
    payload.aud = config.serverMetadata().token_endpoint;
  } };
  const legacy = new client.Configuration(config.serverMetadata(), config.clientMetadata().client_id,
    config.clientMetadata(), client.ClientSecretJwt(undefined, older));
  execute.forEach((each) => each(legacy));
  await clientCredentials(legacy);
}

async function clientCredentials(config) {
  const tokens = await client.clientCredentialsGrant(config, { scope: "api:write", resource: api.jwt });
  const keys = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
  const expected = { issuer: issuer.origin, audience: api.jwt, typ: "at+jwt" };
  const { payload } = await jose.jwtVerify(tokens.access_token, keys, expected);
  assert.deepEqual([payload.scope, payload.sub], ["api:write", config.clientMetadata().client_id]);
}

async function resources() {
  const config = await register({ userinfo_signed_response_alg: "RS256" }, client.ClientSecretBasic());
  const parameters = new URLSearchParams({ redirect_uri: redirectUri, scope: "openid offline_access api:write" });
  parameters.append("resource", api.jwt);
  parameters.append("resource", api.opaque);
  const { url, checks } = await request(config);
  for (const name of ["redirect_uri", "scope"]) url.searchParams.delete(name);
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  const callback = await new Browser().authorize(url);
  const first = await client.authorizationCodeGrant(config, callback, checks, { resource: api.opaque });
  assert.ok(!first.access_token.includes("."));
  assert.equal((await client.tokenIntrospection(config, first.access_token)).aud, api.opaque);
  const second = await client.refreshTokenGrant(config, first.refresh_token, { resource: api.jwt });
  assert.equal(jose.decodeJwt(second.access_token).aud, api.jwt);
  const unknown = { resource: "urn:example:resource:other" };
  assert.equal(await refusal(client.refreshTokenGrant(config, second.refresh_token, unknown)), "invalid_target");
  const own = await logIn(config, new Browser());
  assert.equal((await client.fetchUserInfo(config, own.access_token, own.claims().sub)).sub, own.claims().sub);
}

// --- a person's browser: cookies, redirects and the two forms, by the documented ids and names

class Browser {
  cookies = new Map();
  passwords = 0;

  /** Return where an authorization request ends: a URL, or the Request of a form_post page. */
  async authorize(url) {
    let page = await this.open(url);
    for (let step = 0; step < 6 && !page.left; step += 1) {
      if (page.html.includes('id="form-post"')) return posted(page.html);
      page = await this.open(page.url, this.fill(page.html));
    }
    return page.left ?? assert.fail(`no way on from ${page.url}`);
  }

  async leave(url) {
    const page = await this.open(url);
    return page.left ?? assert.fail(`stayed at ${page.url}`);
  }

  fill(html) {
    const form = new URLSearchParams(hidden(html));
    if (html.includes('id="login-submit"')) {
      this.passwords += 1;
      form.append("identifier", "alice");
      form.append("password", "alice-password");
    } else {
      assert.ok(html.includes('id="consent-allow"'), `neither login nor consent: ${html.slice(0, 400)}`);
      form.append("decision", "allow");
      for (const [, value] of html.matchAll(/name="granted" value="([^"]+)"/g)) form.append("granted", value);
    }
    return form;
  }

  async open(url, body) {
    let target = new URL(url);
    for (let hop = 0; hop < 10; hop += 1) {
      const headers = { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
      const answer = await fetch(target, { method: body ? "POST" : "GET", body, headers, redirect: "manual" });
      body = undefined;
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (/max-age=0/i.test(line)) this.cookies.delete(name);
        else this.cookies.set(name, value);
      }
      const html = await answer.text();
      if (answer.status < 300 || answer.status >= 400) return { url: target, html };
      target = new URL(answer.headers.get("location"), target);
      if (target.origin !== issuer.origin) return { left: target };
    }
    return assert.fail("too many redirects");
  }
}

function unescape(text) {
  return text.replaceAll("&#34;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

function hidden(html) {
  const inputs = [...html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([tag]) => tag);
  return inputs.map((tag) => [/name="([^"]*)"/.exec(tag)[1], unescape(/value="([^"]*)"/.exec(tag)[1])]);
}

function posted(html) {
  const action = unescape(/id="form-post"[^>]*action="([^"]+)"/.exec(html)[1]);
  return new Request(action, { method: "POST", body: new URLSearchParams(hidden(html)) });
}

const parts = { rs256: () => codeFlow(), es256: () => codeFlow("ES256"), singleSignOn, publicClient, assertions, resources };
await parts[process.env.PART]();
console.log(`${process.env.PART}: as expected`);
