/** The venue's published signatures, and everything a request can be refused for before anyone reads what it wants. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../facade.ts';
import { USUAL_RIGHTS } from '../key-rights.ts';
import { authenticateFrame, authenticateRequest } from './auth.ts';
import { parseAsWritten } from './numbers.ts';
import { Params } from './params.ts';
import { KEY_FORMAT_WRONG, KEY_WRONG, Refusal, SIGNATURE_WRONG, TOO_EARLY, TOO_LATE } from './refusal.ts';
import { ANN, ANN_ED25519, type Client, encoded, hmacClient, NOW_MS, openVenue, signed } from './scene.fixture.ts';
import type { BinanceKey, BinanceMarket } from './venue.ts';

const venue = openVenue();
const PATH = '/api/v3/order';
const ORDER = { symbol: 'BTCUSDT', side: 'BUY' };

function asked(nowMs = NOW_MS, market: BinanceMarket = 'spot', remote = '127.0.0.1') {
	return { venue, market, remote, nowMs };
}

function paramsOf({ query, body }: Pick<HttpRequest, 'query' | 'body'>): Params {
	const given = Params.ofRequest(query, body);
	if (given instanceof Refusal) throw new Error(given.msg);
	return given;
}

function check(request: HttpRequest, nowMs = NOW_MS, market: BinanceMarket = 'spot'): BinanceKey | Refusal {
	return authenticateRequest(asked(nowMs, market, request.remote), 'trade', request, paramsOf(request));
}

/** A request of texts as they stand. */
function plain(query: string, body = '', apiKey = 'ANN'): HttpRequest {
	return { method: 'POST', path: PATH, query, body, headers: { 'x-mbx-apikey': apiKey }, remote: '127.0.0.1' };
}

describe('signatures published by the venue', () => {
	const vectors = [
		{
			name: 'of an order in the query',
			secret: '2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9',
			payload: 'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943',
			signature: '3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9',
			nowMs: 1_591_702_613_943,
		},
		{
			name: 'of a symbol in other letters, encoded before it is signed',
			secret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
			payload:
				'symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559',
			signature: 'e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3',
			nowMs: 1_499_827_319_559,
		},
	];
	for (const { name, secret, payload, signature, nowMs } of vectors) {
		test(name, () => {
			venue.addKey(hmacClient('VECTOR', secret, 'ann').key);
			expect(check(plain(`${payload}&signature=${signature}`, '', 'VECTOR'), nowMs)).toMatchObject({ apiKey: 'VECTOR' });
			expect(check(plain(`${payload}&signature=${signature.toUpperCase()}`, '', 'VECTOR'), nowMs)).toMatchObject({
				apiKey: 'VECTOR',
			});
			expect(check(plain(`${payload.replace('quantity=1', 'quantity=2')}&signature=${signature}`, '', 'VECTOR'), nowMs)).toBe(
				SIGNATURE_WRONG,
			);
		});
	}

	test('of a frame: all parameters by name, the key among them', () => {
		const { key } = hmacClient(
			'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A',
			'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
			'ann',
		);
		venue.addKey(key);
		const frame = `{"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":"0.01000000","price":"52000.00",
			"recvWindow":100,"timestamp":1645423376532,"apiKey":"${key.apiKey}",
			"signature":"aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"}`;
		const given = Params.ofJson(parseAsWritten(frame));
		expect(given && authenticateFrame(asked(1_645_423_376_532), 'trade', given)).toBe(key);
	});
});

describe('what may be signed', () => {
	test('query and body run together, wherever the signature stands', () => {
		const [query, body] = [`symbol=BTCUSDT&timestamp=${NOW_MS}`, 'side=BUY&quantity=1'];
		const signature = ANN.sign(`${query}${body}`);
		for (const request of [
			plain(`${query}&signature=${signature}`, body),
			plain(query, `${body}&signature=${signature}`),
			plain(`signature=${signature}&${query}`, body),
			plain(query, `side=BUY&signature=${signature}&quantity=1`),
		]) {
			expect(check(request)).toBe(ANN.key);
		}
	});

	test('a text that is encoded otherwise than it is sent', () => {
		const encodedText = `newClientOrderId=${encodeURIComponent("a b!'()~")}&timestamp=${NOW_MS}`;
		const formText = `newClientOrderId=a+b%21%27%28%29%7E&timestamp=${NOW_MS}`;
		expect(check(plain(`${formText}&signature=${ANN.sign(encodedText)}`))).toBe(ANN.key);
		expect(check(plain(`${formText}&signature=${ANN.sign(formText)}`))).toBe(ANN.key);
		expect(check(plain(`${formText}&signature=${ANN.sign(`${formText} `)}`))).toBe(SIGNATURE_WRONG);
	});

	test('of a frame, the values as they are or encoded', () => {
		const values = { apiKey: 'ANN', newClientOrderId: 'a:b/c', timestamp: NOW_MS };
		const bare = `apiKey=ANN&newClientOrderId=a:b/c&timestamp=${NOW_MS}`;
		for (const text of [bare, encoded(values)]) {
			const given = Params.ofJson(parseAsWritten(JSON.stringify({ ...values, signature: ANN.sign(text) })));
			expect(given && authenticateFrame(asked(), 'trade', given)).toBe(ANN.key);
		}
	});

	test('by Ed25519 and RSA keys, in base64', () => {
		expect(check(signed('POST', PATH, ORDER, { client: ANN_ED25519 }))).toBe(ANN_ED25519.key);
		const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
		const client: Client = {
			key: { ...ANN.key, apiKey: 'RSA', proof: { kind: 'public', publicKey } },
			sign: (payload) => sign('sha256', Buffer.from(payload), privateKey).toString('base64'),
		};
		venue.addKey(client.key);
		expect(check(signed('POST', PATH, ORDER, { client }))).toBe(client.key);
		const forged = signed('POST', PATH, ORDER, { client: { ...client, sign: ANN_ED25519.sign } });
		expect(check(forged)).toBe(SIGNATURE_WRONG);
	});
});

