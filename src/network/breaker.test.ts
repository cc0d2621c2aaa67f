import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BreakerState, CircuitBreaker, CircuitBreakers, type Passage } from './breaker.ts';
import { virtualClock } from './in-virtual-time.suite.ts';
import { type Failure, failed, ok } from './result.ts';

const DOWN = failed({ reason: 'error', class: 'transient', detail: 'down' });
const EXPECTED = failed({ reason: 'error', class: 'auth', detail: 'wrong key' });
const OURS = failed({ reason: 'full', class: 'transient', detail: 'queue' });

function breakerOn(clock = virtualClock()) {
	const changes: BreakerState[] = [];
	const breaker = new CircuitBreaker({ clock, name: 'market', onChange: (state) => changes.push(state) });
	const enter = () => {
		const passage = breaker.enter();
		return 'kind' in passage ? undefined : passage;
	};
	return { clock, breaker, changes, enter, fail: (times: number) => repeat(times, () => enter()?.failed(DOWN)) };
}

function repeat(times: number, action: () => void): void {
	for (let i = 0; i < times; i += 1) action();
}

type Step = { readonly afterMs: number; readonly outcome: 'ok' | 'down' | 'expected' };

/** The same calls at the same moments, judged by another library. */
async function judged(steps: readonly Step[]): Promise<{ ours: string[]; theirs: string[] }> {
	const clock = virtualClock();
	const { breaker } = breakerOn(clock);
	// cockatiel reads the real clock; a pause that is endless or over, as ours says, makes it follow ours.
	const pause = () => {
		const openedAtMono = clock.monotonicMs();
		return {
			get duration() {
				return clock.monotonicMs() - openedAtMono >= 60_000 ? -1 : Number.POSITIVE_INFINITY;
			},
			next: pause,
		};
	};
	const judge = circuitBreaker(
		handleWhen((error) => error instanceof Error && error.message === 'down'),
		{ halfOpenAfter: { next: pause }, breaker: new ConsecutiveBreaker(5) },
	);
	const names = { [CircuitState.Closed]: 'closed', [CircuitState.Open]: 'open', [CircuitState.HalfOpen]: 'half-open' };
	const ours: string[] = [];
	const theirs: string[] = [];
	for (const { afterMs, outcome } of steps) {
		clock.run(afterMs);
		const result = await breaker.run(async () => (outcome === 'ok' ? ok(1) : outcome === 'down' ? DOWN : EXPECTED));
		ours.push(`${result.kind === 'failed' && result.reason === 'open' ? 'refused' : 'let through'}, ${breaker.figures.state}`);
		let wasAsked = false;
		await judge
			.execute(() => {
				wasAsked = true;
				if (outcome !== 'ok') throw new Error(outcome);
			})
			.catch(() => {});
		theirs.push(`${wasAsked ? 'let through' : 'refused'}, ${names[judge.state as keyof typeof names]}`);
	}
	return { ours, theirs };
}

