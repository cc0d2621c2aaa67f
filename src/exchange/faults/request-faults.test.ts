import { describe, expect, test } from 'vitest';
import type { HttpReply } from '../facade.ts';
import { replyOf, requestOf, START_MS, scene } from './scene.suite.ts';

const BATCH = { path: '/v5/order/create-batch' };
const bodyOf = (reply: HttpReply) =>
	JSON.parse(reply.body) as { retCode: number; retMsg: string; result: { list: { orderLinkId: string }[] } };
const idsOf = (reply: HttpReply) => bodyOf(reply).result.list.map(({ orderLinkId }) => orderLinkId);

test('without rules a request reaches the venue as it is, and its very reply comes back', () => {
	const { ask, venue, facade, clock } = scene();
	const direct = venue.request(requestOf(BATCH), clock.wallMs());
	expect(replyOf(ask(BATCH))).toEqual(direct);
	facade.tick(START_MS + 10);
	expect(venue.seen.at(-1)).toEqual({ what: 'tick', nowMs: START_MS + 10 });
});

test('rules that match something else leave every byte as it is', () => {
	const { ask, venue, desk, clock } = scene();
	desk.inject('drop-request', { path: '/v5/market' });
	desk.inject('mangled-body', { operation: 'order.cancel' });
	desk.inject('server-error', { channel: 'ws-trade' });
	expect(replyOf(ask(BATCH))).toEqual(venue.request(requestOf(BATCH), clock.wallMs()));
});

describe('requests and replies on the way', () => {
	test.each(['never', 'reset'])('F02: a dropped request has no effect and ends with %s', (answer) => {
		const { ask, venue, desk } = scene();
		desk.inject('drop-request', { answer });
		expect(ask()).toEqual([{ kind: answer }]);
		expect(venue.seen).toEqual([]);
	});

	test.each(['never', 'reset'])('F01: a dropped reply hides an effect and ends with %s', (answer) => {
		const { ask, venue, desk } = scene();
		desk.inject('drop-reply', { answer });
		expect(ask()).toEqual([{ kind: answer }]);
		expect(venue.seen).toHaveLength(1);
		expect(desk.report().byNumber).toEqual({ F01: 1 });
	});

	test('F10: the lost reply of a batch counts as such', () => {
		const { ask, desk } = scene();
		desk.inject('drop-reply', {});
		ask(BATCH);
		expect(desk.report().byNumber).toEqual({ F10: 1 });
	});

	test('F14: a late request takes effect when it arrives, at the time of its arrival', () => {
		const { ask, venue, desk, clock } = scene();
		desk.inject('delay-request', { delayMs: 3_000 });
		const outcomes = ask();
		clock.run(2_999);
		expect([venue.seen.length, outcomes.length]).toEqual([0, 0]);
		clock.run(1);
		expect(venue.seen.map(({ nowMs }) => nowMs)).toEqual([START_MS + 3_000]);
		expect(outcomes).toHaveLength(1);
	});

	test('F16: a late reply follows an effect that came at once', () => {
		const { ask, venue, desk, clock } = scene();
		desk.inject('delay-reply', { delayMs: 500, tailMs: 100 });
		const outcomes = ask();
		clock.run(499);
		expect([venue.seen.length, outcomes.length]).toEqual([1, 0]);
		clock.run(801);
		expect(outcomes).toHaveLength(1);
	});

	test('F08: a doubled request arrives twice and is answered once', () => {
		const { ask, venue, desk } = scene();
		desk.inject('duplicate-request', {});
		expect(ask()).toHaveLength(1);
		expect(venue.seen).toHaveLength(2);
	});

	test('F08: where a fault refuses one copy, the other is refused with it: what is said of one is true of both', () => {
		const { ask, venue, desk } = scene();
		desk.inject('duplicate-request', { answer: 'first' });
		desk.inject('rate-limit', { count: 1 });
		expect(bodyOf(replyOf(ask())).retCode).toBe(10006);
		expect(venue.seen).toEqual([]);
	});
});

