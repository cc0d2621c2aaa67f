import { describe, expect, test } from 'vitest';
import { BOOK, bookFrame, HEARTBEAT, START_MS, scene, topicFrame } from './scene.suite.ts';

const PUBLIC = '/v5/public/linear';
const ORDER = { reqId: 'r1', op: 'order.create', args: [{}] };
const numbersOf = (frames: readonly string[]) => frames.map((frame) => Number(/"id":"f-(\d+)"/.exec(frame)?.[1]));
const bookNumbersOf = (frames: readonly string[]) => frames.map((frame) => Number(/"u":(\d+)/.exec(frame)?.[1]));
interface Book {
	readonly type: string;
	readonly data: { readonly b: [string, string][]; readonly a: [string, string][] };
}

/** A private socket, and a function by which the venue pushes numbered frames of a topic. */
function privateScene(seed?: number) {
	const all = scene(seed);
	const socket = all.connect('/v5/private');
	return { ...all, ...socket, push: (topic: string, number: number) => socket.peer.send(topicFrame(topic, number)) };
}

test('without rules every frame passes as it is, in both directions', () => {
	const { connect, venue } = scene();
	for (const path of [PUBLIC, '/v5/private', '/v5/trade']) {
		const { seen, speak, peer, connected } = connect(path);
		expect(connected).toMatchObject({ heartbeat: HEARTBEAT });
		speak(ORDER);
		expect(venue.seen.pop()).toEqual({ what: JSON.stringify(ORDER), nowMs: START_MS });
		const strange = ['not json', '{"topic":"execution","odd":  1}', bookFrame('delta', 7)];
		for (const text of strange) peer.send(text);
		expect(seen.frames.slice(1)).toEqual(strange);
		peer.close(1000, '');
		if (connected.kind === 'connected') connected.connection.closed(START_MS);
		expect(seen.closes).toEqual([1000]);
	}
	expect(venue.closings).toHaveLength(3);
});

describe('the trade socket', () => {
	test.each([
		{ fault: 'drop-request', given: { answer: 'never' }, arrived: 0, replies: 0, closes: [] },
		{ fault: 'drop-request', given: { answer: 'reset' }, arrived: 0, replies: 0, closes: [1006] },
		{ fault: 'drop-reply', given: { answer: 'never' }, arrived: 1, replies: 0, closes: [] },
		{ fault: 'drop-reply', given: { answer: 'reset' }, arrived: 1, replies: 0, closes: [1006] },
		{ fault: 'server-error', given: { effect: 'none' }, arrived: 0, replies: 1, closes: [] },
		{ fault: 'server-error', given: { effect: 'applied' }, arrived: 1, replies: 1, closes: [] },
		{ fault: 'rate-limit', given: {}, arrived: 0, replies: 1, closes: [] },
		{ fault: 'maintenance', given: { mode: 'halted' }, arrived: 0, replies: 1, closes: [] },
		{ fault: 'revoke-key', given: {}, arrived: 0, replies: 1, closes: [] },
	])('$fault $given', ({ fault, given, arrived, replies, closes }) => {
		const { connect, venue, desk } = scene();
		desk.inject(fault, given);
		const { seen, speak } = connect('/v5/trade');
		speak(ORDER);
		expect([venue.seen.length, seen.frames.length, seen.closes]).toEqual([arrived, replies, closes]);
		expect(desk.counts()[fault]).toBe(1);
		for (const frame of seen.frames) expect(frame).toMatch(/"reqId":"r1".*"retCode":[1-9]/);
	});

	test('F14, F15: requests and replies come late', () => {
		const { connect, venue, desk, clock } = scene();
		desk.inject('delay-request', { delayMs: 200 });
		desk.inject('delay-reply', { delayMs: 300 });
		const { seen, speak } = connect('/v5/trade');
		speak(ORDER);
		clock.run(200);
		expect([venue.seen.map(({ nowMs }) => nowMs - START_MS), seen.frames.length]).toEqual([[200], 0]);
		clock.run(300);
		expect(seen.frames).toHaveLength(1);
	});

	test('F11: a batch reply comes short', () => {
		const { connect, desk } = scene();
		desk.inject('batch-reply', { form: 'short' });
		const { seen, speak } = connect('/v5/trade');
		speak({ ...ORDER, op: 'order.create-batch' });
		const reply = JSON.parse(seen.frames[0] ?? '') as { data: { list: unknown[] }; retExtInfo: { list: unknown[] } };
		expect([reply.data.list.length, reply.retExtInfo.list.length]).toEqual([2, 2]);
	});

	test('F13: the socket dies with a request pending, after so many characters', () => {
		const { connect, venue, desk } = scene();
		desk.inject('cut-socket', { bytes: JSON.stringify(ORDER).length });
		const { seen, speak } = connect('/v5/trade');
		speak(ORDER);
		expect([venue.seen.length, seen.frames, seen.closes]).toEqual([1, [], [1006]]);
	});
});

