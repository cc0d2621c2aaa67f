/** The candles' connection against a venue of the tests' own, in virtual time. */
import { expect, test } from 'vitest';
import { FakePublicVenue } from '../../../test/fixtures/bybit-public-venue.ts';
import { FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import { BTCUSDT, ETHUSDT, makeTestInstrument, SOLUSDT_SPOT } from '../../../test/fixtures/instruments.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { StreamNote } from '../wire/stream-note.ts';
import type { Kline } from './codec/plain-kline.ts';
import { makeKlineSocket } from './kline-socket.ts';

function openKlines(heartbeatMs?: number) {
	const clock = new VirtualClock(1_771_000_000_000);
	const transport = new FakeTransport(clock);
	const rng = seededRng(1);
	const venue = new FakePublicVenue({ clock, rng: rng.fork('venue'), instruments: [BTCUSDT, ETHUSDT] });
	transport.onConnect = venue.accept;
	const notes: StreamNote[] = [];
	const told: Kline[] = [];
	const socket = makeKlineSocket({
		transport,
		clock,
		rng: rng.fork('socket'),
		policy: RECONNECT_POLICY,
		name: 'klines',
		category: 'linear',
		url: 'ws://test/v5/public/linear',
		heartbeatMs,
		watch: (note) => notes.push(note),
	});
	const hear = (kline: Kline): void => void told.push(kline);
	return { clock, transport, venue, socket, notes, told, hear };
}

function frame(topic: string, close: string, isClosed = false): object {
	const [, interval] = topic.split('.');
	const row = { start: 60_000, end: 119_999, interval, open: '65000', close, high: '65100', low: '64900' };
	return {
		topic,
		type: 'snapshot',
		ts: 1,
		data: [{ ...row, volume: '1', turnover: '65000', confirm: isClosed, timestamp: 70_000 }],
	};
}

const closes = (told: readonly Kline[]) => told.map(({ instrument, interval, closeTicks }) => [instrument, interval, closeTicks]);

test('what is asked for is subscribed, before the connection is there or after, and told to whoever asked', () => {
	const { clock, venue, socket, told, hear } = openKlines();
	socket.tryFollow(BTCUSDT, '1', hear);
	socket.start();
	clock.run(100);
	const others: Kline[] = [];
	socket.tryFollow(BTCUSDT, '5', (kline) => others.push(kline));
	expect(socket.isComplete).toBe(false);
	clock.run(100);
	expect([...venue.topics]).toEqual(['kline.1.BTCUSDT', 'kline.5.BTCUSDT']);
	expect(socket.isComplete).toBe(true);
	venue.tell(frame('kline.1.BTCUSDT', '65001'));
	venue.tell(frame('kline.5.BTCUSDT', '65002'));
	venue.tell(frame('kline.1.BTCUSDT', '65003', true));
	expect(closes(told)).toEqual([
		[0, '1', 650_010],
		[0, '1', 650_030],
	]);
	expect(told.map(({ isClosed }) => isClosed)).toEqual([false, true]);
	expect(closes(others)).toEqual([[0, '5', 650_020]]);
});

test('a topic that two ask for is subscribed once, and both are told', () => {
	const { clock, venue, socket, told, hear } = openKlines();
	socket.start();
	socket.tryFollow(BTCUSDT, '1', hear);
	socket.tryFollow(BTCUSDT, '1', hear);
	clock.run(100);
	expect(venue.requests).toEqual([{ op: 'subscribe', args: ['kline.1.BTCUSDT'] }]);
	venue.tell(frame('kline.1.BTCUSDT', '65001'));
	expect(told).toHaveLength(2);
});

test('after a cut all of it is subscribed again', () => {
	const { clock, venue, transport, socket, told, hear } = openKlines();
	socket.tryFollow(BTCUSDT, '1', hear);
	socket.tryFollow(ETHUSDT, 'D', hear);
	socket.start();
	clock.run(100);
	venue.cut();
	expect(socket.isComplete).toBe(false);
	clock.run(5_000);
	expect([transport.sockets.length, socket.isComplete]).toEqual([2, true]);
	expect([...venue.topics]).toEqual(['kline.1.BTCUSDT', 'kline.D.ETHUSDT']);
	venue.tell(frame('kline.D.ETHUSDT', '65001'));
	expect(told).toMatchObject([{ instrument: 1, interval: 'D' }]);
});

test('a topic that the venue refuses is told of, and does not stand in the way of the others', () => {
	const { clock, venue, socket, notes, hear } = openKlines();
	venue.refused.add('kline.1.ETHUSDT');
	socket.tryFollow(BTCUSDT, '1', hear);
	socket.tryFollow(ETHUSDT, '1', hear);
	socket.start();
	clock.run(1_000);
	expect([...venue.topics]).toEqual(['kline.1.BTCUSDT']);
	expect(notes).toContainEqual({
		kind: 'topicRefused',
		socket: 'klines',
		topic: 'kline.1.ETHUSDT',
		message: 'error:handler not found,topic:kline.1.ETHUSDT',
	});
	venue.refused.clear();
	clock.run(20_000);
	expect(socket.isComplete).toBe(true);
});

test('a request without an answer means another connection (F45)', () => {
	const { clock, venue, transport, socket, hear } = openKlines();
	venue.unanswered.add('kline.1.BTCUSDT');
	socket.tryFollow(BTCUSDT, '1', hear);
	socket.start();
	clock.run(6_000);
	venue.unanswered.clear();
	clock.run(20_000);
	expect(transport.sockets.length).toBeGreaterThan(1);
	expect(socket.isComplete).toBe(true);
});

test('where nobody trades for hours the connection stays, by its beats alone', () => {
	const { clock, transport, socket, hear } = openKlines();
	socket.tryFollow(BTCUSDT, '1', hear);
	socket.start();
	clock.run(7_200_000);
	expect([transport.sockets.length, socket.isComplete]).toEqual([1, true]);
});

test.each([
	[undefined, 4],
	[1_000, 20],
	[30_000, 4],
])('a beat every %s ms, or every five seconds where that is shorter', (heartbeatMs, beats) => {
	const { clock, transport, socket } = openKlines(heartbeatMs);
	socket.start();
	clock.run(100);
	const before = transport.socket.sent.length;
	clock.run(20_000);
	const sent = transport.socket.sent.slice(before);
	expect(sent.every((text) => text.includes('"op":"ping"'))).toBe(true);
	expect(sent).toHaveLength(beats);
});

test('what cannot be read is told of and changes nothing', () => {
	const { clock, venue, socket, notes, told, hear } = openKlines();
	socket.tryFollow(BTCUSDT, '1', hear);
	socket.start();
	clock.run(100);
	venue.tell('x');
	venue.tell(frame('kline.1.ETHUSDT', '65001'));
	venue.tell(frame('kline.1.BTCUSDT', 'much'));
	venue.tell({ op: 'subscribe', success: 'yes' });
	expect(told).toEqual([]);
	expect(notes.filter(({ kind }) => kind === 'badFrame')).toEqual([
		{ kind: 'badFrame', socket: 'klines', reason: 'not-json', where: 'frame', instrument: undefined },
		{ kind: 'badFrame', socket: 'klines', reason: 'unknown-instrument', where: 'topic', instrument: undefined },
		{ kind: 'badFrame', socket: 'klines', reason: 'not-a-decimal', where: 'data[0].close', instrument: 'bybit:linear:BTCUSDT' },
	]);
});

test('after a changed filter candles are counted in its ticks', () => {
	const { clock, venue, socket, told, hear } = openKlines();
	socket.tryFollow(BTCUSDT, '1', hear);
	socket.tryFollow(ETHUSDT, '1', hear);
	const versions: number[] = [];
	socket.tryFollow(BTCUSDT, '1', (_kline, { version }) => void versions.push(version));
	socket.start();
	clock.run(100);
	venue.tell(frame('kline.1.BTCUSDT', '65001'));
	told.length = 0;
	socket.update(makeTestInstrument({ tickSize: '0.01', version: 2 }));
	venue.tell(frame('kline.1.BTCUSDT', '65001'));
	venue.tell(frame('kline.1.ETHUSDT', '65001'));
	expect(told.map(({ closeTicks }) => closeTicks)).toEqual([6_500_100, 6_500_100]);
	expect(versions, 'whoever listens knows what it is counted in').toEqual([1, 2]);
});

test('a connection takes as many topics as the venue lets one have; what it has is followed for anybody', () => {
	const { socket, hear } = openKlines();
	const isTaken = (index: number): boolean =>
		socket.tryFollow(makeTestInstrument({ index, symbol: `SYMBOL${1_000 + index}USDT` }), '720', hear) !== undefined;
	const count = Array.from({ length: 1_000 }, (_, index) => isTaken(index)).indexOf(false);
	// kline.720.SYMBOL1000USDT has 24 characters, and three around it.
	expect(count).toBe(Math.floor(21_000 / 27));
	expect(isTaken(0)).toBe(true);
});

test('who no longer listens is told nothing, and others are; who comes back hears at once what is still told', () => {
	const { clock, venue, socket, told, hear } = openKlines();
	const other: Kline[] = [];
	socket.tryFollow(BTCUSDT, '1', (kline) => void other.push(kline));
	const first = socket.tryFollow(BTCUSDT, '1', hear);
	const second = socket.tryFollow(BTCUSDT, '1', hear);
	socket.start();
	clock.run(100);
	first?.[Symbol.dispose]();
	venue.tell(frame('kline.1.BTCUSDT', '65001'));
	expect([told.length, other.length]).toEqual([1, 1]);
	second?.[Symbol.dispose]();
	venue.tell(frame('kline.1.BTCUSDT', '65002'));
	expect([told.length, other.length]).toEqual([1, 2]);
	socket.tryFollow(BTCUSDT, '1', hear);
	venue.tell(frame('kline.1.BTCUSDT', '65003'));
	expect([told.length, other.length]).toEqual([2, 3]);
});

test('what is stopped tells nothing more and leaves no timer', () => {
	const { clock, venue, socket, told, hear, transport } = openKlines();
	socket.tryFollow(SOLUSDT_SPOT, '1', hear);
	socket.start();
	clock.run(100);
	socket.stop();
	venue.tell(frame('kline.1.SOLUSDT', '65001'));
	clock.run(15_000);
	expect(clock.step(), 'no timer is left').toBe(false);
	expect([told.length, transport.sockets.length]).toEqual([0, 1]);
});
