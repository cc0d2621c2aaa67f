import { createVerify, generateKeyPairSync } from 'node:crypto';
import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Credentials, makeCredentials } from './sign.ts';

const CANARY = 'c4n4ry-S3CRET-0123456789';

test.each([
	[
		'a query',
		'1771000000123KEY5000category=linear&symbol=BTCUSDT',
		'3fc84f53f2c4c5cfa17885d9b148bbfe7f39cf81f0e49a76a7d1e49e2c63b411',
	],
	[
		'a body',
		'1771000000123KEY5000{"category":"linear","symbol":"BTCUSDT","orderLinkId":"mm-1a2b"}',
		'11affdead0daba36127955d601b1a63f4bd8170095d035d9c4168eea47c6ebaf',
	],
	['a login', 'GET/realtime1771000010000', '12b5bf7eda6f16093132feb10585dd4af7b569af1ff98c620cfcf65b9f18d598'],
])('the signature of %s is the one that other clients make', (_what, payload, signature) => {
	const credentials = new Credentials('KEY', 'SECRET');
	expect(credentials.sign(payload)).toBe(signature);
	for (const at of [0, 20, payload.length]) expect(credentials.sign(payload.slice(0, at), payload.slice(at))).toBe(signature);
});

test('a private RSA key signs by RSA, in base64', () => {
	const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
	const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
	const signature = new Credentials('KEY', pem).sign('pay', 'load');
	expect(createVerify('RSA-SHA256').update('payload').verify(publicKey, signature, 'base64')).toBe(true);
});

test('whatever is done to it, the secret does not show (I19)', () => {
	const credentials = new Credentials('KEY', CANARY);
	const holder = { credentials, list: [credentials], map: new Map([['key', credentials]]) };
	const error = new Error(`failed with ${credentials as unknown as string}`, { cause: credentials });
	const shown = [
		JSON.stringify(holder),
		inspect(holder, { depth: 10, showHidden: true, getters: true }),
		format('%s %o %O %j', credentials, credentials, credentials, credentials),
		`${credentials as unknown as string}`,
		String(credentials),
		inspect(error, { depth: 10, showHidden: true }),
		JSON.stringify(Object.getOwnPropertyDescriptors(credentials)),
		JSON.stringify({ ...credentials }),
	].join('\n');
	expect(inspect(credentials)).toBe('[secret]');
	expect(JSON.stringify(credentials)).toBe('"[secret]"');
	expect(String(credentials)).toBe('[secret]');
	expect(shown).not.toContain(CANARY);
	expect(shown).not.toContain(Buffer.from(CANARY).toString('hex'));
	expect(shown).not.toContain(Buffer.from(CANARY).toString('base64'));
});

test('what can be no key is refused, and not repeated', () => {
	const broken = `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----`;
	const refusals = [
		makeCredentials({ apiKey: '', apiSecret: CANARY }),
		makeCredentials({ apiKey: 'KEY\r\nx-evil: 1', apiSecret: CANARY }),
		makeCredentials({ apiKey: 'KEY', apiSecret: '  ' }),
		makeCredentials({ apiKey: 'KEY', apiSecret: broken }),
	];
	for (const refusal of refusals) expect(refusal).toEqual({ kind: 'refused', sentence: expect.any(String) as string });
	expect(JSON.stringify(refusals)).not.toContain(CANARY);
	expect(makeCredentials({ apiKey: ' KEY\n', apiSecret: ' SECRET\n' })).toMatchObject({ kind: 'made' });
});