describe('connections', () => {
	test('F49: refused, and cut after a time', () => {
		const { connect, desk, clock } = scene();
		desk.inject('refuse-connection', { count: 1, status: 502 });
		desk.inject('flap-connection', { afterMs: 700 });
		expect(connect(PUBLIC).connected).toMatchObject({ kind: 'refused', status: 502 });
		const { seen } = connect(PUBLIC);
		clock.run(699);
		expect(seen.closes).toEqual([]);
		clock.run(1);
		expect(seen.closes).toEqual([1006]);
	});

	test('F48: cut with a going-away', () => {
		const { connect, desk, clock } = scene();
		desk.inject('flap-connection', { afterMs: 5, form: 'going-away', channel: 'ws-trade' });
		const [trade, other] = [connect('/v5/trade'), connect(PUBLIC)];
		clock.run(5);
		expect([trade.seen.closes, other.seen.closes]).toEqual([[1001], []]);
	});

	test('F44: half-open, nothing passes in either direction, not even the end', () => {
		const { desk, push, speak, seen, venue, peer } = privateScene();
		push('order', 1);
		desk.inject('half-open', {});
		push('order', 2);
		speak({ op: 'ping' });
		peer.close(1000, '');
		expect([numbersOf(seen.frames), venue.seen, seen.closes]).toEqual([[1], [], []]);
		expect(desk.counts()['half-open']).toBe(1);
	});

	test('F45: a subscription is refused, or swallowed', () => {
		const { connect, desk, venue } = scene();
		desk.inject('reject-subscription', { topic: 'orderbook', count: 1 });
		desk.inject('reject-subscription', { topic: 'orderbook', form: 'silent' });
		const { seen, speak } = connect(PUBLIC);
		speak({ req_id: 's1', op: 'subscribe', args: ['tickers.BTCUSDT', BOOK] });
		expect(seen.frames).toEqual([expect.stringContaining('"success":false')]);
		speak({ req_id: 's2', op: 'subscribe', args: [BOOK] });
		expect([seen.frames.length, venue.seen.length]).toEqual([1, 0]);
		speak({ req_id: 's3', op: 'subscribe', args: ['tickers.BTCUSDT'] });
		expect(venue.seen).toHaveLength(1);
	});

	test('F55: a login is refused', () => {
		const { desk, speak, seen } = privateScene();
		desk.inject('revoke-key', {});
		speak({ req_id: 'l', op: 'auth', args: ['KEY', 1, 'sign'] });
		expect(seen.frames).toEqual([expect.stringContaining('"success":false')]);
	});
});

