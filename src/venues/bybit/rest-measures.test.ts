/** What the REST client counts and times, whatever becomes of the call. */
import { describe, expect, test } from 'vitest';
import type { HttpHeard } from '../../network/transport.ts';
import { NO_PATIENCE } from '../wire/patience.ts';
import { json, lost, ROUND_TRIP_MS, reply } from '../wire/rest-scene.suite.ts';
import { ask, CREATE, envelope, makeScene, REALTIME, refusing } from './rest-scene.suite.ts';

describe('what is measured', () => {
	const errors: readonly { readonly name: string; readonly said: HttpHeard | undefined; readonly count: number }[] = [
		{ name: 'done', said: json(envelope({})), count: 0 },
		{ name: 'not enough funds', said: json(envelope({ retCode: 110007 })), count: 0 },
		{ name: 'no such order', said: json(envelope({ retCode: 110001 })), count: 0 },
		{ name: 'too often', said: json(envelope({ retCode: 10006 })), count: 1 },
		{ name: 'a wrong signature', said: json(envelope({ retCode: 10004 })), count: 1 },
		{ name: 'a wrong time', said: json(envelope({ retCode: 10002 })), count: 1 },
		{ name: 'a server error in words', said: json(envelope({ retCode: 10016 })), count: 1 },
		{ name: 'an unknown code', said: json(envelope({ retCode: 424242 })), count: 1 },
		{ name: '404', said: reply('', { status: 404 }), count: 1 },
		{ name: '403', said: reply('', { status: 403 }), count: 1 },
		{ name: '502', said: reply('', { status: 502 }), count: 1 },
		{ name: 'HTML', said: reply('<html>'), count: 1 },
		{ name: 'silence', said: undefined, count: 1 },
		{ name: 'nobody there', said: lost('refused', false), count: 1 },
		{ name: 'our own giving up', said: lost('aborted'), count: 0 },
	];
	test.each(errors)('$name: $count errors', ({ said, count }) => {
		expect(ask(CREATE, () => said).measured.errorCount).toBe(count);
		expect(ask({ ...REALTIME, patience: NO_PATIENCE }, () => said).measured.errorCount).toBe(count);
	});

	test('each attempt that fails is one more; what is never sent is none', () => {
		const scene = makeScene(refusing(2, reply('', { status: 502 })));
		scene.rest.ask(REALTIME, () => {});
		scene.clock.run(20_000);
		expect(scene.measured.errorCount).toBe(2);
		scene.answering = () => reply('', { status: 403 });
		for (let count = 0; count < 5; count += 1) {
			scene.rest.ask({ ...REALTIME, patience: NO_PATIENCE }, () => {});
			scene.clock.run(1_000);
		}
		expect([scene.calls.length, scene.measured.errorCount]).toEqual([4, 3]);
	});

	test('reads are timed from their sending to an answer, orders not here, and a page of somebody in between is no answer', () => {
		const { measured } = ask(REALTIME, refusing(2, reply('<html>', { status: 502 })));
		expect(measured.readMs).toEqual([ROUND_TRIP_MS]);
		expect(ask({ ...REALTIME, patience: NO_PATIENCE }, () => json(envelope({ retCode: 10001 }))).measured.readMs).toEqual([
			ROUND_TRIP_MS,
		]);
		expect(ask(CREATE, () => json(envelope({}))).measured.readMs).toEqual([]);
	});
});
