/**
 * Ctrl-C has to cancel everything, say so, and end engine and exchange (R1); and whatever kills the engine, the exchange
 * that was started for it goes too.
 */
import { describe, expect, test } from 'vitest';
import { gone, quoting } from './session-process.ts';

describe.skipIf(process.platform !== 'linux')('a session and its exchange', () => {
	test('Ctrl-C ends an unbounded session with a report, nothing open, and both processes', async () => {
		const { pid, box, ended } = await quoting();
		process.kill(-pid, 'SIGINT');
		const { code, signal, stdout } = await ended;
		expect({ code, signal }).toEqual({ code: 0, signal: null });
		expect(JSON.parse(stdout)).toMatchObject({ seed: 7, openOrdersAtExit: 0 });
		expect(await gone(box)).toBe(true);
	});

	test('a session that is killed takes its exchange with it', async () => {
		const { pid, box, ended } = await quoting();
		process.kill(pid, 'SIGKILL');
		expect(await ended).toMatchObject({ signal: 'SIGKILL' });
		expect(await gone(box)).toBe(true);
	});
});
