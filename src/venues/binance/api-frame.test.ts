import { expect, test } from 'vitest';
import { apiFrame } from './api-frame.ts';
import { type Credentials, makeCredentials } from './sign.ts';

/** The venue's own example (its documents print key, secret and signature). */
const EXAMPLE = {
	apiKey: 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A',
	apiSecret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
};

function credentials(): Credentials {
	const made = makeCredentials(EXAMPLE);
	if (made.kind === 'refused') throw new Error(made.sentence);
	return made.credentials;
}

const REQUEST = {
	id: 'r-1',
	method: 'order.place',
	params: {
		symbol: 'BTCUSDT',
		side: 'SELL',
		type: 'LIMIT',
		timeInForce: 'GTC',
		quantity: '0.01000000',
		price: '52000.00',
	},
};
const STAMP = { timestampMs: 1_645_423_376_532, recvWindowMs: 100 };

test('a request is signed as the venue shows it', () => {
	const frame = apiFrame(REQUEST, { ...STAMP, credentials: credentials(), isLoggedOn: false });
	expect(JSON.parse(frame)).toEqual({
		id: 'r-1',
		method: 'order.place',
		params: {
			...REQUEST.params,
			recvWindow: 100,
			timestamp: 1_645_423_376_532,
			apiKey: EXAMPLE.apiKey,
			signature: 'aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24',
		},
	});
});

test('on a socket that has logged on only the time is said', () => {
	const frame = apiFrame(REQUEST, { ...STAMP, credentials: credentials(), isLoggedOn: true });
	expect(JSON.parse(frame)).toEqual({
		id: 'r-1',
		method: 'order.place',
		params: { ...REQUEST.params, recvWindow: 100, timestamp: 1_645_423_376_532 },
	});
});
