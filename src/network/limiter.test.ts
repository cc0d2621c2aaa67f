import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../ports/clock.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { pass, settle, virtualClock, watch } from './in-virtual-time.suite.ts';
import { RateLimiter, type RateRequest } from './limiter.ts';
import type { WindowRule } from './limiter-window.ts';
import { ok } from './result.ts';

type Name = 'general' | 'orders';
const WINDOWS: Record<Name, WindowRule> = {
	general: { limit: 20, windowMs: 600, urgentShare: 0.25 },
	orders: { limit: 6, windowMs: 100 },
};

function limiterWith(windows: Record<Name, WindowRule> = WINDOWS, queuedMax = 100) {
	const clock = virtualClock();
	const limiter = new RateLimiter({ clock, windows, queuedMax });
	const take = (weights: RateRequest<Name>['weights'], withinMs = 10_000, over: Partial<RateRequest<Name>> = {}) =>
		watch(limiter.take({ weights, withinMs, ...over }), clock);
	return { clock, limiter, take };
}

describe('a rate limiter', () => {
	test('draws on all windows that a request names, or on none', () => {
		const { limiter } = limiterWith();
		for (let i = 0; i < 6; i += 1) expect(limiter.tryTake({ weights: { general: 1, orders: 1 } })).toEqual(ok(undefined));
		expect(limiter.tryTake({ weights: { general: 1, orders: 1 } })).toMatchObject({ reason: 'rate', retryAfterMs: 100 });
		expect(limiter.figures.map(({ used }) => used)).toEqual([6, 6]);
	});

	test('lets the next one go when the window of the first has passed', async () => {
		const { clock, take } = limiterWith();
		for (let i = 0; i < 6; i += 1) {
			take({ orders: 1 });
			await pass(clock, 10);
		}
		const seen = [take({ orders: 1 }), take({ orders: 2 }), take({ orders: 1 })];
		await pass(clock, 1_000);
		expect(seen.map(({ atMono }) => atMono)).toEqual([100, 120, 130]);
	});

	test('says no at once to who cannot be in time, and holds nobody back for it', async () => {
		const { clock, take } = limiterWith();
		take({ orders: 6 });
		const seen = [take({ orders: 4 }, 99), take({ orders: 4 }, 100), take({ orders: 4 }, 150), take({ orders: 2 }, 100)];
		await settle();
		expect(seen.map(({ value }) => value?.kind)).toEqual(['failed', undefined, 'failed', undefined]);
		expect(seen[2]?.value).toMatchObject({ reason: 'rate', class: 'rate-limited', retryAfterMs: 200 });
		await pass(clock, 100);
		expect(seen[1]).toEqual({ value: ok(undefined), atMono: 100 });
		expect(seen[3]).toEqual({ value: ok(undefined), atMono: 100 });
	});

	test('says no for ever to what weighs more than a window allows', async () => {
		const { limiter } = limiterWith();
		expect(limiter.tryTake({ weights: { orders: 7 } })).toMatchObject({ class: 'fatal' });
		expect(limiter.tryTake({ weights: { general: 16 } })).toMatchObject({ class: 'fatal' });
		expect(limiter.tryTake({ weights: { general: 16 }, isUrgent: true })).toEqual(ok(undefined));
	});

	test('keeps a part for urgent ones, and takes them first', async () => {
		const { clock, limiter, take } = limiterWith();
		take({ general: 15 });
		const waiting = [take({ general: 1 }), take({ general: 15 })];
		expect(limiter.tryTake({ weights: { general: 5 }, isUrgent: true })).toEqual(ok(undefined));
		const urgent = take({ general: 16 }, 10_000, { isUrgent: true });
		await pass(clock, 5_000);
		expect([urgent.atMono, ...waiting.map(({ atMono }) => atMono)]).toEqual([600, 1_200, 1_800]);
	});

	test('tells who loses his place to an urgent one that he will be late', async () => {
		const { clock, take } = limiterWith();
		take({ general: 15 });
		const waiting = take({ general: 15 }, 700);
		take({ general: 20 }, 1_000, { isUrgent: true });
		await settle();
		expect(waiting).toMatchObject({ value: { kind: 'failed', reason: 'rate' }, atMono: 0 });
		await pass(clock, 2_000);
	});

	test('has a queue with an end', async () => {
		const { limiter, take } = limiterWith(WINDOWS, 2);
		const seen = [take({ orders: 6 }), take({ orders: 6 }), take({ orders: 6 }), take({ orders: 6 })];
		await settle();
		expect(seen.map(({ value }) => (value?.kind === 'failed' ? value.reason : value?.kind))).toEqual([
			...['ok', undefined, undefined, 'full'],
		]);
		expect(limiter.queuedCount).toBe(2);
	});

	test('gives the place of one who leaves to the next', async () => {
		const { clock, take } = limiterWith();
		take({ orders: 6 });
		const controller = new AbortController();
		const leaving = take({ orders: 6 }, 1_000, { signal: controller.signal });
		const next = take({ orders: 6 });
		controller.abort();
		const third = take({ orders: 6 }, 200);
		await pass(clock, 1_000);
		expect([leaving.value, next.atMono, third.atMono]).toMatchObject([{ reason: 'aborted' }, 100, 200]);
	});

	test.each([
		{ name: 'somebody else uses the key', sighting: { remaining: 1 }, used: 5, nextAt: 0, thenAt: 100 },
		{ name: 'what is on its way has not been counted', sighting: { remaining: 6 }, used: 2, nextAt: 0, thenAt: 0 },
		{ name: 'the limit was raised', sighting: { limit: 12, remaining: 10 }, used: 2, nextAt: 0, thenAt: 0 },
		{ name: 'the limit was lowered', sighting: { limit: 3, remaining: 1 }, used: 2, nextAt: 0, thenAt: 100 },
		{
			name: 'nothing is left for longer than a window',
			sighting: { remaining: 0, resetInMs: 250 },
			used: 6,
			nextAt: 250,
			thenAt: 250,
		},
		{ name: 'a reset is named though there is room', sighting: { remaining: 4, resetInMs: 250 }, used: 2, nextAt: 0, thenAt: 0 },
	])('is corrected by the other side: $name', async ({ sighting, used, nextAt, thenAt }) => {
		const { clock, limiter, take } = limiterWith();
		take({ orders: 2 });
		limiter.applySighting('orders', sighting);
		expect(limiter.figures[1]?.used).toBe(used);
		const [next, then] = [take({ orders: 1 }), take({ orders: 1 })];
		await pass(clock, 1_000);
		expect([next.atMono, then.atMono]).toEqual([nextAt, thenAt]);
	});

	test('waits out a refusal, however urgent', async () => {
		const { clock, limiter, take } = limiterWith();
		const [waiting, late] = [take({ orders: 6 }), take({ orders: 6 }, 150)];
		await settle();
		limiter.pause('orders', 400);
		const urgent = take({ orders: 1 }, 1_000, { isUrgent: true });
		const elsewhere = take({ general: 1 });
		await settle();
		expect(late.value).toMatchObject({ reason: 'rate' });
		await pass(clock, 1_000);
		expect([waiting.atMono, urgent.atMono, elsewhere.atMono]).toEqual([0, 400, 0]);
	});

	test('sends everybody away when it is closed, and leaves no timer', async () => {
		const { clock, limiter, take } = limiterWith();
		const seen = [take({ orders: 6 }), take({ orders: 6 })];
		await limiter[Symbol.asyncDispose]();
		await settle();
		expect(seen.map(({ value }) => value)).toMatchObject([{ kind: 'ok' }, { reason: 'closed' }]);
		expect([clock.step(), limiter.tryTake({ weights: {} })]).toMatchObject([false, { reason: 'closed' }]);
	});

	test('asks each window anew when another one puts a request off', async () => {
		const clock = virtualClock();
		const rule = (windowMs: number): WindowRule => ({ limit: 1, windowMs });
		const limiter = new RateLimiter({ clock, windows: { calls: rule(100), slow: rule(150), slower: rule(200) } });
		limiter.tryTake({ weights: { slow: 1, slower: 1 } });
		const take = (weights: object, withinMs: number) => watch(limiter.take({ weights, withinMs }), clock);
		// `calls` is free now, but taken when `slower` is free.
		const seen = [take({ calls: 1, slow: 1 }, 150), take({ calls: 1, slower: 1 }, 249), take({ calls: 1, slower: 1 }, 250)];
		await pass(clock, 1_000);
		expect(seen.map(({ value, atMono }) => [value?.kind, atMono])).toEqual([
			['ok', 150],
			['failed', 0],
			['ok', 250],
		]);
	});

	test('counts windows longer than the server does, where it is told to', () => {
		const { clock, limiter } = limiterWith({ ...WINDOWS, orders: { limit: 1, windowMs: 100, guardMs: 20 } });
		const kinds = [0, 100, 19, 1].map((afterMs) => {
			clock.run(afterMs);
			return limiter.tryTake({ weights: { orders: 1 } }).kind;
		});
		expect(kinds).toEqual(['ok', 'failed', 'failed', 'ok']);
	});

	test('lets one unit through beside any reserve', () => {
		const { limiter } = limiterWith({ ...WINDOWS, orders: { limit: 1, windowMs: 100, urgentShare: 0.9 } });
		expect(limiter.tryTake({ weights: { orders: 1 } }).kind).toBe('ok');
	});

	test('stays right over a long time, with somebody always waiting', async () => {
		const { clock, limiter, take } = limiterWith({ ...WINDOWS, general: { limit: 1_000, windowMs: 100 } }, 200);
		const seen = Array.from({ length: 90 }, () => take({ orders: 2, general: 1 }));
		await pass(clock, 1_000);
		seen.push(...Array.from({ length: 90 }, () => take({ orders: 2, general: 1 })));
		await pass(clock, 10_000);
		expect(seen.map(({ atMono }) => atMono)).toEqual(seen.map((_, index) => Math.floor(index / 3) * 100));
		expect(limiter.figures.map(({ used }) => used)).toEqual([0, 0]);
	});

	test('does not make those wait whose moment has come but whose timer is late', async () => {
		const still = virtualClock();
		const clock: Clock = {
			...{ wallMs: () => still.wallMs(), monotonicMs: () => still.monotonicMs() },
			after: (delayMs, callback) => still.after(delayMs + 50, callback),
		};
		const limiter = new RateLimiter({ clock, windows: WINDOWS });
		limiter.tryTake({ weights: { orders: 6 } });
		const due = watch(limiter.take({ weights: { orders: 6 }, withinMs: 1_000 }), still);
		await pass(still, 110);
		expect(due.value).toBeUndefined();
		expect(limiter.tryTake({ weights: { orders: 1 } })).toMatchObject({ reason: 'rate', retryAfterMs: 100 });
		await settle();
		expect(due).toEqual({ value: ok(undefined), atMono: 110 });
	});

	test('is not confused by a clock that goes on while it thinks', async () => {
		const still = virtualClock();
		let readCount = 0;
		const clock: Clock = {
			...{ wallMs: () => still.wallMs(), after: (delayMs, callback) => still.after(delayMs, callback) },
			monotonicMs: () => {
				readCount += 1;
				return still.monotonicMs() + readCount / 1_000;
			},
		};
		const limiter = new RateLimiter({ clock, windows: WINDOWS });
		const kinds = [0, 0, 0, 0, 0, 0, 0].map(() => limiter.tryTake({ weights: { orders: 1, general: 1 } }).kind);
		expect(kinds).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'failed']);
		const waiting = watch(limiter.take({ weights: { orders: 6 }, withinMs: 200 }), still);
		expect(limiter.tryTake({ weights: { general: 1 }, isUrgent: true }).kind).toBe('ok');
		await pass(still, 500);
		expect(waiting.value).toEqual(ok(undefined));
	});

	test('takes a wrong name or weight for a bug', () => {
		const { limiter } = limiterWith();
		expect(() => limiter.pause('ordres' as Name, 1)).toThrow('there are general, orders');
		for (const weight of [-1, 0.5, Number.NaN])
			expect(() => limiter.tryTake({ weights: { orders: weight } })).toThrow(RangeError);
	});

	test('runs work only when it may', async () => {
		const { clock, limiter } = limiterWith();
		const run = (withinMs: number) =>
			watch(
				limiter.run({ weights: { orders: 6 }, withinMs }, async () => ok('done')),
				clock,
			);
		const seen = [run(0), run(50), run(100)];
		await pass(clock, 500);
		expect(seen).toMatchObject([
			{ value: ok('done'), atMono: 0 },
			{ value: { reason: 'rate' }, atMono: 0 },
			{ value: ok('done'), atMono: 100 },
		]);
	});
});

