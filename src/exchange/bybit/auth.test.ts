import { expect, test } from 'vitest';
import { type KeyRights, USUAL_RIGHTS } from '../key-rights.ts';
import { KEY, LIMIT_ORDER, NOW_MS, openVenue, readReply, signed } from './rest.fixture.ts';

const QUERY = 'category=linear&symbol=BTCUSDT';
const PATH = '/v5/order/realtime';

test('the published signatures are accepted as they stand', () => {
	const { handle } = openVenue();
	const get = signed('GET', PATH, QUERY);
	expect(get.headers['x-bapi-sign']).toBe('3fc84f53f2c4c5cfa17885d9b148bbfe7f39cf81f0e49a76a7d1e49e2c63b411');
	expect(readReply(handle(get, NOW_MS)).retCode).toBe(0);
	const body = '{"category":"linear","symbol":"BTCUSDT","orderLinkId":"mm-1a2b"}';
	const post = signed('POST', '/v5/order/cancel', body);
	expect(post.headers['x-bapi-sign']).toBe('11affdead0daba36127955d601b1a63f4bd8170095d035d9c4168eea47c6ebaf');
	expect(readReply(handle(post, NOW_MS)).retCode).toBe(110001);
});

const cases = [
	{ name: 'a fresh one passes', sentMs: NOW_MS, retCode: 0 },
	{ name: 'as old as the window passes', sentMs: NOW_MS - 5_000, retCode: 0 },
	{ name: 'older than the window is refused', sentMs: NOW_MS - 5_001, retCode: 10002 },
	{ name: 'ahead by less than a second passes', sentMs: NOW_MS + 999, retCode: 0 },
	{ name: 'ahead by a second is refused', sentMs: NOW_MS + 1_000, retCode: 10002 },
	{ name: 'without a window 5 s count', sentMs: NOW_MS - 5_000, window: '', retCode: 0 },
	{ name: 'a window of its own counts', sentMs: NOW_MS - 200, window: '100', retCode: 10002 },
	{ name: 'a window that is no number is refused', sentMs: NOW_MS, window: 'x', retCode: 10001 },
];

test.each(cases)('time: $name', ({ sentMs, window, retCode }) => {
	const { handle } = openVenue();
	const request = signed('GET', PATH, QUERY, { nowMs: sentMs, ...(window === undefined ? {} : { window }) });
	expect(readReply(handle(request, NOW_MS)).retCode).toBe(retCode);
});

test('a window that was not sent is signed as nothing', () => {
	const { handle } = openVenue();
	const { headers, ...rest } = signed('GET', PATH, QUERY, { window: '' });
	const { 'x-bapi-recv-window': _, ...without } = headers;
	expect(readReply(handle({ ...rest, headers: without }, NOW_MS)).retCode).toBe(0);
});

test('wrong signatures, keys and rights have codes of their own', () => {
	const { handle, venue } = openVenue();
	const good = signed('GET', PATH, QUERY);
	const code = (request: typeof good): number => readReply(handle(request, NOW_MS)).retCode;
	expect(code({ ...good, query: `${QUERY}&limit=1` })).toBe(10004);
	expect(code({ ...good, headers: { ...good.headers, 'x-bapi-sign': 'ä' } })).toBe(10004);
	expect(code({ ...good, headers: { ...good.headers, 'x-bapi-api-key': 'NOBODY' } })).toBe(10003);
	const reader = { apiKey: 'READ', apiSecret: 'ONLY', accountId: 'ann', rights: { ...USUAL_RIGHTS, readOnly: true } };
	venue.addKey(reader);
	expect(code(signed('GET', PATH, QUERY, { key: reader }))).toBe(0);
	expect(code(signed('POST', '/v5/order/cancel-all', '{}', { key: reader }))).toBe(10005);
	const unsigned = handle({ ...good, headers: {} }, NOW_MS);
	expect(unsigned.status).toBe(401);
	expect(readReply(unsigned).retCode).toBe(10003);
});

test('a key trades what it has the right to, from the addresses that it is bound to', () => {
	const { venue, get, post } = openVenue();
	const order = { ...LIMIT_ORDER };
	const spot = { ...order, category: 'spot' };
	const codes = (rights: Partial<KeyRights>): readonly number[] => {
		venue.addKey({ ...KEY, rights: { ...USUAL_RIGHTS, ...rights } });
		return [order, spot].map((body) => post('/v5/order/create', body).retCode);
	};
	expect(codes({ contracts: false })[0]).toBe(10005);
	expect(codes({ contracts: false })[1]).not.toBe(10005);
	expect(codes({ spot: false })[0]).not.toBe(10005);
	expect(codes({ spot: false })[1]).toBe(10005);
	expect(codes({ addresses: ['203.0.113.7'] })).toEqual([10010, 10010]);
	expect(codes({ addresses: ['203.0.113.7', '127.0.0.1'] })).not.toContain(10010);
	venue.addKey({ ...KEY, rights: { ...USUAL_RIGHTS, contracts: false, withdraw: true, addresses: ['127.0.0.1'] } });
	expect(get('/v5/user/query-api').result).toMatchObject({
		permissions: { ContractTrade: [], Spot: ['SpotTrade'], Wallet: ['AccountTransfer', 'Withdraw'] },
		ips: ['127.0.0.1'],
	});
});
