import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { Troubles } from './troubles.ts';

let clock: VirtualClock;
let said: string[];
let troubles: Troubles;

beforeEach(() => {
	clock = new VirtualClock(0);
	said = [];
	troubles = new Troubles({ clock, say: (sentence) => said.push(sentence) });
});

const session = (state: 'connecting' | 'open' | 'waiting' | 'degraded', reason = 'no pong') =>
	troubles.hearStream({ kind: 'session', socket: 'private', state, reason });

test('a stream that comes up and stays up is no news', () => {
	session('connecting');
	session('open');
	expect(said).toEqual([]);
});

test('a stream that goes down and comes back is told each time, its attempts are not', () => {
	session('open');
	for (let round = 0; round < 2; round += 1) {
		session('waiting');
		session('connecting');
		session('waiting', 'refused');
		session('connecting');
		session('open');
	}
	const once = ['the private stream is down (no pong); connecting again', 'the private stream is back'];
	expect(said).toEqual([...once, ...once]);
});

test('a stream that does not come up is told once a minute', () => {
	for (let second = 0; second < 90; second += 1) {
		session('degraded', 'refused');
		clock.run(1_000);
	}
	const sentence = 'the private stream does not come up (refused); it is tried on and on, slowly';
	expect(said).toEqual([sentence, sentence]);
});

test('refusals say who refuses what', () => {
	troubles.hearStream({ kind: 'topicRefused', socket: 'linear', topic: 'orderbook.50.X', message: 'no such topic' });
	troubles.hearStream({ kind: 'loginRefused', message: 'expired' });
	troubles.hearStream({ kind: 'snapshotFailed', detail: 'no answer to /v5/order/realtime' });
	expect(said).toEqual([
		'the venue refuses orderbook.50.X on the linear stream: no such topic',
		'the venue refuses the login of a stream: expired',
		'the state of the account could not be read whole, it is read again: no answer to /v5/order/realtime',
	]);
});

test('what mends itself is not told', () => {
	troubles.hearStream({ kind: 'bookLost', instrument: 'bybit:linear:BTCUSDT', reason: 'gap' });
	troubles.hearStream({ kind: 'badFrame', socket: 'linear', reason: 'missing', where: 'data', instrument: undefined });
	expect(said).toEqual([]);
});

test('a pool that is exhausted names itself and what it costs (N1)', () => {
	const pool = { pool: 'orders', origin: 'https://api.example', connections: 50, active: 50, idle: 0, queued: 200 };
	troubles.hearExhaustion({ pool, count: 3 });
	expect(said).toEqual([
		'all connections of the pool orders to https://api.example are taken (50 busy, 200 calls waiting), 3 calls were turned away so far',
	]);
});

test('what the venue refuses again and again is told once a minute, and so is a symbol that is held', () => {
	for (let second = 0; second < 70; second += 1) {
		troubles.hearNote({ kind: 'refusedAgain', instrument: 'bybit:linear:BTCUSDT', reason: 'it would take' });
		troubles.hearNote({ kind: 'held', instrument: 'bybit:linear:BTCUSDT', reason: 'too many' });
		clock.run(1_000);
	}
	const refused =
		'the venue refuses orders of bybit:linear:BTCUSDT again and again (it would take); they are tried less and less often';
	const held = 'bybit:linear:BTCUSDT is not quoted for a while: too many';
	expect(said).toEqual([refused, held, refused, held]);
});

test('notes that tell of no trouble are not its business', () => {
	troubles.hearNote({ kind: 'resumed' });
	expect(said).toEqual([]);
});

test('what becomes of a position that is closed is told', () => {
	const instrument = 'bybit:linear:BTCUSDT';
	troubles.hearNote({ kind: 'unwatched', instrument, decisionId: 'd1' });
	troubles.hearNote({ kind: 'flattenRefused', instrument, reason: 'PT7' });
	troubles.hearNote({ kind: 'exitRefused', decisionId: 'd1', reason: 'PT6' });
	troubles.hearNote({ kind: 'flattened', instrument, leftLots: 0 });
	troubles.hearNote({ kind: 'flattened', instrument, leftLots: 2 });
	expect(said).toEqual([
		'bybit:linear:BTCUSDT is not listed any more: what decision d1 opened there is not watched',
		'bybit:linear:BTCUSDT: the next slice may not leave yet (PT7); it is tried again',
		'the exit of decision d1 may not leave yet (PT6); it is tried again',
		'bybit:linear:BTCUSDT is closed',
		'bybit:linear:BTCUSDT is closed but for 2 lots, which the venue does not take',
	]);
});

test('orders of others are told by their number', () => {
	for (const count of [1, 3, 0]) troubles.hearNote({ kind: 'foreignOrders', venue: 'bybit', count });
	const moves = 'open in our symbols; what fills there moves our positions';
	expect(said).toEqual([
		`at bybit an order of somebody else is ${moves}`,
		`at bybit 3 orders of somebody else are ${moves}`,
		'at bybit no order of anybody else is open in our symbols any more',
	]);
});

test('a leverage that was changed is told with what it was', () => {
	troubles.hearNote({ kind: 'leverageChanged', instrument: 'bybit:linear:BTCUSDT', before: 10, leverage: 5 });
	expect(said).toEqual([
		'somebody has changed the leverage of bybit:linear:BTCUSDT from 10 to 5, which is enough for what is done here',
	]);
});

test('of several venues each is named, and streams of one name are told apart', () => {
	for (const venue of ['bybit', 'binance']) {
		const hear = (state: 'open' | 'waiting') =>
			troubles.hearStream({ kind: 'session', socket: 'private', state, reason: 'no pong' }, venue);
		hear('open');
		hear('waiting');
	}
	troubles.hearStream({ kind: 'loginRefused', message: 'no such key' }, 'binance');
	troubles.hearStream({ kind: 'snapshotFailed', detail: 'half a list' }, 'binance');
	expect(said).toEqual([
		'the private stream of bybit is down (no pong); connecting again',
		'the private stream of binance is down (no pong); connecting again',
		'binance refuses the login of a stream: no such key',
		'the state of the account of binance could not be read whole, it is read again: half a list',
	]);
});