interface Demand {
	readonly atMono: number;
	readonly weights: Readonly<Record<Name, number>>;
	readonly withinMs: number;
	readonly isUrgent: boolean;
}

interface Taken extends Demand {
	/** `undefined` where it was refused. */
	readonly grantedMono: number | undefined;
	readonly answeredMono: number;
}

const demand = (isUrgent: fc.Arbitrary<boolean>) =>
	fc.array(
		fc.record({
			afterMs: fc.oneof(fc.constant(0), fc.nat(60)),
			weights: fc.record({ general: fc.nat(6), orders: fc.nat(4) }),
			withinMs: fc.oneof(fc.constant(0), fc.nat(300), fc.nat(2_000)),
			isUrgent,
		}),
		{ minLength: 10, maxLength: 60 },
	);

type DemandSteps = readonly (Omit<Demand, 'atMono'> & { readonly afterMs: number })[];

/** `latenessMs`: of the timers. */
async function grants(steps: DemandSteps, latenessMs: () => number = () => 0): Promise<readonly Taken[]> {
	const inTime = virtualClock();
	const clock: Clock = {
		wallMs: () => inTime.wallMs(),
		monotonicMs: () => inTime.monotonicMs(),
		after: (delayMs, callback) => inTime.after(delayMs + latenessMs(), callback),
	};
	const limiter = new RateLimiter({ clock, windows: WINDOWS });
	const pending = [];
	for (const { afterMs, ...request } of steps) {
		await pass(inTime, afterMs);
		pending.push({ ...request, atMono: inTime.monotonicMs(), seen: watch(limiter.take(request), inTime) });
		await settle();
	}
	await pass(inTime, 5_000);
	return pending.map(({ seen: { value, atMono = Number.NaN }, ...request }) => ({
		...request,
		grantedMono: value?.kind === 'ok' ? atMono : undefined,
		answeredMono: atMono,
	}));
}

