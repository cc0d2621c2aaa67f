/** Log and alarm of a session as it opens them: with real files, and what a person can read afterwards. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSession, untilStanding } from '../../test/fixtures/wired.ts';
import type { Recorder } from '../engine/ports.ts';
import { systemClock } from '../network/system-clock.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { openLog } from '../telemetry/log/log.ts';
import { RequestLife } from '../telemetry/log/request-life.ts';
import { readConfig } from './config/config.ts';
import { openTelling, type Telling } from './telling.ts';

const CANARY = 'canary-0123456789';
type Line = Readonly<Record<string, unknown>>;

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-telling-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function open(settings: unknown, variables: Record<string, string> = {}): Promise<Telling> {
	const read = readConfig({ file: { name: 't.yaml', text: JSON.stringify(settings) } });
	if (read.kind === 'bad') throw new Error('a bad configuration');
	const opened = await openTelling({
		...{ config: read.config, variables, folder, instance: 'x', clock: systemClock(), rng: seededRng(1) },
		...{ disk: { freeBytes: async () => 1e12 }, runTag: 'aaaa', build: '1', secrets: [CANARY], onSay: () => {} },
	});
	if (opened.kind === 'refused') throw new Error(opened.sentences.join('\n'));
	return opened.telling;
}

const lines = (): Line[] =>
	readFileSync(join(folder, 'logs', 'evenkeel.log'), 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Line);

describe('the log of a session', () => {
	test('has its beginning, what happens and its end, without any secret', async () => {
		const telling = await open({});
		telling.hearNote({ kind: 'gateShut', reason: `${CANARY} was refused` });
		telling.hearNote({ kind: 'strategyFailed', instrument: 'bybit:linear:BTCUSDT', error: new Error('bad\u001b[2J') });
		telling.hearStream({ kind: 'session', socket: 'private', state: 'open', reason: 'opened' }, 'bybit');
		telling.hearStream({ kind: 'bookLost', instrument: 'x', reason: 'gap' }, 'bybit');
		telling.hearSentence('the disk is slow');
		telling.hearEnd([]);
		await telling[Symbol.asyncDispose]();
		expect(lines().map(({ level, msg }) => `${String(level)} ${String(msg)}`)).toEqual([
			...['info begins', 'warn gateShut', 'error strategyFailed', 'info session', 'warn said', 'info ends'],
		]);
		expect(lines()[1]).toMatchObject({ run: 'aaaa', reason: '[secret] was refused' });
		expect(readFileSync(join(folder, 'logs', 'evenkeel.log'), 'utf8')).not.toContain(CANARY);
	});

	test('has alerts, and an end with orders left is one', async () => {
		const telling = await open({});
		telling.hearEnd(['a-1', 'a-2']);
		telling.hearBug('something is broken inside');
		expect(
			telling.alarm
				.list(9)
				.map(({ code }) => code)
				.sort(),
		).toEqual(['bug', 'orders-left']);
		await telling[Symbol.asyncDispose]();
		expect(lines().map(({ msg }) => msg)).not.toContain('alert ends');
		expect(lines().filter(({ msg }) => msg === 'alert')).toMatchObject([
			{ level: 'error', code: 'orders-left', sentence: expect.stringContaining('a-1, a-2') as string },
			{ level: 'error', code: 'bug' },
		]);
	});

	test('is as talkative as telemetry.log_level says, and only that follows requests', async () => {
		const quiet = await open({ telemetry: { log_level: 'error' } });
		quiet.hearEnd([]);
		expect(quiet.recorders).toEqual([]);
		await quiet[Symbol.asyncDispose]();
		expect(() => lines()).toThrow('ENOENT');
		const talkative = await open({ telemetry: { log_level: 'debug' } });
		expect(talkative.recorders).toHaveLength(1);
		await talkative[Symbol.asyncDispose]();
		expect(lines()).toHaveLength(1);
	});
});

test('a sink whose secret is missing is a reason not to begin, and the sentence names the variable', async () => {
	const sinks = [{ kind: 'telegram', name: 'one', token_env: 'A_TOKEN', chat: '1' }];
	await expect(open({ alerts: { sinks } })).rejects.toThrow('A_TOKEN');
});

test('the life of a request can be read off the log by its order: wanted, journaled, sent, answered', async () => {
	const said: Line[] = [];
	const log = openLog({
		...{ level: 'debug', wallMs: () => 0, about: {} },
		sink: (line) => said.push(JSON.parse(line) as Line),
	});
	const listens: Recorder = new RequestLife(log);
	const session = await openSession(1, { limitFactor: Number.POSITIVE_INFINITY, listens });
	await untilStanding(session, 4);
	await session.world.stop();
	const orders = new Set(said.flatMap(({ msg, orderId, verb }) => (msg === 'wanted' && verb === 'place' ? [orderId] : [])));
	expect(orders.size).toBeGreaterThanOrEqual(4);
	for (const order of orders) {
		const life = said.filter(({ orderId }) => orderId === order);
		const at = (msg: string): number => life.findIndex((line) => line['msg'] === msg);
		expect([at('wanted'), at('journaled'), at('sent')]).toEqual([0, 1, 2]);
		expect(at('answered')).toBeGreaterThan(2);
		expect(life.find(({ msg }) => msg === 'wanted')).toMatchObject({
			price: expect.any(String) as string,
			side: expect.any(String) as string,
		});
	}
	expect(said.some(({ msg, verb, outcome }) => msg === 'answered' && verb === 'cancel' && outcome === 'accepted')).toBe(true);
});
