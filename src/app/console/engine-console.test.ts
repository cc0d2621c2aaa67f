/** What the console shows, held against the exchange itself; and what it does, proven there. In virtual time. */
import { describe, expect, test } from 'vitest';
import { Desk } from '../../../test/fixtures/desk.ts';
import { BTCUSDT } from '../../../test/fixtures/instruments.ts';
import { Scripted } from '../../../test/fixtures/scripted.ts';
import { openSession, type Session, settle } from '../../../test/fixtures/wired.ts';
import { OPERATOR, openWiredConsole, type WiredConsole } from '../../../test/fixtures/wired-console.ts';
import { parseMoney } from '../../domain/money.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { Portfolio } from '../portfolio.ts';
import { QUERIES, type QueryName } from './contract.ts';
import { type ConsoleParts, EngineConsole } from './engine-console.ts';
import { Memory } from './memory.ts';

async function running(seed = 3, forMs = 8_000): Promise<WiredConsole> {
	const wired = await openWiredConsole(seed, { isHashed: false });
	await wired.session.run(forMs);
	return wired;
}

const NOW: readonly QueryName[] = [
	'overview',
	'symbols',
	'history',
	'latency',
	'orders',
	'fills',
	'markouts',
	'reconciliations',
	'risk',
	'alerts',
	'decisions',
	'signals',
	'health',
];

/** Cancels go as fast as the venue's limits let them. */
async function untilGone({ world, run }: Session): Promise<void> {
	for (let look = 0; look < 200 && (world.openAtVenue().length > 0 || !world.app.isFlat); look += 1) await run(50);
	expect(world.openAtVenue()).toEqual([]);
}

describe('what is shown', () => {
	test('every view is what the contract says, through JSON and back', async () => {
		const { console, read, session } = await running();
		for (const name of NOW) {
			const asked = QUERIES[name].params.parse({});
			const answer = await console.read(name, asked);
			expect(QUERIES[name].answer.parse(JSON.parse(JSON.stringify(answer))), name).toEqual(answer);
		}
		const { row, bids, asks } = await read('symbol', { symbol: 'BTCUSDT', depth: 10 });
		expect(row.name).toBe('BTCUSDT');
		expect([bids.length, asks.length]).toEqual([10, 10]);
		await settle(session);
		await session.world.stop();
	});

	test('positions and open orders are those of the exchange', async () => {
		const { read, session } = await running(4, 20_000);
		const { world } = session;
		await settle(session);
		const { symbols } = await read('symbols');
		const { fills } = await read('overview');
		expect(fills).toBeGreaterThan(5);
		expect((await read('fills')).total).toBe(fills);
		for (const { id, position } of symbols) {
			const instrument = world.app.instruments.find((each) => each.id === id)!;
			const { symbol, account } = world.truthOf(instrument);
			const held = world.exchange.positions(account).find((each) => each.symbol === symbol);
			expect(Number(position), id).toBeCloseTo(
				((held?.qtyLotsSigned ?? 0) * instrument.qtyGrid.stepUnits) / 10 ** instrument.qtyGrid.scale,
				9,
			);
		}
		await read('overview');
		await world.stop();
	});
});

describe('over time', () => {
	test('profit adds up to the last digit, and each second is a row that is told once', async () => {
		const { read, session } = await running(6, 20_000);
		const { profit } = await read('overview');
		const money = (text: string): bigint => parseMoney(text)!;
		const { total, realised, unrealised, fees, funding, spread, inventory } = profit;
		expect(money(spread) + money(inventory) + money(fees) + money(funding)).toBe(money(total));
		expect(money(realised) + money(unrealised) + money(fees) + money(funding)).toBe(money(total));
		expect(money(fees)).toBeLessThan(0n);
		const first = await read('history', { symbol: 'BTCUSDT' });
		expect(first.atMs.length).toBe(21);
		for (const [at, ms] of first.atMs.entries()) expect(ms - first.atMs[0]!).toBe(at * 1_000);
		// Before the first second there was no book yet.
		expect(first.mid.slice(1).every((mid) => mid !== null && mid > 0)).toBe(true);
		const sinceMs = first.atMs.at(-1)!;
		await session.run(3_000);
		const next = await read('history', { symbol: 'BTCUSDT', sinceMs });
		expect(next.atMs).toEqual([1, 2, 3].map((second) => sinceMs + second * 1_000));
		const whole = await read('history');
		const { fills } = await read('fills', { limit: 1_000 });
		expect(whole.fills.length).toBe(fills.length);
		expect(fills.filter(({ markoutsBps }) => markoutsBps[2] !== null).length).toBeGreaterThan(5);
		await session.world.stop();
	});

	test('depth is kept of what somebody looks at, from then on', async () => {
		const { read, session } = await running(6, 3_000);
		const asked = { symbol: 'BTCUSDT', depth: 'true' } as const;
		expect((await read('history', asked)).depth.atMs).toEqual([]);
		await session.run(5_000);
		const { depth } = await read('history', asked);
		expect(depth.atMs.length).toBe(5);
		const { bids, asks } = await read('symbol', { symbol: 'BTCUSDT', depth: 50 });
		const [low, qty] = [depth.low.at(-1)!, depth.qty.at(-1)!];
		const inMap = qty.reduce((sum, each) => sum + each, 0);
		expect(qty.length * depth.step).toBeGreaterThan(0);
		expect(inMap).toBeGreaterThan(0);
		// The step of price with the best bid in it is not empty.
		expect(
			qty[Math.floor((bids[0]!.price - low) / depth.step)]! + qty[Math.floor((asks[0]!.price - low) / depth.step)]!,
		).toBeGreaterThan(0);
		expect((await read('history', { symbol: 'ETHUSDT', depth: 'true' })).depth.atMs).toEqual([]);
		await session.world.stop();
	});

	test('the engine does the same to the last decision whether anybody looks or not', async () => {
		const alone = await openSession(7);
		await alone.run(6_000);
		const looked = await openWiredConsole(7);
		for (let look = 0; look < 24; look += 1) {
			await looked.session.run(250);
			for (const name of NOW) await looked.read(name);
			await looked.read('symbol', { symbol: 'BTCUSDT' });
		}
		expect(looked.session.digest()).toBe(alone.digest());
	});
});