describe('a circuit breaker', () => {
	test('opens with the fifth failure in a row, and rests for a minute', () => {
		const { breaker, enter, fail, changes, clock } = breakerOn();
		fail(4);
		enter()?.succeeded();
		fail(4);
		expect([breaker.figures.state, breaker.figures.failureCount]).toEqual(['closed', 4]);
		fail(1);
		expect(breaker.figures).toEqual({ name: 'market', state: 'open', failureCount: 5, retryInMs: 60_000 });
		clock.run(59_999);
		expect(breaker.enter()).toMatchObject({ kind: 'failed', reason: 'open', retryAfterMs: 1 });
		clock.run(1);
		expect(enter()).toBeDefined();
		expect(changes).toEqual(['open', 'half-open']);
	});

	test.each([
		{ name: 'a success closes it', end: (probe: Passage | undefined) => probe?.succeeded(), after: 'closed' },
		{ name: 'an expected error closes it', end: (probe: Passage | undefined) => probe?.failed(EXPECTED), after: 'closed' },
		{ name: 'a failure opens it anew', end: (probe: Passage | undefined) => probe?.failed(DOWN), after: 'open' },
		{
			name: 'what never got there lets the next one try',
			end: (probe: Passage | undefined) => probe?.failed(OURS),
			after: 'half-open',
		},
	])('lets one probe through at a time: $name', ({ end, after }) => {
		const { breaker, enter, fail, clock } = breakerOn();
		fail(5);
		clock.run(60_000);
		const probe = enter();
		expect(enter()).toBeUndefined();
		end(probe);
		expect(breaker.figures.state).toBe(after);
		expect(enter() === undefined).toBe(after === 'open');
	});

	test.each<{ name: string; failure: Failure; expected: number }>([
		{ name: 'an expected error', failure: EXPECTED, expected: 4 },
		{ name: 'a full queue of ours', failure: OURS, expected: 4 },
		{ name: 'what the caller called off', failure: { ...DOWN, reason: 'aborted' }, expected: 4 },
		{ name: 'a bug', failure: { ...DOWN, reason: 'threw' }, expected: 4 },
		{ name: 'a timeout', failure: { ...DOWN, reason: 'timeout', class: 'ambiguous' }, expected: 5 },
	])('after $name counts $expected of four failures and this', ({ failure, expected }) => {
		const { breaker, enter, fail } = breakerOn();
		fail(4);
		enter()?.failed(failure);
		expect(breaker.figures.failureCount).toBe(expected);
	});

	test('does not listen to calls that began before its last change', () => {
		const { breaker, enter, fail, clock } = breakerOn();
		const [one, other] = [enter(), enter()];
		fail(5);
		one?.succeeded();
		expect(breaker.figures.state).toBe('open');
		clock.run(60_000);
		const probe = enter();
		other?.failed(DOWN);
		expect([breaker.figures.state, enter()]).toEqual(['half-open', undefined]);
		probe?.succeeded();
		probe?.failed(DOWN);
		expect(breaker.figures).toMatchObject({ state: 'closed', failureCount: 0 });
	});

	test('agrees with another library on any sequence of calls', async () => {
		const steps = fc.array(
			fc.record({
				afterMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.constantFrom(59_999, 60_000)),
				outcome: fc.oneof(
					{ weight: 5, arbitrary: fc.constant('down' as const) },
					fc.constantFrom('ok' as const, 'expected' as const),
				),
			}),
			{ minLength: 20, maxLength: 60 },
		);
		const seen = new Set<string>();
		await fc.assert(
			fc.asyncProperty(steps, async (each) => {
				const { ours, theirs } = await judged(each);
				expect(ours).toEqual(theirs);
				for (const word of ours) seen.add(word);
			}),
			{ numRuns: 300 },
		);
		expect([...seen].sort()).toEqual(['let through, closed', 'let through, open', 'refused, open']);
	});

	test('is one for each endpoint group', async () => {
		const breakers = new CircuitBreakers({ clock: virtualClock() });
		for (let i = 0; i < 5; i += 1) await breakers.of('account').run(async () => DOWN);
		expect(await breakers.of('market').run(async () => ok('still there'))).toEqual(ok('still there'));
		expect(breakers.figures.map(({ name, state }) => `${name} ${state}`)).toEqual(['account open', 'market closed']);
		await breakers[Symbol.asyncDispose]();
		expect(await breakers.of('market').run(async () => ok(1))).toMatchObject({ reason: 'closed' });
	});

	test('takes addresses for names only so often', () => {
		const breakers = new CircuitBreakers({ clock: virtualClock() });
		let orderId = 0;
		const next = () => {
			orderId += 1;
			breakers.of(`/order/${orderId}`);
		};
		expect(() => repeat(1_000, next)).toThrow('more than 256 endpoint groups');
	});
});
