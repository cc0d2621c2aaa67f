/** In virtual time: what leaves when, and what does not. */
import { beforeEach, describe, expect, test } from 'vitest';
import { failed, ok, type Result } from '../../network/result.ts';
import { runWithJobs } from '../../simulation/promise-jobs.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { AlertChange } from '../../telemetry/alerts/alert-book.ts';
import { ALERTS, type AlertCode } from '../../telemetry/alerts/alert-codes.ts';
import type { AlertMessage } from './alert-message.ts';
import { AlertPost, type PostSettings } from './alert-post.ts';

const REFUSED = failed({ reason: 'error', class: 'transient', detail: 'no answer' });

let clock: VirtualClock;
let startMono: number;
let sent: { readonly atMs: number; readonly codes: readonly string[]; readonly moreCount: number }[];
let results: Result<void>[];
let answer: (signal: AbortSignal) => Promise<Result<void>>;

beforeEach(() => {
	clock = new VirtualClock(0);
	startMono = clock.monotonicMs();
	sent = [];
	results = [];
	answer = async () => ok(undefined);
});

function open(settings: Partial<PostSettings> = {}): AlertPost {
	const send = async ({ alerts, moreCount }: AlertMessage, signal: AbortSignal): Promise<Result<void>> => {
		sent.push({ atMs: clock.monotonicMs() - startMono, codes: alerts.map(({ alert }) => alert.code), moreCount });
		return await answer(signal);
	};
	return new AlertPost({
		...{ least: 'warning', bundleMs: 2_000, perMinuteMax: 3, ...settings },
		...{ clock, rng: seededRng(1), instance: 'x', sink: { name: 'one', send } },
		onResult: (_message, result) => results.push(result),
	});
}

function change(code: AlertCode, kind: AlertChange['kind'] = 'begun', subject?: string): AlertChange {
	const about = { id: `${code} ${subject}`, code, severity: ALERTS[code].severity, sentence: 'because', subject };
	return { kind, alert: { ...about, symbol: undefined, venue: undefined, sinceMs: 0, endedMs: undefined, count: 1 } };
}

async function pass(ms: number): Promise<void> {
	const untilMono = clock.monotonicMs() + ms;
	clock.after(ms, () => {});
	await runWithJobs(clock, () => clock.monotonicMs() < untilMono);
}

describe('a message', () => {
	test('waits for others, and then takes them all', async () => {
		const post = open();
		post.hear(change('comparing'));
		await pass(1_500);
		post.hear(change('stream-down'));
		await pass(1_000);
		expect(sent).toEqual([{ atMs: 2_000, codes: ['comparing', 'stream-down'], moreCount: 0 }]);
	});

	test('with something critical leaves within a second, also when it came while others waited', async () => {
		const post = open({ bundleMs: 60_000 });
		post.hear(change('comparing'));
		await pass(500);
		post.hear(change('killed'));
		await pass(2_000);
		expect(sent).toEqual([{ atMs: 1_500, codes: ['comparing', 'killed'], moreCount: 0 }]);
	});

	test('is not sent for what is less grave, unless it is a test', async () => {
		const post = open({ least: 'critical' });
		for (const each of [change('comparing'), change('recovering')]) post.hear(each);
		await pass(10_000);
		expect(sent).toEqual([]);
		post.hear(change('test', 'passed'));
		await pass(10_000);
		expect(sent).toHaveLength(1);
	});

	test('does not tell a sink that it fails itself', async () => {
		const post = open();
		post.hear(change('sink-failing', 'begun', 'one'));
		post.hear(change('sink-failing', 'begun', 'two'));
		await pass(10_000);
		expect(sent.map(({ codes }) => codes)).toEqual([['sink-failing']]);
	});
});

describe('many alerts', () => {
	test('make no more messages a minute than wanted, and none of them is lost', async () => {
		const post = open();
		for (let at = 0; at < 60; at += 1) {
			post.hear(change('comparing', 'begun', `${at}`));
			await pass(1_000);
		}
		expect(sent.length).toBeLessThanOrEqual(3 + 1);
		await pass(120_000);
		expect(sent.flatMap(({ codes }) => codes)).toHaveLength(60);
		for (const { atMs } of sent) {
			expect(sent.filter((other) => other.atMs > atMs - 60_000 && other.atMs <= atMs).length).toBeLessThanOrEqual(3);
		}
	});

	test('do not hold back a critical one, which is under way within five seconds (I26)', async () => {
		const post = open();
		for (let at = 0; at < 40; at += 1) {
			post.hear(change('comparing', 'begun', `${at}`));
			await pass(500);
		}
		for (let at = 0; at < 10; at += 1) {
			const beganAtMs = clock.monotonicMs() - startMono;
			post.hear(change('killed', 'begun', `${at}`));
			await pass(5_000);
			const first = sent.find(({ atMs, codes }) => atMs >= beganAtMs && codes.includes('killed'));
			expect(first?.atMs).toBeLessThanOrEqual(beganAtMs + 5_000);
		}
	});

	test('are counted where there are too many to keep', async () => {
		const post = open();
		for (let at = 0; at < 250; at += 1) post.hear(change('comparing', 'begun', `${at}`));
		await pass(3_000);
		expect(sent).toMatchObject([{ moreCount: 50 }]);
		expect(sent[0]?.codes).toHaveLength(200);
	});
});

