/** The thread itself: that it begins and ends, and what is said where it cannot. */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Console } from '../app/console/contract.ts';
import { systemClock } from '../network/system-clock.ts';
import type { Clock } from '../ports/clock.ts';
import { openClient } from './client.ts';
import { type ApiOpened, openApi } from './open-api.ts';

const HEALTH = { atMs: 1, isReady: true, checks: [] };
const CONSOLE = {
	read: async () => HEALTH,
	act: async () => ({ kind: 'done', sentence: 'it is done' }),
} as unknown as Console;

async function opened(folder: string, clock = systemClock()): Promise<ApiOpened> {
	return await openApi({
		settings: { host: '127.0.0.1', port: 0, behindProxy: undefined, tls: undefined },
		...{ folder, pages: undefined, version: 'test', pid: process.pid, console: CONSOLE },
		...{ clock, onSay: () => {} },
	});
}

test('questions and actions cross to the engine and back, and after the end nobody answers', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'evenkeel-thread-'));
	const api = await opened(folder);
	if (api.kind === 'refused') throw new Error(api.sentence);
	const found = await openClient(folder);
	if (found.kind === 'refused') throw new Error(found.sentence);
	expect(await found.client.read('health', {})).toEqual(HEALTH);
	expect(await found.client.act('compare', {})).toEqual({ kind: 'done', sentence: 'it is done' });
	await api.api[Symbol.asyncDispose]();
	await expect(found.client.read('health', {})).rejects.toMatchObject({ status: 0 });
	expect(await openClient(folder)).toMatchObject({ kind: 'refused' });
});

test.each([
	['its own address', undefined, false],
	['not that of another', JSON.stringify({ url: 'http://127.0.0.1:1', pid: process.pid, startedAtMs: 1 }), true],
])('a thread that is lost takes %s out of the folder', async (_, told, isThere) => {
	const folder = mkdtempSync(join(tmpdir(), 'evenkeel-thread-'));
	const path = join(folder, 'api.json');
	let lose = (): void => {};
	// The wait for the beginning, which nothing ends here.
	const after: Clock['after'] = (_ms, callback) => {
		lose = callback;
		return { cancel: () => {} };
	};
	const api = await opened(folder, { ...systemClock(), after });
	if (api.kind === 'refused') throw new Error(api.sentence);
	if (told !== undefined) writeFileSync(path, told, { mode: 0o600 });
	expect(existsSync(path)).toBe(true);
	lose();
	await api.api[Symbol.asyncDispose]();
	expect(existsSync(path)).toBe(isThere);
});

test('a folder that is none is said, and nothing else happens', async () => {
	const file = join(mkdtempSync(join(tmpdir(), 'evenkeel-thread-')), 'file');
	writeFileSync(file, '');
	const refused = await opened(join(file, 'data'));
	expect(refused.kind === 'refused' ? refused.sentence : '').toContain('no dashboard and no control API');
});