describe('what the venue pushes', () => {
	test('F20: frames of one topic are lost', () => {
		const { desk, push, seen } = privateScene();
		desk.inject('drop-frames', { topic: 'execution', skip: 1, count: 2 });
		for (let n = 1; n <= 4; n += 1) push('execution', n);
		push('order', 9);
		expect(numbersOf(seen.frames)).toEqual([1, 4, 9]);
		expect(desk.report().byNumber).toEqual({ F20: 2 });
	});

	test('F18: a frame comes twice', () => {
		const { desk, push, seen } = privateScene();
		desk.inject('duplicate-frames', { count: 1 });
		push('order', 1);
		push('order', 2);
		expect(numbersOf(seen.frames)).toEqual([1, 1, 2]);
	});

	test('F17: a frame comes after two later ones, or after a time', () => {
		const { desk, push, seen, clock } = privateScene();
		desk.inject('reorder-frames', { window: 2, holdMs: 1_000, count: 1 });
		for (let n = 1; n <= 4; n += 1) push('order', n);
		expect(numbersOf(seen.frames)).toEqual([2, 3, 1, 4]);
		desk.inject('reorder-frames', { window: 2, holdMs: 1_000, count: 1 });
		push('order', 5);
		clock.run(1_000);
		expect(numbersOf(seen.frames).at(-1)).toBe(5);
	});

	test('F22: executions come later than the orders they belong to, in their order', () => {
		const { desk, push, seen, clock } = privateScene();
		desk.inject('delay-frames', { topic: 'execution', delayMs: 500, tailMs: 300 });
		for (let n = 1; n <= 20; n += 1) push('execution', n);
		push('order', 99);
		expect(numbersOf(seen.frames)).toEqual([99]);
		clock.run(5_000);
		expect(numbersOf(seen.frames).slice(1)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
		expect(desk.report().byNumber).toEqual({ F22: 20 });
	});

	test('a late frame is late by its own delay, and what follows on its topic waits for it', () => {
		const { desk, push, seen, clock } = privateScene();
		desk.inject('delay-frames', { delayMs: 500, count: 1 });
		push('order', 1);
		push('order', 2);
		clock.run(499);
		expect(seen.frames).toEqual([]);
		clock.run(1);
		expect(numbersOf(seen.frames)).toEqual([1, 2]);
	});

	test('F42: frames come later and later, up to a bound', () => {
		const { desk, push, seen, clock } = privateScene();
		desk.inject('ramp-delay', { rampMs: 1_000, delayMsMax: 400 });
		push('order', 1);
		clock.run(500);
		push('order', 2);
		clock.run(199);
		expect(numbersOf(seen.frames)).toEqual([1]);
		clock.run(1);
		expect(numbersOf(seen.frames)).toEqual([1, 2]);
		clock.run(10_000);
		push('order', 3);
		clock.run(399);
		expect(numbersOf(seen.frames)).toEqual([1, 2]);
		clock.run(1);
		expect(numbersOf(seen.frames)).toEqual([1, 2, 3]);
	});

	test('F43: nothing for a time, then a burst', () => {
		const { desk, push, seen, clock } = privateScene();
		desk.inject('stall-burst', { forMs: 1_000, count: 1 });
		for (let n = 1; n <= 50; n += 1) push(n % 2 === 0 ? 'order' : 'execution', n);
		clock.run(999);
		expect(seen.frames).toHaveLength(0);
		clock.run(1);
		expect(seen.frames).toHaveLength(50);
	});

	test('F37: one topic falls silent, pongs go on', () => {
		const { desk, push, seen, speak, clock } = privateScene();
		desk.inject('mute-topic', { topic: 'order', forMs: 5_000, count: 1 });
		push('order', 1);
		push('execution', 2);
		speak({ op: 'ping' });
		clock.run(4_999);
		push('order', 3);
		clock.run(1);
		push('order', 4);
		expect(seen.frames).toHaveLength(3);
		expect(numbersOf(seen.frames).filter((n) => !Number.isNaN(n))).toEqual([2, 4]);
	});

	test('F37: the silence ends with its rule', () => {
		const { desk, push, seen } = privateScene();
		desk.inject('mute-topic', {});
		push('order', 1);
		desk.clear();
		push('order', 2);
		expect(numbersOf(seen.frames)).toEqual([2]);
	});

	test('F19: the last executions of this key come again after a subscription, on another socket too', () => {
		const { desk, push, speak, connect } = privateScene();
		speak({ op: 'auth', args: ['KEY'] });
		for (let n = 1; n <= 5; n += 1) push('execution', n);
		desk.inject('replay-executions', { frames: 3 });
		const [same, other] = ['KEY', 'OTHER'].map((key) => {
			const again = connect('/v5/private');
			again.speak({ op: 'auth', args: [key] });
			again.speak({ op: 'subscribe', args: ['order', 'execution'] });
			return numbersOf(again.seen.frames).filter((n) => !Number.isNaN(n));
		});
		expect([same, other]).toEqual([[3, 4, 5], []]);
		expect(desk.counts()['replay-executions']).toBe(1);
	});
});

describe('books', () => {
	function bookScene() {
		const all = scene();
		const socket = all.connect(PUBLIC);
		socket.speak({ req_id: 's', op: 'subscribe', args: [BOOK] });
		socket.seen.frames.length = 0;
		const delta = () => socket.peer.send(all.venue.delta());
		return { ...all, ...socket, delta };
	}

	test.each([
		{ form: 'gap', numbers: [102, 103] },
		{ form: 'repeat', numbers: [101, 101, 102, 103] },
		{ form: 'backward', numbers: [99, 102, 103] },
	])('F38: $form', ({ form, numbers }) => {
		const { desk, delta, seen } = bookScene();
		desk.inject('break-sequence', { form, count: 1 });
		for (let n = 0; n < 3; n += 1) delta();
		expect(bookNumbersOf(seen.frames)).toEqual(numbers);
	});

	test.each<[string, (book: Book) => boolean]>([
		['crossed', ({ data }) => data.b[0]?.[0] === '130000.00'],
		['locked', ({ data }) => data.b[0]?.[0] === '65000.00' && data.a[0]?.[0] === '65000.00'],
		['zero-price', ({ data }) => data.b[0]?.[0] === '0'],
		['negative-price', ({ data }) => data.b[0]?.[0] === '-65000.00'],
		['one-sided', ({ type, data }) => type === 'snapshot' && data.b.length === 1 && data.a.length === 0],
		['empty', ({ type, data }) => type === 'snapshot' && data.b.length === 0 && data.a.length === 0],
	])('F39: %s', (form, isRight) => {
		const { desk, delta, seen } = bookScene();
		desk.inject('corrupt-level', { form });
		delta();
		expect(isRight(JSON.parse(seen.frames[0] ?? '') as Book)).toBe(true);
	});

	test('F40: the venue restarts the book at 1 and counts from there; the client never sees how', () => {
		const { desk, delta, seen, clock } = bookScene();
		desk.inject('mid-stream-snapshot', { count: 1 });
		delta();
		clock.run(1);
		delta();
		delta();
		expect(bookNumbersOf(seen.frames)).toEqual([101, 1, 2, 3]);
		expect((JSON.parse(seen.frames[1] ?? '') as Book).type).toBe('snapshot');
		expect(desk.counts()['mid-stream-snapshot']).toBe(1);
	});

	test('F40: who subscribes anew gets the true numbers again', () => {
		const { desk, delta, seen, speak, clock } = bookScene();
		desk.inject('mid-stream-snapshot', { count: 1 });
		delta();
		clock.run(1);
		speak({ req_id: 'again', op: 'subscribe', args: [BOOK] });
		delta();
		expect(bookNumbersOf(seen.frames).filter((n) => !Number.isNaN(n))).toEqual([101, 1, 101, 102]);
	});
});

describe('a public socket, once its rules are over', () => {
	function publicScene() {
		const all = scene();
		const socket = all.connect(PUBLIC);
		return { ...all, ...socket, push: (topic: string, number: number) => socket.peer.send(topicFrame(topic, number)) };
	}

	test.each([
		{ name: 'a frame that is late still', fault: 'delay-frames', given: { delayMs: 500 } },
		{ name: 'a stall', fault: 'stall-burst', given: { forMs: 500 } },
	])('$name keeps its turn', ({ fault, given }) => {
		const { desk, push, seen, clock } = publicScene();
		desk.inject(fault, { ...given, count: 1 });
		push('tickers.BTCUSDT', 1);
		desk.clear();
		push('tickers.BTCUSDT', 2);
		expect(seen.frames).toEqual([]);
		clock.run(500);
		push('tickers.BTCUSDT', 3);
		expect(numbersOf(seen.frames)).toEqual([1, 2, 3]);
	});

	test('a stall holds also when the frame that it began with is lost', () => {
		const { desk, push, seen, clock } = publicScene();
		desk.inject('stall-burst', { forMs: 500, count: 1 });
		desk.inject('drop-frames', { count: 1 });
		push('tickers.BTCUSDT', 1);
		desk.clear();
		push('tickers.BTCUSDT', 2);
		expect(seen.frames).toEqual([]);
		clock.run(500);
		expect(numbersOf(seen.frames)).toEqual([2]);
	});

	test('a silence that was cleared does not come back with the next rule', () => {
		const { desk, push, seen } = publicScene();
		desk.inject('mute-topic', { topic: 'tickers', forMs: 60_000, count: 1 });
		push('tickers.BTCUSDT', 1);
		desk.clear();
		push('tickers.BTCUSDT', 2);
		desk.inject('mute-topic', { topic: 'publicTrade', forMs: 60_000 });
		push('tickers.BTCUSDT', 3);
		expect(numbersOf(seen.frames)).toEqual([2, 3]);
	});

	test('a book that was numbered anew stays so', () => {
		const { desk, seen, speak, peer, venue, clock } = publicScene();
		speak({ req_id: 's', op: 'subscribe', args: [BOOK] });
		seen.frames.length = 0;
		desk.inject('mid-stream-snapshot', { count: 1 });
		peer.send(venue.delta());
		clock.run(1);
		desk.clear();
		peer.send(venue.delta());
		peer.send(venue.delta());
		expect(bookNumbersOf(seen.frames)).toEqual([101, 1, 2, 3]);
	});
});