/** What weighs in a window at a moment, counted from the outcome alone. */
function load(taken: readonly Taken[], name: Name, atMono: number): number {
	return taken
		.filter(
			({ grantedMono }) => grantedMono !== undefined && grantedMono <= atMono && grantedMono > atMono - WINDOWS[name].windowMs,
		)
		.reduce((sum, { weights }) => sum + weights[name], 0);
}

const NAMES: readonly Name[] = ['general', 'orders'];
const allowed = (name: Name, isUrgent: boolean) =>
	isUrgent ? WINDOWS[name].limit : Math.floor(WINDOWS[name].limit * (1 - (WINDOWS[name].urgentShare ?? 0)));

function expectLimitsHeld(taken: readonly Taken[]): void {
	for (const { grantedMono, answeredMono, atMono, withinMs } of taken) {
		expect(answeredMono).not.toBeNaN();
		if (grantedMono === undefined) continue;
		expect(grantedMono).toBeLessThanOrEqual(atMono + withinMs);
		for (const name of NAMES)
			expect(load(taken, name, grantedMono), `${name} at ${grantedMono}`).toBeLessThanOrEqual(WINDOWS[name].limit);
	}
}

describe('for any demand a rate limiter', () => {
	test('never lets more through in any window than is allowed, and never after the deadline', async () => {
		await fc.assert(
			fc.asyncProperty(demand(fc.boolean()), async (steps) => expectLimitsHeld(await grants(steps))),
			{ numRuns: 200 },
		);
	});

	test('does so too when timers are late', async () => {
		await fc.assert(
			fc.asyncProperty(demand(fc.boolean()), fc.nat(), async (steps, seed) => {
				const rng = seededRng(seed);
				expectLimitsHeld(await grants(steps, () => rng.next() * 30));
			}),
			{ numRuns: 200 },
		);
	});

	test('grants at the first moment that leaves all earlier ones theirs, and refuses at once where that is too late', async () => {
		let grantedLaterCount = 0;
		let refusedCount = 0;
		await fc.assert(
			fc.asyncProperty(demand(fc.constant(false)), async (steps) => {
				const taken = await grants(steps);
				taken.forEach((each, index) => {
					const { atMono, withinMs, grantedMono, answeredMono } = each;
					const earlier = taken.slice(0, index);
					if (grantedMono === undefined) expect(answeredMono).toBe(atMono);
					for (let mono = atMono; mono < (grantedMono ?? atMono + withinMs + 1); mono += 1) {
						expect(fits(earlier, each, mono), `request ${index} would have fitted at ${mono}`).toBe(false);
					}
					if (grantedMono === undefined) refusedCount += 1;
					else if (grantedMono > atMono) grantedLaterCount += 1;
				});
			}),
			{ numRuns: 100 },
		);
		expect([grantedLaterCount > 50, refusedCount > 50]).toEqual([true, true]);
	});

	test('has room for urgent ones that ask for no more than is kept for them', async () => {
		const reserve = (name: Name) => WINDOWS[name].limit - allowed(name, false);
		let checkedCount = 0;
		await fc.assert(
			fc.asyncProperty(demand(fc.boolean()), async (steps) => {
				const taken = await grants(steps.map((each) => ({ ...each, weights: { ...each.weights, orders: 0 } })));
				const urgent = taken.filter(({ isUrgent }) => isUrgent);
				urgent.forEach((each, index) => {
					const before = urgent.slice(0, index);
					if (before.some(({ answeredMono }) => answeredMono > each.atMono)) return;
					if (load(before, 'general', each.atMono) + each.weights.general > reserve('general')) return;
					checkedCount += 1;
					expect(each.grantedMono).toBe(each.atMono);
				});
				for (const { isUrgent, grantedMono, weights } of taken) {
					if (isUrgent || grantedMono === undefined || weights.general === 0) continue;
					// An urgent one of the same moment may have come after.
					const others = taken.filter((each) => !each.isUrgent || each.grantedMono !== grantedMono);
					expect(load(others, 'general', grantedMono)).toBeLessThanOrEqual(allowed('general', false));
				}
			}),
			{ numRuns: 200 },
		);
		expect(checkedCount).toBeGreaterThan(50);
	});
});

/** Whether one more at that moment keeps every window, and every earlier one its moment. */
function fits(earlier: readonly Taken[], { weights, isUrgent }: Taken, atMono: number): boolean {
	return NAMES.every((name) => {
		if (weights[name] === 0) return true;
		const moments = earlier
			.filter((each) => each.weights[name] > 0)
			.map(({ grantedMono }) => grantedMono)
			.filter((mono) => mono !== undefined && mono > atMono && mono < atMono + WINDOWS[name].windowMs);
		return [atMono, ...moments].every((mono = atMono) => load(earlier, name, mono) + weights[name] <= allowed(name, isUrgent));
	});
}