describe('refused', () => {
	test('a key that nobody has, and none at all', () => {
		const request = signed('POST', PATH, ORDER);
		expect(check({ ...request, headers: { 'x-mbx-apikey': 'NOBODY' } })).toBe(KEY_WRONG);
		expect(check({ ...request, headers: {} })).toBe(KEY_FORMAT_WRONG);
	});

	test('a missing signature or timestamp', () => {
		expect(check(plain('symbol=BTCUSDT'))).toMatchObject({ status: 400, code: -1102 });
		expect(check(plain(`symbol=BTCUSDT&signature=${ANN.sign('symbol=BTCUSDT')}`))).toMatchObject({
			code: -1102,
			msg: "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.",
		});
	});

	const times = [
		{ name: 'as old as the window allows', offsetMs: -5_000, window: {}, expected: ANN.key },
		{ name: 'a millisecond older', offsetMs: -5_001, window: {}, expected: TOO_LATE },
		{ name: 'older than a window of its own', offsetMs: -101, window: { recvWindow: 100 }, expected: TOO_LATE },
		{ name: 'within a wider one', offsetMs: -60_000, window: { recvWindow: 60_000 }, expected: ANN.key },
		{ name: 'just less than a second ahead', offsetMs: 999, window: {}, expected: ANN.key },
		{ name: 'a second ahead', offsetMs: 1_000, window: {}, expected: TOO_EARLY },
	];
	for (const { name, offsetMs, window, expected } of times) {
		test(`or not: a timestamp ${name}`, () => {
			expect(check(signed('POST', PATH, { timestamp: NOW_MS + offsetMs, ...window }))).toBe(expected);
		});
	}

	test('or not: a timestamp in microseconds', () => {
		expect(check(signed('POST', PATH, { timestamp: (NOW_MS - 5_000) * 1_000 }))).toBe(ANN.key);
		expect(check(signed('POST', PATH, { timestamp: (NOW_MS - 5_001) * 1_000 }))).toBe(TOO_LATE);
	});

	test('a window of more than a minute', () => {
		expect(check(signed('POST', PATH, { recvWindow: 60_001 }))).toMatchObject({ code: -1131 });
	});
});

describe('rights of a key', () => {
	const cases = [
		{ name: 'read only', rights: { readOnly: true }, spot: { trade: false, look: true }, futures: { trade: false, look: true } },
		{
			name: 'without contracts',
			rights: { contracts: false },
			spot: { trade: true, look: true },
			futures: { trade: false, look: false },
		},
		{ name: 'without spot', rights: { spot: false }, spot: { trade: false, look: true }, futures: { trade: true, look: true } },
		{
			name: 'from elsewhere',
			rights: { addresses: ['10.0.0.1'] },
			spot: { trade: false, look: false },
			futures: { trade: false, look: false },
		},
	];
	for (const { name, rights, ...expected } of cases) {
		test(name, () => {
			const key = { ...ANN.key, apiKey: 'SOME', rights: { ...USUAL_RIGHTS, ...rights } };
			venue.addKey(key);
			const request = signed('POST', PATH, ORDER, { client: { ...ANN, key } });
			for (const market of ['spot', 'futures'] as const) {
				const trade = authenticateRequest(asked(NOW_MS, market), 'trade', request, paramsOf(request));
				const look = authenticateRequest(asked(NOW_MS, market), 'user-data', request, paramsOf(request));
				expect({ trade: trade === key, look: look === key }).toEqual(expected[market]);
				for (const answer of [trade, look]) if (answer !== key) expect(answer).toBe(KEY_WRONG);
			}
		});
	}
});
