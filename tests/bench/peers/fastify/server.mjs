// SPDX-License-Identifier: Apache-2.0
// GET /users/me as somebody would write it with fastify, jose and better-sqlite3 for production: fastify's own logger on,
// answers serialized from a schema, the public key imported once, one prepared statement for the session and one for the
// profile. jose keeps no verified tokens, and neither do the programs written with it: each request verifies. It counts
// no metrics, limits nobody and sends no trace headers, which makes its work the lighter one.
// Usage: node server.mjs DATABASE JWK; it prints its port.
import Database from 'better-sqlite3';
import Fastify from 'fastify';
import { importJWK, jwtVerify } from 'jose';

const [database, jwk] = process.argv.slice(2);
const key = await importJWK(JSON.parse(jwk), 'ES256');
const db = new Database(database, { readonly: true, fileMustExist: true });
const findSession = db.prepare('SELECT account_id, expires_at, ended_at FROM auth_sessions WHERE id = ?');
const findUser = db.prepare(
  'SELECT id, organization_id, email, name, role, created_at, updated_at, version FROM user_profiles' +
    ' WHERE account_id = ? AND organization_id = ?');

const text = { type: 'string' };
const user = {
  type: 'object',
  properties: {
    id: text, organization_id: text, email: text, name: text, role: text, created_at: text, updated_at: text,
    version: { type: 'integer' },
  },
};

// Rows hold microseconds since 1970; a Date has milliseconds.
const time = (microseconds) => {
  const rest = String(microseconds % 1000).padStart(3, '0');
  return new Date(Math.floor(microseconds / 1000)).toISOString().replace('Z', `${rest}Z`);
};

const app = Fastify({ logger: { file: 'log' } });  // what pino does for stdout, but leaves that to the port

app.get('/users/me', { schema: { response: { 200: user } } }, async (request, reply) => {
  const header = request.headers.authorization ?? '';
  if (!header.startsWith('Bearer ')) return reply.code(401).send({ reason: 'sign_in_required' });
  let claims;
  try {
    ({ payload: claims } = await jwtVerify(header.slice(7), key, {
      algorithms: ['ES256'], issuer: 'nexpo', audience: 'nexpo', typ: 'at+jwt',
    }));
  } catch {
    return reply.code(401).send({ reason: 'token_invalid' });
  }
  const session = findSession.get(claims.sid);
  const open = session && session.account_id === claims.sub && session.ended_at === null &&
    session.expires_at > Date.now() * 1000;
  if (!open) return reply.code(401).send({ reason: 'session_ended' });
  const row = findUser.get(claims.sub, claims.org);
  if (!row) return reply.code(404).send({ reason: 'user_not_found' });
  reply.header('etag', `"v${row.version}"`).header('cache-control', 'no-store').header('x-request-id', request.id);
  return { ...row, created_at: time(row.created_at), updated_at: time(row.updated_at) };
});

await app.listen({ host: '127.0.0.1', port: 0 });
console.log(app.server.address().port);