test('what cannot be shown is said once, and nothing but the showing of it ends', () => {
	const desk = new Desk({ instruments: [BTCUSDT], strategy: new Scripted() });
	const clock = new VirtualClock(1_767_225_600_000);
	const portfolio = new Portfolio({ clock, engine: desk.engine, instruments: desk.instruments });
	const memory = new Memory(clock);
	const said: string[] = [];
	let looks = 0;
	const times = {
		look: () => {
			looks += 1;
			throw new Error('no such stage');
		},
	};
	const console = new EngineConsole({
		...{ app: { engine: desk.engine, portfolio, instruments: desk.instruments }, clock, memory, figures: memory.figures },
		...{ times, say: (sentence: string) => said.push(sentence) },
	} as unknown as ConsoleParts);
	console.start();
	clock.run(3_000);
	expect(looks).toBe(4);
	expect(said).toEqual(['what the console shows is not whole: no such stage']);
	console[Symbol.dispose]();
	clock.run(3_000);
	expect(looks).toBe(4);
});

describe('what is done', () => {
	test('pause takes every order from the exchange and says so, resume brings them back', async () => {
		const { console, read, session } = await running();
		const { world } = session;
		expect(world.openAtVenue().length).toBeGreaterThan(0);
		const paused = await console.act('pause', { reason: 'lunch' }, OPERATOR);
		expect(paused).toMatchObject({ kind: 'done' });
		await untilGone(session);
		expect(await read('overview')).toMatchObject({ level: 'pauseQuoting', reason: 'lunch (operator)', openOrders: 0 });
		const [first] = (await read('symbols')).symbols;
		expect(first?.buy).toEqual({ isQuoting: false, why: 'quoting is paused: lunch (operator)' });
		expect(await console.act('resume', {}, OPERATOR)).toMatchObject({ kind: 'done' });
		await session.run(3_000);
		expect(world.openAtVenue().length).toBeGreaterThan(0);
		expect(await console.act('resume', {}, OPERATOR)).toMatchObject({ kind: 'refused', code: 'not-paused' });
		await world.stop();
	});

	test('what is said of a symbol that there is not is an error of the asker', async () => {
		const { console, session } = await running(3, 500);
		await expect(console.act('pause', { symbol: 'NONE', reason: 'x' }, OPERATOR)).rejects.toMatchObject({
			name: 'UnknownSymbol',
		});
		await expect(console.read('symbol', { symbol: 'NONE', depth: 5 })).rejects.toMatchObject({ name: 'UnknownSymbol' });
		await session.world.stop();
	});

	test('a kill is proven at the exchange, and is taken back in process only when the venue was found to agree', async () => {
		const { console, read, session } = await running(5, 6_000);
		const { world } = session;
		expect(await console.act('rearm', { phrase: 'I know why it stopped' }, OPERATOR)).toMatchObject({ code: 'nothing-latched' });
		expect(await console.act('kill', { reason: 'a test' }, OPERATOR)).toMatchObject({ kind: 'done' });
		expect(await console.act('rearm', { phrase: 'I know why it stopped' }, OPERATOR)).toMatchObject({ code: 'still-open' });
		await untilGone(session);
		expect((await read('risk')).ladder.filter(({ isOn }) => isOn).map(({ code }) => code)).toEqual(['KL4']);
		expect(await console.act('rearm', { phrase: 'whatever' }, OPERATOR)).toMatchObject({ code: 'wrong-phrase' });
		expect(await console.act('rearm', { phrase: 'I know why it stopped' }, OPERATOR)).toMatchObject({ code: 'not-compared' });
		expect(await console.act('resume', {}, OPERATOR)).toMatchObject({ code: 'gate-is-shut' });
		await console.act('compare', {}, OPERATOR);
		await session.run(3_000);
		expect(await console.act('rearm', { phrase: 'I know why it stopped' }, OPERATOR)).toMatchObject({ kind: 'done' });
		session.judge.rearmed();
		expect(world.openAtVenue()).toEqual([]);
		await session.run(30_000);
		expect((await read('overview')).level).toBe('run');
		expect(world.openAtVenue().length).toBeGreaterThan(0);
		// A crash does not bring it back: the journal knows that it was taken back.
		world.crash('power');
		await session.run(500);
		const restarted = world.restart();
		await session.run(30_000);
		expect(await restarted).toEqual([]);
		expect(world.app.engine.levels.level).toBe('run');
		expect(world.openAtVenue().length).toBeGreaterThan(0);
		await world.stop();
	});

	test('flatten says what it would close, and closes it at the exchange', async () => {
		const { console, read, session } = await running(4, 20_000);
		const { world } = session;
		const held = (await read('symbols')).symbols.filter(({ position }) => Number(position) !== 0);
		expect(held.length).toBeGreaterThan(0);
		const preview = await console.act('flatten-preview', {}, OPERATOR);
		if (preview.kind === 'refused') throw new Error(preview.sentence);
		expect(preview.closing?.map(({ symbol, side, qty }) => [symbol, side, Number(qty)])).toEqual(
			held.map(({ name, position }) => [name, Number(position) > 0 ? 'sell' : 'buy', Math.abs(Number(position))]),
		);
		for (const { cost, worth } of preview.closing ?? []) {
			expect(cost).toBeGreaterThan(0);
			expect(worth).toBeGreaterThan(cost!);
		}
		expect(world.app.engine.isFlattening).toBe(false);
		expect(await console.act('flatten', { reason: 'home time' }, OPERATOR)).toMatchObject({ kind: 'done', orders: held.length });
		for (let look = 0; look < 300 && world.app.engine.isFlattening; look += 1) await session.run(200);
		for (const { qtyLotsSigned, symbol } of world.exchange.positions('evenkeel')) expect(qtyLotsSigned, symbol).toBe(0);
		const { symbols } = await read('symbols');
		expect(symbols.map(({ position }) => Number(position))).toEqual([0, 0]);
		for (const { holds } of symbols)
			expect(holds).toMatchObject([{ cause: 'flatten', reason: 'closed as asked for; resume it to quote again' }]);
		expect(await console.act('resume', {}, OPERATOR)).toMatchObject({
			kind: 'done',
			sentence: 'BTCUSDT, ETHUSDT may be quoted again',
		});
		await session.run(3_000);
		expect(world.openAtVenue().length).toBeGreaterThan(0);
		await world.stop();
	});

	test('resume without a symbol ends no closing that is under way, and takes back what was asked for elsewhere', async () => {
		const { console, read, session } = await running(4, 20_000);
		const [held] = (await read('symbols')).symbols.filter(({ position }) => Number(position) !== 0);
		const other = held?.name === 'BTCUSDT' ? 'ETHUSDT' : 'BTCUSDT';
		await console.act('flatten', { symbol: held!.name, reason: 'home time' }, OPERATOR);
		await console.act('pause', { symbol: other, reason: 'lunch' }, OPERATOR);
		const resumed = await console.act('resume', {}, OPERATOR);
		expect(resumed.sentence).toBe(
			`${other} may be quoted again; ${held!.name}: still being closed; resume each by itself to end that`,
		);
		expect(session.world.app.engine.isFlattening).toBe(true);
		await console.act('resume', { symbol: held!.name }, OPERATOR);
		expect(session.world.app.engine.isFlattening).toBe(false);
		expect(await console.act('resume', {}, OPERATOR)).toMatchObject({ kind: 'refused', code: 'not-paused' });
		await session.world.stop();
	});

	test('cancel-all takes what stands and strategies go on; reduce-only takes it and they do not', async () => {
		const { console, read, session } = await running(3, 6_000);
		const { world } = session;
		const before = new Set(world.openAtVenue().map(({ clientOrderId }) => clientOrderId));
		expect(before.size).toBeGreaterThan(0);
		expect(await console.act('cancel-all', {}, OPERATOR)).toMatchObject({ kind: 'done' });
		await session.run(5_000);
		const after = world.openAtVenue().map(({ clientOrderId }) => clientOrderId);
		expect(after.length).toBeGreaterThan(0);
		expect(after.filter((id) => before.has(id))).toEqual([]);
		expect(await console.act('reduce-only', { reason: 'enough' }, OPERATOR)).toMatchObject({ kind: 'done' });
		await untilGone(session);
		expect(await read('risk')).toMatchObject({ level: 'reduceOnly', reason: 'enough (operator)' });
		const { orders, total } = await read('orders', { state: 'closed', limit: 5 });
		expect([orders.length, total > 5, orders.every(({ isOpen }) => !isOpen)]).toEqual([5, true, true]);
		await world.stop();
	});
});
