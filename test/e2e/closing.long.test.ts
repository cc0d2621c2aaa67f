/** A session that closes what is held, over sockets: after an orderly end and behind a latch, all symbols or one. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../../src/app/config/config.ts';
import { runSession, type SessionEnded, type SessionOptions } from '../../src/app/session.ts';
import { openTrading } from '../../src/app/trading.ts';
import type { EngineNote } from '../../src/engine/ports.ts';
import { accessesTo } from '../fixtures/accesses-to.ts';
import { tempPlace } from '../fixtures/data-place.ts';
import { openPlace, type Place } from '../fixtures/loop-place.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const read = readConfig({
	file: {
		name: 'test.yaml',
		text: `venues: { bybit: { symbols: [BTCUSDT, ETHUSDT] } }
strategies: [{ name: both, params: { levels: { count: 1, half_spread_bps: 5 } } }]
reconcile: { reconcile_interval_s: 1 }
telemetry: { metrics_port: 0 }
`,
	},
});
if (read.kind === 'bad') throw new Error(JSON.stringify(read.problems));
const { config } = read;

let place: Place;
let data: ReturnType<typeof tempPlace>;
let notes: EngineNote[];

beforeEach(async () => {
	place = await openPlace();
	data = tempPlace();
	notes = [];
});

afterEach(async () => {
	await place[Symbol.asyncDispose]();
	data[Symbol.dispose]();
});

const access = () => ({ venues: accessesTo(config, place.box, place.box.account('bob')) });

/** A run in which both symbols get a fill, and that ends in order or with a kill. */
async function hold(end: 'orderly' | 'killed'): Promise<void> {
	const opened = await openTrading({ ...access(), config, data, onNote: () => {}, onTrouble: () => {} });
	if (opened.kind === 'refused') throw new Error(opened.sentences.join());
	await using trading = opened.trading;
	const { app } = trading;
	expect(await app.start()).toEqual([]);
	const ours = async (symbol: string) => (await place.openAtVenue('bob')).filter((id) => id.startsWith(symbol));
	for (const symbol of SYMBOLS) {
		await expect.poll(async () => (await ours(symbol)).length, { timeout: 10_000 }).toBeGreaterThan(0);
		const [order = ''] = await ours(symbol);
		await place.fill('bob', order);
		await expect.poll(() => app.engine.ledger.inventoryLots(app.indexOf(symbol))).not.toBe(0);
	}
	if (end === 'killed') app.runtime.control({ kind: 'shutGate', reason: 'by hand' });
	expect(await trading.stop('the test has what it wants')).toEqual([]);
}

async function session(more: Partial<SessionOptions> = {}): Promise<SessionEnded> {
	return await runSession({
		virtual: false,
		config,
		data,
		stopAsked: new Promise(() => {}),
		exchange: async () => ({ kind: 'found', ...access() }),
		onNote: (note) => notes.push(note),
		forMs: 20_000,
		...more,
	});
}

/** What the exchange says is held, whatever we believe. */
async function held(): Promise<readonly string[]> {
	const told = (await place.ask('GET /v1/accounts/bob')) as { readonly positions: readonly Readonly<Record<string, unknown>>[] };
	return told.positions.filter(({ qtySigned }) => Number(qtySigned) !== 0).map(({ symbol }) => String(symbol));
}

test('of one symbol places nothing else, leaves the other as it is, and ends', async () => {
	await hold('orderly');
	expect((await held()).length).toBe(2);
	const ended = await session({ closes: ['ETHUSDT'] });
	if (ended.kind !== 'ended') throw new Error(JSON.stringify(ended));
	expect([await held(), await place.openAtVenue('bob')]).toEqual([['BTCUSDT'], []]);
	// Slices, and not one quote.
	expect(ended.report.commands.before).toBeLessThanOrEqual(2);
	expect(ended.report.durationMs).toBeLessThan(15_000);
});

test('behind a latch closes all, and the latch stays', async () => {
	await hold('killed');
	const starts: boolean[] = [];
	const ended = await session({ closes: [], onStart: ({ isShut }) => starts.push(isShut) });
	if (ended.kind !== 'ended') throw new Error(JSON.stringify(ended));
	expect([ended.left, Object.values(ended.report.inventory).map(Number), await held()]).toEqual([[], [0, 0], []]);
	expect(notes.filter(({ kind }) => kind === 'flattened').length).toBe(2);
	await session({ ticks: 2, onStart: ({ isShut }) => starts.push(isShut) });
	expect(starts).toEqual([true, true]);
});
