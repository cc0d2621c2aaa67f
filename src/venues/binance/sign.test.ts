/** The vectors are the venue's own, as published in its documents. */
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { type Credentials, framePayload, makeCredentials } from './sign.ts';

const SECRET = '2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9';
const SECOND_SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const API_KEY = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
/** Any will do, as long as it is the same in every run. */
const ED25519 =
	'-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n';

function credentialsOf(apiSecret: string, apiKey = API_KEY): Credentials {
	const made = makeCredentials({ apiKey, apiSecret });
	if (made.kind === 'refused') throw new Error(made.sentence);
	return made.credentials;
}

test.each([
	[
		'a query',
		SECRET,
		'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943',
		'3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9',
	],
	[
		'a query with a symbol in other letters, encoded first',
		SECOND_SECRET,
		'symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559',
		'e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3',
	],
])('%s is signed as the documents say', (_what, secret, payload, signature) => {
	expect(credentialsOf(secret).sign(payload)).toBe(signature);
	expect(credentialsOf(` ${secret}\n`).sign(payload)).toBe(signature);
});

test('a frame is signed over all of its parameters, sorted, the key among them', () => {
	const payload = framePayload({
		symbol: 'BTCUSDT',
		side: 'SELL',
		type: 'LIMIT',
		timeInForce: 'GTC',
		newClientOrderId: undefined,
		quantity: '0.01000000',
		price: '52000.00',
		recvWindow: 100,
		timestamp: 1_645_423_376_532,
		apiKey: API_KEY,
	});
	expect(credentialsOf(SECOND_SECRET).sign(payload)).toBe('aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24');
	expect(framePayload({ type: 'x', timestamp: 1, timeInForce: 'y', price: '1', newClientOrderId: 'z', flag: true })).toBe(
		'flag=true&newClientOrderId=z&price=1&timeInForce=y&timestamp=1&type=x',
	);
});

test('an Ed25519 key signs what its public half verifies, in base64, and may log on', () => {
	const credentials = credentialsOf(ED25519);
	const signature = Buffer.from(credentials.sign('symbol=BTCUSDT&timestamp=1'), 'base64');
	expect(verify(null, Buffer.from('symbol=BTCUSDT&timestamp=1'), createPublicKey(ED25519), signature)).toBe(true);
	expect(credentials.canLogOn).toBe(true);
	expect(credentialsOf(SECRET).canLogOn).toBe(false);
});

test('an RSA key signs what its public half verifies, and may not log on', () => {
	const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const credentials = credentialsOf(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
	const signature = Buffer.from(credentials.sign('a=1'), 'base64');
	expect(verify('RSA-SHA256', Buffer.from('a=1'), publicKey, signature)).toBe(true);
	expect(credentials.canLogOn).toBe(false);
});

test.each([
	['an empty key', '', SECRET],
	['a key with a line break in it', 'KEY\r\nx-evil: 1', SECRET],
	['an empty secret', 'KEY', ' \n'],
	['a private key that is cut', 'KEY', '-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----'],
])('%s is refused without being repeated', (_what, apiKey, apiSecret) => {
	const made = makeCredentials({ apiKey, apiSecret });
	expect(made.kind).toBe('refused');
	if (made.kind === 'refused' && apiSecret.trim() !== '') expect(made.sentence).not.toContain(apiSecret);
});

test('a private key of a kind that the venue does not take is refused', () => {
	const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
	const apiSecret = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
	expect(makeCredentials({ apiKey: 'KEY', apiSecret }).kind).toBe('refused');
});

test.each([SECRET, ED25519])('a secret is shown to nobody (I19)', (secret) => {
	const credentials = credentialsOf(secret);
	for (const shown of [
		String(credentials),
		JSON.stringify({ credentials }),
		inspect(credentials, { showHidden: true, depth: 9 }),
	]) {
		expect(shown).not.toContain(secret.trim().slice(30, 50));
	}
});
