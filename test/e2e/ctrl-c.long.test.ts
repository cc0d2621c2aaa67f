/** The rarer ways in which a session ends, at each of which neither process may be left. */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { gone, quoting } from './session-process.ts';

describe.skipIf(process.platform !== 'linux')('a session and its exchange', () => {
	test.each(['SIGTERM', 'SIGHUP'] as const)(
		'%s to the whole group ends an unbounded session with a report, nothing open, and both processes',
		async (signal) => {
			const { pid, box, ended } = await quoting();
			process.kill(-pid, signal);
			const { code, signal: endedBy, stdout } = await ended;
			expect({ code, endedBy }).toEqual({ code: 0, endedBy: null });
			expect(JSON.parse(stdout)).toMatchObject({ seed: 7, openOrdersAtExit: 0 });
			expect(await gone(box)).toBe(true);
		},
	);

	test('a second signal, later, ends both on the spot', async () => {
		const { child, pid, box, ended } = await quoting();
		// An exchange that does not answer: an orderly end would wait for it.
		process.kill(box, 'SIGSTOP');
		process.kill(pid, 'SIGINT');
		await once(child.stderr as NodeJS.ReadableStream, 'data');
		await new Promise((resolve) => setTimeout(resolve, 400));
		process.kill(pid, 'SIGINT');
		expect(await ended).toMatchObject({ code: 130, stdout: '' });
		process.kill(box, 'SIGCONT');
		expect(await gone(box)).toBe(true);
	});

	test('an exchange that dies under a session is said in the end, with exit code 1', async () => {
		const { pid, box, ended } = await quoting();
		process.kill(box, 'SIGKILL');
		process.kill(pid, 'SIGINT');
		const { code, stdout } = await ended;
		expect(code).toBe(1);
		expect(JSON.parse(stdout)).toMatchObject({ seed: 7 });
	});

	test('without a signal it ends by itself after its time, and so does its exchange', async () => {
		const { box, ended } = await quoting(['--for', '300ms']);
		expect(await ended).toMatchObject({ code: 0 });
		expect(await gone(box)).toBe(true);
	});
});
