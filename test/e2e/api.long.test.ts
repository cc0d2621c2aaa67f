/**
 * The control API of a real engine at a real exchange in a box, with its thread: what it does is proven at the exchange,
 * and nothing that it says, sends or writes holds a secret (SEC7).
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiClient, openClient } from '../../src/api/client.ts';
import { type Api, openApi } from '../../src/api/open-api.ts';
import { openTokens } from '../../src/api/tokens.ts';
import { readConfig } from '../../src/app/config/config.ts';
import { ACTIONS, PHRASES, QUERIES, type QueryName } from '../../src/app/console/contract.ts';
import { openTrading, type Trading } from '../../src/app/trading.ts';
import { accessesTo } from '../fixtures/accesses-to.ts';
import { tempPlace } from '../fixtures/data-place.ts';
import { openPlace, type Place } from '../fixtures/loop-place.ts';

const read = readConfig({
	file: {
		name: 'test.yaml',
		text: `venues: { bybit: { symbols: [BTCUSDT, ETHUSDT] } }
strategies: [{ name: both, params: { levels: { count: 1, half_spread_bps: 5 } } }]
reconcile: { reconcile_interval_s: 1 }
telemetry: { metrics_port: 0 }
api: { port: 0 }
`,
	},
});
if (read.kind === 'bad') throw new Error(JSON.stringify(read.problems));
const { config } = read;
const PATIENT = { timeout: 15_000, interval: 50 };

let place: Place;
let data: ReturnType<typeof tempPlace>;
let trading: Trading;
let api: Api;
let client: ApiClient;
let said: string[];

beforeEach(async () => {
	place = await openPlace();
	data = tempPlace();
	said = [];
	const opened = await openTrading({
		...{ config, data, venues: accessesTo(config, place.box, place.box.account('bob')) },
		onNote: () => {},
		onTrouble: (sentence) => said.push(sentence),
	});
	if (opened.kind === 'refused') throw new Error(opened.sentences.join());
	({ trading } = opened);
	expect(await trading.app.start()).toEqual([]);
	trading.desk.start();
	const served = await openApi({
		settings: { host: '127.0.0.1', port: 0, behindProxy: undefined, tls: undefined },
		...{ folder: data.folder, pages: undefined, version: 'test', pid: process.pid },
		...{ console: trading.console, clock: trading.clock, onSay: (sentence) => said.push(sentence) },
	});
	if (served.kind === 'refused') throw new Error(served.sentence);
	({ api } = served);
	const found = await openClient(data.folder);
	if (found.kind === 'refused') throw new Error(found.sentence);
	({ client } = found);
	await expect.poll(async () => (await ours()).length, PATIENT).toBeGreaterThan(1);
});

afterEach(async () => {
	await trading.stop('the test has what it wants');
	await api[Symbol.asyncDispose]();
	await trading[Symbol.asyncDispose]();
	await place[Symbol.asyncDispose]();
	data[Symbol.dispose]();
});

const ours = () => place.openAtVenue('bob');

const PARAMS: Partial<Record<QueryName, object>> = {
	symbol: { symbol: 'BTCUSDT' },
	orders: { state: 'all' },
	history: { depth: true },
};

async function readAll(): Promise<readonly string[]> {
	const names = Object.keys(QUERIES) as QueryName[];
	// The client looks at each with its schema.
	const answers = await Promise.all(names.map(async (name) => await client.read(name, (PARAMS[name] ?? {}) as never)));
	return answers.map((answer) => JSON.stringify(answer));
}

test('every query has an answer that fits its schema', async () => {
	const answers = await readAll();
	expect(answers).toHaveLength(Object.keys(QUERIES).length);
	expect(said.filter((sentence) => sentence.includes('bug'))).toEqual([]);
});

test('pause, resume, cancel-all, kill and re-arm are done at the exchange', async () => {
	expect(await client.act('pause', {})).toMatchObject({ kind: 'done' });
	await expect.poll(ours, PATIENT).toEqual([]);
	expect((await client.read('overview', {})).pauses).toHaveLength(1);
	expect(await client.act('resume', {})).toMatchObject({ kind: 'done' });
	await expect.poll(async () => (await ours()).length, PATIENT).toBeGreaterThan(1);
	const before = await ours();
	expect(await client.act('cancel-all', {})).toMatchObject({ kind: 'done' });
	await expect.poll(async () => (await ours()).some((id) => before.includes(id)), PATIENT).toBe(false);
	expect(await client.act('kill', { reason: 'a test' })).toMatchObject({ kind: 'done' });
	await expect.poll(ours, PATIENT).toEqual([]);
	expect(await client.read('overview', {})).toMatchObject({ level: 'kill' });
	expect(await client.act('rearm', { phrase: 'please' })).toMatchObject({ kind: 'refused' });
	expect(await ours()).toEqual([]);
	const rearmed = async () => (await client.act('rearm', { phrase: PHRASES.rearm })).kind;
	await expect.poll(rearmed, PATIENT).toBe('done');
	await expect.poll(async () => (await ours()).length, PATIENT).toBeGreaterThan(1);
	const { rows } = await client.read('audit', {});
	expect(
		rows
			.map(({ what }) => what.split(' ')[0])
			.reverse()
			.slice(0, 5),
	).toEqual(['pause', 'resume', 'cancel-all', 'kill', 'rearm']);
});

test('ten answers a second reach a page, and each is newer than the one before', async () => {
	const times: number[] = [];
	const { promise, resolve } = Promise.withResolvers<void>();
	using _ = client.watch([{ name: 'overview', params: {} }], {
		onAnswer: (_name, answer) => {
			times.push((answer as { atMs: number }).atMs);
			if (times.length === 10) resolve();
		},
		onEnd: (why) => said.push(why),
	});
	await promise;
	expect(times.toSorted((a, b) => a - b)).toEqual(times);
	expect(new Set(times).size).toBe(10);
});

test('no reply, frame, record, log or sentence holds a secret', async () => {
	const tokens = openTokens(data.folder);
	if (tokens.kind === 'refused') throw new Error(tokens.sentence);
	const { apiKey, apiSecret } = place.box.account('bob');
	const code = api.link.slice(api.link.indexOf('#code=') + 6);
	const secrets = [apiKey, apiSecret, code, ...Object.values(tokens.tokens)];
	const heard: string[] = [...(await readAll())];
	for (const name of Object.keys(ACTIONS)) heard.push(await failing(`/v1/${name}`, '{"nonsense":true}'));
	heard.push(await failing('/v1/login', '{"token":"x"}'), await failing('/v1/openapi.json'), await failing('/'));
	using _ = client.watch(
		[
			{ name: 'config', params: {} },
			{ name: 'audit', params: {} },
			{ name: 'risk', params: {} },
		],
		{
			onAnswer: (_name, answer) => heard.push(JSON.stringify(answer)),
			onEnd: (why) => heard.push(why),
		},
	);
	const before = heard.length;
	await expect.poll(() => heard.length, PATIENT).toBeGreaterThan(before + 2);
	await client.act('pause', { reason: 'so that it stands in the records' });
	heard.push(...said, ...filesIn(data.folder));
	expect(heard.length).toBeGreaterThan(Object.keys(QUERIES).length + Object.keys(ACTIONS).length);
	for (const secret of secrets) {
		expect(secret.length).toBeGreaterThan(8);
		expect(heard.filter((text) => text.includes(secret))).toEqual([]);
	}
});

/** As somebody without a token, and as one with a good one who says nonsense. */
async function failing(path: string, body?: string): Promise<string> {
	const tokens = openTokens(data.folder);
	const token = tokens.kind === 'read' ? tokens.tokens.admin : '';
	const texts = await Promise.all(
		[undefined, `Bearer ${token}`].map(async (authorization) => {
			const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) };
			const reply = await fetch(`${api.url}${path}`, { headers, ...(body === undefined ? {} : { method: 'POST', body }) });
			return `${JSON.stringify([...reply.headers])}${await reply.text()}`;
		}),
	);
	return texts.join();
}

/** All but the one file whose business they are. */
function filesIn(folder: string): readonly string[] {
	return readdirSync(folder, { recursive: true })
		.map((name) => join(folder, String(name)))
		.filter((path) => statSync(path).isFile() && !path.endsWith('api-tokens.json'))
		.map((path) => readFileSync(path, 'latin1'));
}
