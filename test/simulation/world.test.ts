/**
 * Exchange core, market and engine together in virtual time: after every step the engine is held against what the
 * exchange itself knows. Faults come with the wired world; here everything arrives, but late and in the meantime the
 * market moves.
 */
import { describe, expect, test } from 'vitest';
import { DEMO } from '../../src/app/demo.ts';
import { notionalNumber } from '../../src/domain/instrument.ts';
import { MONEY_SCALE, parseMoney } from '../../src/domain/money.ts';
import { timeMs } from '../../src/domain/units.ts';
import { ENGINE_SETTINGS } from '../../src/engine/settings.ts';
import { ATOM_DECIMALS } from '../../src/exchange/core/money.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { TraceHash } from '../../src/simulation/trace-hash.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { OUR_ACCOUNT, World, type WorldOptions } from '../../src/simulation/world.ts';

const START_MS = Date.UTC(2026, 0, 1);

function worldOf(seed: number, options: Partial<WorldOptions> = {}) {
	const clock = new VirtualClock(START_MS);
	const trace = new TraceHash();
	const world = new World({ ...DEMO, clock, rng: seededRng(seed), recorder: trace, ...options });
	return { clock, trace, world };
}

function stop({ clock, world }: ReturnType<typeof worldOf>): void {
	world.runtime.control({ kind: 'shutGate', reason: 'the test is over' });
	clock.runWhile(() => !world.isFlat);
}

/** Long round trips, so that fills, cancels and amends meet on the way all the time. */
const SLOW = { requestMs: 30, responseMs: 45, streamMs: 15 };
const TIGHT = { ...ENGINE_SETTINGS.limits, positionNotionalMax: 9_000 };
const LIMITED = { ...DEMO.settings, limits: TIGHT };

describe('a session on the exchange core', () => {
	test('three runs of a seed are the same to the last event, and leave the same exchange; another seed differs (T8, I17)', () => {
		const run = (seed: number): string => {
			const parts = worldOf(seed);
			parts.world.start();
			parts.clock.run(10_000);
			stop(parts);
			return `${parts.trace.digest()} ${parts.world.exchange.stateHash()}`;
		};
		const first = run(7);
		expect([run(7), run(7)]).toEqual([first, first]);
		expect(run(8)).not.toBe(first);
	});

	test.each([1, 2, 3, 4])(
		'seed %i: limits hold at the venue at every step, and every order there is known here (I1, I3, I4)',
		(seed) => {
			const parts = worldOf(seed, { delays: SLOW, settings: LIMITED });
			const { world, clock } = parts;
			world.start();
			let steps = 0;
			clock.runWhile(() => {
				steps += 1;
				checkExposure(world);
				checkOwners(world);
				return clock.monotonicMs() < 30_000;
			});
			expect(steps).toBeGreaterThan(1_000);
			expect(world.engine.fillCount, 'a run without fills proves little').toBeGreaterThan(10);
			stop(parts);
			expect(world.openAtVenue()).toEqual([]);
		},
	);

	test.each([5, 6, 7])(
		'seed %i: once all is quiet, fills, positions and equity are the venue’s to its smallest unit (I5, I25)',
		(seed) => {
			const parts = worldOf(seed, { delays: SLOW });
			const { world, clock } = parts;
			world.start();
			clock.run(60_000);
			stop(parts);
			clock.run(1_000);
			expect(world.engine.fillCount).toBeGreaterThan(20);
			for (const instrument of world.instruments) {
				const truth = world.exchange.positions(OUR_ACCOUNT).find(({ symbol }) => symbol === instrument.symbol);
				expect(world.engine.ledger.positionLots(instrument.index), instrument.symbol).toBe(truth?.qtyLotsSigned ?? 0);
			}
			const executions = world.instruments.flatMap(({ symbol }) => world.exchange.executions(OUR_ACCOUNT, symbol));
			expect(world.engine.fillCount).toBe(executions.filter(({ kind }) => kind === 'trade').length);
			expect(ourEquityAtoms(world)).toBe(venueEquityAtoms(world));
		},
	);

	test('switching between batches and single calls every second loses and doubles nothing (T3)', () => {
		const parts = worldOf(11, { delays: SLOW });
		const { world, clock } = parts;
		world.start();
		for (let second = 0; second < 30; second += 1) {
			world.runtime.control({ kind: 'setParallel', parallel: second % 2 === 1 });
			clock.run(1_000);
			checkOwners(world);
		}
		stop(parts);
		expect(world.openAtVenue()).toEqual([]);
		expect(world.engine.orders.countUnknown()).toBe(0);
		expect(world.engine.orders.stats).toEqual({ foreign: 0, contradictions: 0 });
	});
});

/** What is held and what rests at the venue, in the worst case, is worth no more than the limit; prices move a little. */
function checkExposure(world: World): void {
	const open = world.openAtVenue();
	for (const instrument of world.instruments) {
		const held = world.exchange.positions(OUR_ACCOUNT).find(({ symbol }) => symbol === instrument.symbol)?.qtyLotsSigned ?? 0;
		let buys = 0;
		let sells = 0;
		for (const order of open) {
			if (order.symbol !== instrument.symbol) continue;
			if (order.side === 'buy') buys += order.leavesLots;
			else sells += order.leavesLots;
		}
		const market = world.engine.market(instrument.index);
		const mid = (market?.book.midTwiceTicks ?? 0) / 2;
		const worst = notionalNumber(instrument, mid, Math.max(held + buys, sells - held));
		// An `expect` at every step would cost more than the step.
		if (worst <= TIGHT.positionNotionalMax * 1.01) continue;
		expect.fail(`${instrument.symbol} holds ${held}, buys ${buys}, sells ${sells}: in the worst case ${worst}`);
	}
}

/** Nothing stands at the venue that the engine does not count as open or on its way out. */
function checkOwners(world: World): void {
	const own = new Set<string>(world.engine.openOrders().map(({ orderId }) => orderId));
	for (const { clientOrderId } of world.openAtVenue()) {
		// Each once: the next of the same name is one too many.
		if (!own.delete(clientOrderId)) expect.fail(`${clientOrderId} is open at the venue, and not here, or twice there`);
	}
}

function ourEquityAtoms(world: World): bigint {
	const marks = world.instruments.map((instrument) => {
		const ticker = world.exchange.ticker(instrument.symbol);
		const price = parseMoney(
			(((ticker?.markTicks ?? 0) * instrument.priceGrid.stepUnits) / 10 ** instrument.priceGrid.scale).toFixed(
				instrument.priceGrid.scale,
			),
		);
		if (price === undefined) throw new Error('a mark is an amount');
		return { instrument: instrument.index, price };
	});
	const valuation = world.engine.ledger.markToMarket(marks, timeMs(START_MS));
	const [row] = valuation.currencies;
	if (row === undefined) throw new Error('one currency');
	const capital = parseMoney(DEMO.capital) ?? 0n;
	return (row.equity - row.capital + capital) / 10n ** BigInt(MONEY_SCALE - ATOM_DECIMALS);
}

function venueEquityAtoms(world: World): bigint {
	return world.exchange.balances(OUR_ACCOUNT).find(({ coin }) => coin === 'USDT')?.equityAtoms ?? 0n;
}
