// SPDX-License-Identifier: Apache-2.0
// Receives what `PROGRAM URL DATABASE` delivers and has the packages `standardwebhooks` and `svix` verify it; neither
// knows Ed25519, so that Node's own crypto verifies `v1a`. `verify.mjs PROGRAM`; ends with 1 when one refuses what is
// good or takes what is not.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';

const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex'); // RFC 8410 section 4

/** The messages that the program sends, and its lines. */
async function run(program) {
  const messages = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      messages.push({ path: request.url, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(204).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'nexpo-webhooks-'));
  const child = spawn(program, [`http://127.0.0.1:${server.address().port}`, join(folder, 'app.db')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  const status = await new Promise((resolve) => child.on('close', resolve));
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, `${program} ended with ${status}`);
  return { messages, lines: output.trim().split('\n') };
}

function accepts(check) {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

function verifyEd25519(key, message) {
  const raw = Buffer.from(key.slice('whpk_'.length), 'base64');
  const publicKey = createPublicKey({ key: Buffer.concat([ED25519_SPKI, raw]), format: 'der', type: 'spki' });
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = message.headers;
  const content = Buffer.from(`${id}.${timestamp}.${message.body}`);
  const good = signatures.split(' ').some((entry) => {
    const [version, text] = entry.split(',');
    return version === 'v1a' && verify(null, content, publicKey, Buffer.from(text, 'base64'));
  });
  assert(good);
}

/** Everybody who can verify with the key. */
function verifiers(key) {
  if (key.startsWith('whpk_')) return [(message) => verifyEd25519(key, message)];
  return [StandardWebhook, SvixWebhook].map((Webhook) => (message) =>
    assert.deepEqual(new Webhook(key).verify(message.body, message.headers), JSON.parse(message.body)));
}

function changed(message, change) {
  const copy = { ...message, headers: { ...message.headers } };
  change(copy);
  return copy;
}

/** What must not be accepted. */
function forgeries(message) {
  const seconds = Number(message.headers['webhook-timestamp']);
  return {
    'another body': changed(message, (copy) => (copy.body = copy.body.replace('text.said', 'text.sang'))),
    'another id': changed(message, (copy) => (copy.headers['webhook-id'] = 'msg_2')),
    'another time': changed(message, (copy) => (copy.headers['webhook-timestamp'] = String(seconds - 1))),
    'an unknown version': changed(message, (copy) => {
      copy.headers['webhook-signature'] = copy.headers['webhook-signature'].replaceAll(/v1a?,/g, 'v2,');
    }),
  };
}

const { messages, lines } = await run(process.argv[2]);
let verified = 0;
for (const line of lines) {
  const [path, ...keys] = line.split('\t');
  const ours = messages.filter((message) => message.path === path);
  assert.equal(ours.length, 9, `${path} got ${ours.length} messages`);
  for (const key of keys) {
    for (const check of verifiers(key)) {
      for (const message of ours) {
        assert.equal(message.headers['webhook-signature'].split(' ').length, keys.length);
        check(message);
        verified += 1;
        for (const [name, forgery] of Object.entries(forgeries(message))) {
          assert(!accepts(() => check(forgery)), `${path}: ${name} was accepted`);
        }
      }
    }
  }
}
console.log(`${verified} verifications of ${messages.length} messages`);