describe('what is critical', () => {
	const many = (code: AlertCode, kind?: AlertChange['kind']): AlertChange[] =>
		Array.from({ length: 200 }, (_, at) => change(code, kind, `${at}`));

	test('takes the place of something that is not, where there is too much to keep (I26)', async () => {
		for (const pending of [many('comparing'), many('banned', 'ended')]) {
			const post = open();
			sent = [];
			for (const each of pending) post.hear(each);
			post.hear(change('killed'));
			await pass(5_000);
			expect(sent).toMatchObject([{ moreCount: 1 }]);
			expect(sent[0]?.codes).toHaveLength(200);
			expect(sent[0]?.codes.at(-1)).toBe('killed');
		}
	});

	test('is counted where everything that is kept is as grave, and its end takes the place of nothing', async () => {
		const post = open();
		for (const each of [...many('banned'), change('killed'), change('killed', 'ended')]) post.hear(each);
		await pass(5_000);
		expect(sent).toMatchObject([{ moreCount: 2, codes: many('banned').map(() => 'banned') }]);
	});

	test('does not wait until an older message is tried again, which goes along with it (I26)', async () => {
		for (const retryAfterMs of [undefined, 30_000]) {
			const post = open();
			sent = [];
			results = [];
			const busy = failed({ reason: 'error', class: 'rate-limited', detail: 'busy', retryAfterMs });
			answer = async () => (sent.length === 1 ? busy : ok(undefined));
			post.hear(change('comparing'));
			await pass(2_100);
			post.hear(change('killed'));
			await pass(5_000);
			expect(sent.map(({ codes }) => codes)).toEqual([['comparing'], ['comparing', 'killed']]);
			expect(results).toEqual([busy, ok(undefined)]);
			await pass(60_000);
			expect(sent).toHaveLength(2);
		}
	});

	test('lets a request that is under way end, and what arrived is not sent again', async () => {
		const post = open();
		answer = async (signal) => {
			if (sent.length === 1) await new Promise<void>((resolve) => clock.after(4_000, resolve));
			return signal.aborted ? REFUSED : ok(undefined);
		};
		post.hear(change('comparing'));
		await pass(2_100);
		post.hear(change('killed'));
		await pass(5_000);
		expect(sent.map(({ codes }) => codes)).toEqual([['comparing'], ['killed']]);
	});

	test('keeps its place where an older message comes back to one that is full', async () => {
		const post = open();
		answer = async () =>
			sent.length === 1 ? failed({ reason: 'error', class: 'transient', detail: '', retryAfterMs: 30_000 }) : ok(undefined);
		for (const each of [...many('comparing'), change('comparing')]) post.hear(each);
		await pass(2_100);
		for (const each of [...many('stream-down'), change('killed')]) post.hear(each);
		await pass(5_000);
		expect(sent[1]?.moreCount).toBe(1 + 200 + 1);
		expect(sent[1]?.codes.filter((code) => code !== 'comparing')).toEqual(['killed']);
		expect(sent[1]?.codes).toHaveLength(200);
	});
});

describe('a sink that fails', () => {
	test('is tried again, and what happens meanwhile goes with the next message', async () => {
		const post = open();
		let failures = 2;
		answer = async () => {
			failures -= 1;
			return failures >= 0 ? REFUSED : ok(undefined);
		};
		post.hear(change('comparing'));
		await pass(2_100);
		post.hear(change('stream-down'));
		await pass(60_000);
		expect(sent.map(({ codes }) => codes)).toEqual([['comparing'], ['comparing'], ['comparing'], ['stream-down']]);
		expect(results.map(({ kind }) => kind)).toEqual(['ok', 'ok']);
	});

	test('is given up for this message after four tries, and not for the next', async () => {
		const post = open();
		answer = async () => REFUSED;
		post.hear(change('comparing'));
		await pass(60_000);
		expect(sent).toHaveLength(4);
		expect(results).toEqual([REFUSED]);
		answer = async () => ok(undefined);
		post.hear(change('stream-down'));
		await pass(60_000);
		expect(results.at(-1)?.kind).toBe('ok');
	});

	test('is not asked again what it refuses for good', async () => {
		const post = open();
		answer = async () => failed({ reason: 'error', class: 'fatal', detail: 'status 403' });
		post.hear(change('comparing'));
		await pass(60_000);
		expect(sent).toHaveLength(1);
	});
});

describe('the end', () => {
	test('sends what waits', async () => {
		const post = open();
		post.hear(change('orders-left'));
		const ended = post.end(3_000);
		await runWithJobs(clock, () => sent.length === 0);
		await ended;
		expect(sent).toMatchObject([{ codes: ['orders-left'] }]);
	});

	test('sends what is critical also while an older message waits to be tried again', async () => {
		const post = open();
		answer = async () => (sent.length === 1 ? failed({ ...REFUSED, retryAfterMs: 30_000 }) : ok(undefined));
		post.hear(change('comparing'));
		await pass(2_100);
		post.hear(change('orders-left'));
		void post.end(3_000);
		await pass(100);
		expect(sent.at(-1)).toMatchObject({ codes: ['comparing', 'orders-left'] });
	});

	test('waits for a sink that hangs no longer than it was told', async () => {
		const post = open();
		answer = () => new Promise(() => {});
		post.hear(change('orders-left'));
		let hasEnded = false;
		void post.end(3_000).then(() => {
			hasEnded = true;
		});
		await pass(2_900);
		expect(hasEnded).toBe(false);
		await pass(200);
		expect(hasEnded).toBe(true);
	});
});
