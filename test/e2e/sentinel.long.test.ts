/** The sentinel beside a real engine: one that is stopped, one that is killed, and a sentinel that goes away itself (KL6, F58). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../clients/wait.ts';
import { HEARTBEAT_TIMEOUT_S, SLOW, WatchedEngine } from './watched-engine.ts';

const TOO_LONG_MS = 120_000;
const STOPPED_MS = 8_000;
/** From the signal to the last request that was on its way. */
const ON_ITS_WAY_MS = 300;

let watched: WatchedEngine;

beforeEach(async () => {
	watched = await WatchedEngine.open();
});

afterEach(async () => {
	await watched[Symbol.asyncDispose]();
});

const tripFile = (): string => join(watched.folder, 'data', 'sentinel', 'sentinel.tripped');
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('an engine that is stopped is cancelled by the sentinel, and sends nothing stale when it goes on (F58)', {
	timeout: TOO_LONG_MS,
}, async () => {
	const engine = watched.run();
	await engine.says(/paused: no sentinel watches .*data.sentinel: evenkeel sentinel starts one/);
	await pause(1_000);
	expect(await watched.orders('open')).toEqual([]);
	const sentinel = watched.sentinel();
	await sentinel.says(/watching an engine/);
	await watched.openCount((open) => open >= 8);

	engine.child.kill('SIGSTOP');
	const stoppedAtMs = Date.now();
	await sentinel.says(/nothing of the engine is open any more/);
	expect(await watched.orders('open')).toEqual([]);
	expect(Date.now() - stoppedAtMs).toBeGreaterThan(HEARTBEAT_TIMEOUT_S * 1_000 - 1_500);
	await pause(STOPPED_MS - (Date.now() - stoppedAtMs));

	const goesOn = watched.untilCreate();
	const goesOnAtMs = Date.now();
	engine.child.kill('SIGCONT');
	const [first, second, ...more] = await goesOn;
	expect([first, second, more.at(-1)]).toEqual(['comparison', 'comparison', 'create']);
	const created = [...(await watched.orders('open')), ...(await watched.orders('closed'))].map(({ createdAtMs }) => createdAtMs);
	expect(created.filter((atMs) => atMs > stoppedAtMs + ON_ITS_WAY_MS && atMs <= goesOnAtMs + 5_000)).toEqual([]);
	expect(existsSync(tripFile())).toBe(false);
	expect(engine.said).toMatch(/paused: we did not run for \d+ s/);
	await watched.openCount((open) => open >= 8);

	expect(await engine.ends('SIGTERM')).toBe(0);
	await sentinel.says(/the engine has ended and left nothing open/);
	expect(await sentinel.ends('SIGTERM')).toBe(0);
	const { apiKey, apiSecret } = watched.box.account;
	const written = readFileSync(join(watched.folder, 'data', 'sentinel', 'engine.beat'), 'utf8');
	for (const text of [engine.said, sentinel.said, written]) {
		expect(text).not.toContain(apiSecret);
		expect(text).not.toContain(apiKey);
	}
});

test('an engine that is killed leaves nothing open; the next one compares before it quotes', {
	timeout: TOO_LONG_MS,
}, async () => {
	const sentinel = watched.sentinelByFd();
	const first = watched.run();
	await watched.openCount((open) => open >= 8);
	expect(await first.ends('SIGKILL')).toBe('SIGKILL');
	await sentinel.says(/the engine has been silent for 3 s: cancelling all its orders/);
	await watched.openCount((open) => open === 0);
	const second = watched.run();
	await second.says(/paused: the sentinel has cancelled our orders/);
	await watched.openCount((open) => open >= 8);
	expect(existsSync(tripFile())).toBe(false);
	expect(await second.ends('SIGTERM')).toBe(0);
	expect(await sentinel.ends('SIGTERM')).toBe(0);
});

test('an engine whose sentinel goes away or goes blind pulls its quotes', { timeout: TOO_LONG_MS }, async () => {
	const first = watched.sentinel();
	const engine = watched.run();
	await watched.openCount((open) => open >= 8);
	first.child.kill('SIGSTOP');
	await engine.says(/paused: the sentinel has been silent for 5 s/);
	await watched.openCount((open) => open === 0);
	first.child.kill('SIGCONT');
	await watched.openCount((open) => open >= 8);
	expect(await first.ends('SIGTERM')).toBe(0);
	await engine.says(/silent for 5 s[^]*silent for 5 s/);
	await watched.openCount((open) => open === 0);

	const blind = watched.sentinel(watched.otherAccount);
	await blind.says(/cannot do its work: the API key is of the account 2, and the engine trades on 1: take a key of that one/);
	await engine.says(/paused: the sentinel could not cancel: the API key is of the account 2/);
	await watched.makeReadOnly(watched.otherAccount);
	await engine.says(/paused: the sentinel could not cancel: the API key may only read/);
	expect(await watched.orders('open')).toEqual([]);
	expect(await blind.ends('SIGTERM')).toBe(0);

	const able = watched.sentinel();
	await watched.openCount((open) => open >= 8);
	await eventually('no trip', () => (existsSync(tripFile()) ? undefined : true), SLOW);
	expect(await engine.ends('SIGTERM')).toBe(0);
	expect(await able.ends('SIGTERM')).toBe(0);
});
