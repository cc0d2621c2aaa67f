import { expect, test } from 'vitest';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { ReadGate } from './read-gate.ts';
import { type ReadKind, Weights } from './weights.ts';

/** The beginning of a minute, and of an hour at that. */
const MINUTE_AT = 1_771_002_000_000;

test('reads may use four fifths of a minute, and then wait for the next one (I11)', () => {
	const weights = new Weights('linear');
	const at = MINUTE_AT + 20_000;
	expect(weights.waitMs(1_920, at)).toBe(0);
	weights.spend(1_920, at);
	expect(weights.waitMs(1, at)).toBe(40_000);
	expect(weights.waitMs(1, MINUTE_AT + 59_999)).toBe(1);
	expect(weights.waitMs(1, MINUTE_AT + 60_000)).toBe(0);
});

test('who is in need waits for nobody but the venue', () => {
	const weights = new Weights('linear', true);
	weights.spend(2_399, 0);
	expect(weights.waitMs(40, 0, 'account')).toBe(0);
	weights.close(5_000, 0);
	expect(weights.waitMs(40, 1_000, 'account')).toBe(4_000);
});

test('what weighs more than that goes when nothing else was asked', () => {
	const weights = new Weights('linear');
	expect(weights.waitMs(2_400, MINUTE_AT)).toBe(0);
	weights.spend(1, MINUTE_AT);
	expect(weights.waitMs(2_400, MINUTE_AT)).toBe(60_000);
});

test('the higher count holds: others on this address, or what is still on its way', () => {
	const weights = new Weights('linear');
	const seenAt = (used: string) =>
		weights.seenIn((name) => (name === 'x-mbx-used-weight-1m' ? used : undefined), {
			askedAtMs: MINUTE_AT,
			heardAtMs: MINUTE_AT + 40,
		});
	weights.spend(100, MINUTE_AT);
	weights.sighted(seenAt('1900'), MINUTE_AT + 40);
	expect(weights.waitMs(20, MINUTE_AT + 40)).toBe(0);
	expect(weights.waitMs(21, MINUTE_AT + 40)).toBeGreaterThan(0);
	weights.sighted(seenAt('5'), MINUTE_AT + 40);
	expect(weights.waitMs(21, MINUTE_AT + 40)).toBeGreaterThan(0);
});

test('a count that came over the end of its window is of nobody knows which', () => {
	const weights = new Weights('spot');
	const header = (name: string): string | undefined =>
		({ 'x-mbx-used-weight-1m': '5999', 'x-mbx-order-count-10s': '50', 'x-mbx-order-count-1d': '7' })[name];
	const seen = weights.seenIn(header, { askedAtMs: MINUTE_AT - 20, heardAtMs: MINUTE_AT + 20 });
	expect(seen).toEqual([
		{ kind: 'orders', windowMs: 86_400_000, limit: 160_000, used: 7, resetAtMs: expect.any(Number) as number },
	]);
	const [day] = seen;
	expect((day?.resetAtMs ?? 0) % 86_400_000).toBe(0);
});

test('limits are taken from where the venue says them, if it says them whole', () => {
	const weights = new Weights('spot');
	const before = weights.rules;
	for (const odd of [undefined, [], [{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 9 }], [null, 7]]) {
		weights.setRules(odd);
		expect(weights.rules).toBe(before);
	}
	weights.setRules([
		{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 100 },
		{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 9 },
		{ rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 300_000 },
		{ rateLimitType: 'ORDERS', interval: 'WEEK', intervalNum: 1, limit: 9 },
	]);
	expect(weights.rules).toEqual([
		{ kind: 'weight', windowMs: 60_000, limit: 100 },
		{ kind: 'orders', windowMs: 10_000, limit: 9 },
	]);
	weights.spend(80, MINUTE_AT);
	expect(weights.waitMs(1, MINUTE_AT)).toBe(60_000);
});

test('frames of the WS API count in the same way', () => {
	const weights = new Weights('spot');
	const rateLimits = [
		{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50, count: 12 },
		{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000, count: 321 },
		{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000, count: 'many' },
	];
	expect(weights.seenAmong(rateLimits, MINUTE_AT + 12_000)).toEqual([
		{ kind: 'orders', windowMs: 10_000, limit: 50, used: 12, resetAtMs: MINUTE_AT + 20_000 },
		{ kind: 'weight', windowMs: 60_000, limit: 6_000, used: 321, resetAtMs: MINUTE_AT + 60_000 },
	]);
	expect(weights.seenAmong('nothing', MINUTE_AT)).toEqual([]);
});

test('who waits goes in the order of coming, and only so many wait', () => {
	const clock = new VirtualClock(MINUTE_AT);
	const weights = new Weights('linear');
	const gate = new ReadGate({ clock, weights, venueClock: { venueNowMs: () => clock.wallMs() } });
	const gone: string[] = [];
	const pass = (name: string, weight: number): boolean =>
		gate.pass(weight, () => {
			weights.spend(weight, clock.wallMs());
			gone.push(`${name} at ${clock.wallMs() - MINUTE_AT}`);
		});
	pass('first', 1_900);
	pass('large', 1_900);
	// It would fit, and may still not overtake.
	pass('small', 1);
	expect(gone).toEqual(['first at 0']);
	clock.run(60_100);
	expect(gone).toEqual(['first at 0', 'large at 60050', 'small at 60050']);
	expect(gate.waitingCount).toBe(0);
	const taken = Array.from({ length: 300 }, (_, index) => pass(`${index}`, 1_900));
	expect(taken.filter((isTaken) => isTaken)).toHaveLength(256);
	expect(gate.waitingCount).toBe(256);
});

test('what tells of our account comes before books, and books before models, each up to a share; the rest is for cancels (I11)', () => {
	const clock = new VirtualClock(MINUTE_AT);
	const weights = new Weights('linear');
	const gate = new ReadGate({ clock, weights, venueClock: { venueNowMs: () => clock.wallMs() } });
	const gone: string[] = [];
	const pass = (name: string, weight: number, kind: ReadKind): boolean =>
		gate.pass(
			weight,
			() => {
				weights.spend(weight, clock.wallMs());
				gone.push(name);
			},
			{ kind },
		);
	pass('models', 1_440, 'models');
	pass('more models', 1, 'models');
	pass('books', 480, 'other');
	pass('more books', 20, 'other');
	pass('open orders', 40, 'account');
	pass('fills', 200, 'account');
	pass('more fills', 1, 'account');
	expect(gone).toEqual(['models', 'books', 'open orders', 'fills']);
	clock.run(60_100);
	expect(gone.slice(4)).toEqual(['more fills', 'more books', 'more models']);
});

test('who is not waited for any more makes room in a full line, and is told', () => {
	const clock = new VirtualClock(MINUTE_AT);
	const weights = new Weights('linear');
	weights.spend(2_400, MINUTE_AT);
	const gate = new ReadGate({ clock, weights, venueClock: { venueNowMs: () => clock.wallMs() } });
	const wanted = new Set(Array.from({ length: 256 }, (_, index) => index));
	const gone: number[] = [];
	for (const index of wanted) gate.pass(1, () => gone.push(index), { isWanted: () => wanted.has(index) });
	expect(gate.pass(1, () => {})).toBe(false);
	wanted.delete(7);
	wanted.delete(9);
	expect(gate.pass(1, () => gone.push(1_000))).toBe(true);
	expect([gone, gate.waitingCount]).toEqual([[7, 9], 255]);
	clock.run(60_100);
	expect([gone.length, gone.at(-1)]).toEqual([257, 1_000]);
});