describe('what the venue or its gateway answers', () => {
	test.each([
		{ form: 'venue-restarting', status: 200, retCode: 10016 },
		{ form: 'venue-timeout', status: 200, retCode: 10000 },
		{ form: 'http-502', status: 502, retCode: undefined },
	])('F05: $form with and without an effect', ({ form, status, retCode }) => {
		for (const [effect, arrived] of [
			['none', 0],
			['applied', 1],
		] as const) {
			const { ask, venue, desk } = scene();
			desk.inject('server-error', { form, effect });
			const reply = replyOf(ask());
			expect([reply.status, venue.seen.length]).toEqual([status, arrived]);
			if (retCode !== undefined) expect(bodyOf(reply).retCode).toBe(retCode);
		}
	});

	test('F05: left open, the effect comes about half of the time', () => {
		const { ask, venue, desk } = scene();
		desk.inject('server-error', {});
		for (let n = 0; n < 100; n += 1) ask();
		expect(venue.seen.length).toBeGreaterThan(30);
		expect(venue.seen.length).toBeLessThan(70);
	});

	test.each<[string, (reply: HttpReply) => boolean]>([
		['html', ({ status, body }) => status === 502 && body.startsWith('<html>')],
		['html-200', ({ status, body }) => status === 200 && body.startsWith('<html>')],
		['empty', ({ body }) => body === ''],
		['cut', ({ body }) => body.startsWith('{') && !body.endsWith('}')],
		['wrong-type', ({ headers }) => headers['content-type'] === 'application/octet-stream' && !('Content-Type' in headers)],
		['huge', ({ body }) => body.length === 2_000_000],
	])('F06: a body may be %s, after an effect', (form, isRight) => {
		const { ask, venue, desk } = scene(3);
		desk.inject('mangled-body', { form, effect: 'applied', bytes: 2_000_000 });
		expect(isRight(replyOf(ask()))).toBe(true);
		expect(venue.seen).toHaveLength(1);
	});

	test('F11: a batch reply comes back short, shuffled, doubled or with a foreign item, codes beside their items', () => {
		const replies = Object.fromEntries(
			['short', 'shuffled', 'doubled', 'foreign'].map((form) => {
				const { ask, desk } = scene();
				desk.inject('batch-reply', { form });
				return [form, idsOf(replyOf(ask(BATCH)))];
			}),
		);
		expect(replies['short']).toHaveLength(2);
		expect(replies['shuffled']).not.toEqual(['a', 'b', 'c']);
		expect(replies['shuffled']?.toSorted()).toEqual(['a', 'b', 'c']);
		expect(replies['doubled']).toHaveLength(4);
		expect(replies['foreign']?.filter((id) => id.startsWith('foreign'))).toHaveLength(1);
	});

	test('F11: what is no batch is not touched and not counted', () => {
		const { ask, desk } = scene();
		desk.inject('batch-reply', {});
		expect(bodyOf(replyOf(ask())).retCode).toBe(0);
		expect(desk.counts()['batch-reply']).toBe(0);
	});

	test('F52: refused as one too many, in the venue form with its reset time or as 429', () => {
		const { ask, venue, desk } = scene();
		desk.inject('rate-limit', { count: 1, retryAfterMs: 2_500 });
		desk.inject('rate-limit', { form: 'http-429', retryAfterMs: 2_500 });
		const own = replyOf(ask());
		expect(bodyOf(own).retCode).toBe(10006);
		expect(own.headers['X-Bapi-Limit-Reset-Timestamp']).toBe(String(START_MS + 2_500));
		expect(replyOf(ask())).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
		expect(venue.seen).toEqual([]);
	});

	test('F53: banned after the second violation, for a time, one address only, sockets too', () => {
		const { ask, connect, desk, clock } = scene();
		desk.inject('ban', { violations: 2, forMs: 60_000, count: 1 });
		desk.inject('rate-limit', { count: 2 });
		const status = (remote: string) => replyOf(ask({ remote })).status;
		expect([status('1.1.1.1'), status('1.1.1.1'), status('1.1.1.1'), status('2.2.2.2')]).toEqual([200, 200, 403, 200]);
		expect(connect('/v5/private', '1.1.1.1').connected).toMatchObject({ kind: 'refused', status: 403 });
		clock.run(60_000);
		expect(status('1.1.1.1')).toBe(200);
		expect(desk.counts()['ban'], 'a request and a socket').toBe(2);
	});

	test('F53: a ban ends with its rule', () => {
		const { ask, desk } = scene();
		desk.inject('ban', { count: 1 });
		expect([replyOf(ask()).status, replyOf(ask()).status]).toEqual([403, 403]);
		desk.clear();
		expect(replyOf(ask()).status).toBe(200);
	});

	test('F54: closed to all, halted for orders, open to cancels', () => {
		const codes = (mode: string) => {
			const { ask, desk } = scene();
			desk.inject('maintenance', { mode });
			return ['/v5/market/time', '/v5/order/create', '/v5/order/cancel'].map((path) => bodyOf(replyOf(ask({ path }))).retCode);
		};
		expect(codes('closed')).toEqual([10016, 10016, 10016]);
		expect(codes('halted')).toEqual([0, 110066, 110066]);
		expect(codes('cancel-only')).toEqual([0, 110066, 0]);
	});

	test('F55: a revoked key is refused; what is not signed goes on', () => {
		const { ask, desk } = scene();
		desk.inject('revoke-key', { reason: 'invalid' });
		expect(bodyOf(replyOf(ask())).retCode).toBe(10003);
		expect(bodyOf(replyOf(ask({ path: '/v5/market/time', headers: {} }))).retCode).toBe(0);
	});

	test('F56: the clock of the venue is off by a step and drifts, until the rule ends', () => {
		const { ask, venue, facade, desk, clock } = scene();
		desk.inject('venue-clock', { offsetMs: -1_500, driftMsPerMin: 50, untilMs: 120_000 });
		ask();
		clock.run(60_000);
		facade.tick(clock.wallMs());
		clock.run(60_000);
		facade.tick(clock.wallMs());
		expect(venue.seen.map(({ nowMs }) => nowMs - START_MS)).toEqual([-1_500, 60_000 - 1_450, 120_000]);
		expect(desk.counts()['venue-clock']).toBe(1);
	});

	test.each(['markup', 'terminal', 'prototype'])('F83: the message is hostile (%s) and still JSON', (form) => {
		const { ask, desk } = scene();
		desk.inject('hostile-text', { form });
		expect(bodyOf(replyOf(ask())).retMsg).not.toBe('OK');
	});
});
