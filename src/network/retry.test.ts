import { describe, expect, test } from 'vitest';
import { seededRng } from '../simulation/seeded-rng.ts';
import { pass, virtualClock, watch } from './in-virtual-time.suite.ts';
import { type Failure, type FailureClass, type FailureReason, failed, ok, type Result } from './result.ts';
import { CANCEL_RETRIES, READ_RETRIES, Retry, type RetryPolicy, retryDelayMs } from './retry.ts';

const POLICY: RetryPolicy = { ...READ_RETRIES, backoff: { ...READ_RETRIES.backoff, jitter: 'none' } };
const RNG = seededRng(1);

function failure(over: Partial<Failure> = {}): Failure {
	return failed({ reason: 'error', class: 'transient', detail: 'no', ...over });
}

/** Answers in turn, the last one for ever, and notes when it was asked. */
function scripted(...answers: readonly Result<string>[]) {
	const clock = virtualClock();
	const retry = new Retry({ clock, rng: RNG, policy: POLICY });
	const askedAt: number[] = [];
	const work = async () => {
		askedAt.push(clock.monotonicMs());
		return answers[Math.min(askedAt.length, answers.length) - 1] ?? failure();
	};
	return { clock, retry, work, askedAt };
}

describe('whether there is another try', () => {
	const CLASSES: readonly FailureClass[] = ['transient', 'rate-limited', 'clock', 'auth', 'fatal', 'ambiguous', 'benign'];
	const repeated = (policy: RetryPolicy) =>
		CLASSES.filter((each) => retryDelayMs(policy, failure({ class: each }), 0, RNG) !== undefined);

	test('depends on the class of the failure; what may have been done is repeated for cancels only', () => {
		expect(repeated(READ_RETRIES)).toEqual(['transient', 'rate-limited', 'clock']);
		expect(repeated(CANCEL_RETRIES)).toEqual(['transient', 'rate-limited', 'clock', 'ambiguous']);
	});

	test('is never after the caller gave up, the policy was closed or a circuit was open', () => {
		const reasons: readonly FailureReason[] = ['error', 'threw', 'timeout', 'aborted', 'closed', 'open', 'full', 'rate'];
		const again = reasons.filter((reason) => retryDelayMs(POLICY, failure({ reason }), 0, RNG) !== undefined);
		expect(again).toEqual(['error', 'threw', 'timeout', 'full', 'rate']);
	});

	test('ends with the number of retries', () => {
		expect([0, 1, 2, 3].map((made) => retryDelayMs(POLICY, failure(), made, RNG))).toEqual([1_000, 2_000, 4_000, undefined]);
	});

	test.each([
		{ name: 'longer than the backoff', retryAfterMs: 20_000, expected: 20_000 },
		{ name: 'shorter than the backoff', retryAfterMs: 10, expected: 10 },
		{ name: 'already over', retryAfterMs: -5, expected: 0 },
		{ name: 'longer than we wait at all', retryAfterMs: 60_001, expected: undefined },
	])('obeys a named time that is $name', ({ retryAfterMs, expected }) => {
		expect(retryDelayMs(POLICY, failure({ retryAfterMs }), 0, RNG)).toBe(expected);
	});
});

describe('a retried call', () => {
	test('returns the first success', async () => {
		const { clock, retry, work, askedAt } = scripted(failure(), failure({ retryAfterMs: 300 }), ok('here'));
		const seen = watch(retry.run(work), clock);
		await pass(clock, 10_000);
		expect(askedAt).toEqual([0, 1_000, 1_300]);
		expect(seen.value).toEqual(ok('here'));
	});

	test('returns the last failure', async () => {
		const { clock, retry, work, askedAt } = scripted(failure());
		const seen = watch(retry.run(work), clock);
		await pass(clock, 60_000);
		expect(askedAt).toEqual([0, 1_000, 3_000, 7_000]);
		expect(seen).toEqual({ value: failure(), atMono: 7_000 });
	});

	test('does not begin a delay that ends behind the deadline', async () => {
		const { clock, retry, work, askedAt } = scripted(failure());
		const seen = watch(retry.run(work, { deadlineMono: 2_999 }), clock);
		await pass(clock, 60_000);
		expect([askedAt, seen.atMono]).toEqual([[0, 1_000], 1_000]);
	});

	test('ends at once when it is called off, and leaves no timer', async () => {
		const { clock, retry, work, askedAt } = scripted(failure());
		const controller = new AbortController();
		const seen = watch(retry.run(work, { signal: controller.signal }), clock);
		await pass(clock, 500);
		controller.abort();
		await pass(clock, 0);
		expect(seen).toMatchObject({ value: { reason: 'aborted' }, atMono: 500 });
		expect([clock.step(), askedAt]).toEqual([false, [0]]);
	});

	test('ends when the policy is closed, and nothing begins after', async () => {
		const { clock, retry, work, askedAt } = scripted(failure());
		const seen = watch(retry.run(work), clock);
		await pass(clock, 500);
		await retry[Symbol.asyncDispose]();
		const late = watch(retry.run(work), clock);
		await pass(clock, 0);
		expect([seen.value, late.value]).toMatchObject([{ reason: 'closed' }, { reason: 'closed' }]);
		expect([clock.step(), askedAt]).toEqual([false, [0]]);
	});

	test('takes work that throws for a bug, and does not repeat it', async () => {
		const { clock, retry } = scripted();
		const seen = watch(
			retry.run(() => Promise.reject(new TypeError('undefined is not a book'))),
			clock,
		);
		await pass(clock, 0);
		expect(seen.value).toMatchObject({ reason: 'threw', class: 'fatal', detail: 'TypeError: undefined is not a book' });
	});
});
