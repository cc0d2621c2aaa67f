/**
 * What the portfolio shows against what the exchange knows, over every place and over both venues at once: to the
 * smallest unit, while positions are held and after a crash as well.
 */
import { describe, expect, test } from 'vitest';
import { WIRED_TRADES, type WiredTrades } from '../../src/app/wired-places.ts';
import type { WiredWorld } from '../../src/app/wired-world.ts';
import type { JournalRecord } from '../../src/domain/journal-record.ts';
import { MONEY_SCALE, moneyOf, printMoney } from '../../src/domain/money.ts';
import type { Side } from '../../src/domain/side.ts';
import { lots, ticks } from '../../src/domain/units.ts';
import type { MarketState } from '../../src/engine/market-state.ts';
import { ATOM_DECIMALS } from '../../src/exchange/core/money.ts';
import type { PortfolioSnapshot } from '../../src/portfolio/portfolio-snapshot.ts';
import { openSession, type Session, settle, tradingAt } from '../fixtures/wired.ts';
import { recovered, revive } from '../fixtures/wired-restart.ts';

const PARTS_PER_ATOM = 10n ** BigInt(MONEY_SCALE - ATOM_DECIMALS);
const PARTS_PER_ONE = 10n ** BigInt(MONEY_SCALE);

type Amounts = ReadonlyMap<string, bigint>;

/** Over all our accounts, by coin. */
function walletsOf({ exchange, accounts }: WiredWorld): Amounts {
	const all = new Map<string, bigint>();
	for (const account of accounts) {
		for (const { coin, walletAtoms } of exchange.balances(account)) {
			all.set(coin, (all.get(coin) ?? 0n) + walletAtoms * PARTS_PER_ATOM);
		}
	}
	return all;
}

/**
 * What the exchange says each coin is worth at the marks of the snapshot: what lies there, and what open contracts have
 * brought in so far. What was bought on spot counts in the coin that it was paid with, and not in its own.
 */
function worthThere(world: WiredWorld, before: Amounts, { positions }: PortfolioSnapshot): Amounts {
	const worth = new Map(walletsOf(world));
	const add = (coin: string, amount: bigint): void => void worth.set(coin, (worth.get(coin) ?? 0n) + amount);
	const markOf = (id: string): bigint => positions.find(({ instrumentId }) => instrumentId === id)?.mark ?? 0n;
	for (const instrument of world.app.instruments) {
		const { id, category, baseCurrency, settleCurrency, qtyGrid } = instrument;
		const { symbol, account } = world.truthOf(instrument);
		if (category === 'spot') {
			const bought = (worth.get(baseCurrency) ?? 0n) - (before.get(baseCurrency) ?? 0n);
			add(baseCurrency, -bought);
			add(settleCurrency, (bought * markOf(id)) / PARTS_PER_ONE);
			continue;
		}
		const there = world.exchange.positions(account).find((each) => each.symbol === symbol);
		if (there === undefined) continue;
		const lot = BigInt(qtyGrid.stepUnits) * 10n ** BigInt(MONEY_SCALE - qtyGrid.scale);
		add(settleCurrency, (BigInt(there.qtyLotsSigned) * lot * markOf(id)) / PARTS_PER_ONE);
		add(settleCurrency, -there.costAtomsSigned * PARTS_PER_ATOM);
	}
	return worth;
}

function shown(amounts: Amounts): Record<string, string> {
	const entries = [...amounts].map(([coin, amount]) => [coin, printMoney(moneyOf(amount))] as const);
	return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function shownCoins({ coins }: PortfolioSnapshot, what: 'capital' | 'equity'): Record<string, string> {
	return shown(new Map(coins.map((coin) => [coin.currency, coin[what]])));
}

/** Quotes are off, nothing moves, and what was told has arrived. */
async function stillness(session: Session): Promise<void> {
	await settle(session);
	session.world.holdMarket();
	await session.run(4_000);
	session.judge.whenQuiet();
}

async function tradedAt(trades: WiredTrades, seed: number, ms: number): Promise<{ session: Session; before: Amounts }> {
	const session = await openSession(seed, { limitFactor: Number.POSITIVE_INFINITY, ...tradingAt(trades), isHashed: false });
	const before = walletsOf(session.world);
	// Quotes hardly ever trade on spot, where everybody pays more; and while they stand, what is held there is spoken for.
	tradeByHand(session.world, 'buy', 1_500);
	await session.run(ms);
	for (const [side, notional] of [['sell', 400] as const, ['buy', 100] as const]) {
		await settle(session);
		session.world.app.runtime.control({ kind: 'resume', scope: { kind: 'all' } });
		tradeByHand(session.world, side, notional);
		await session.run(200);
	}
	return { session, before };
}

/** So much of each symbol, at once. */
function tradeByHand({ app }: WiredWorld, side: Side, notional: number): void {
	for (const { index: instrument, tickLotNumber } of app.instruments) {
		const { book } = app.engine.market(instrument) as MarketState;
		const priceTicks = side === 'buy' ? book.bestAskTicks + 3 : book.bestBidTicks - 3;
		const qtyLots = lots(Math.floor(notional / (priceTicks * tickLotNumber)));
		const how = { orderType: 'limit', timeInForce: 'ioc', reduceOnly: false } as const;
		app.runtime.control({ kind: 'placeOrder', instrument, side, ...how, priceTicks: ticks(priceTicks), qtyLots });
	}
}

describe('the portfolio and the venues (I25)', () => {
	test.each(WIRED_TRADES.flatMap((trades) => [11, 12].map((seed) => ({ trades, seed }))))(
		'$trades, seed $seed: equity of each coin is what the venue has, and capital what it had, to the smallest unit',
		async ({ trades, seed }) => {
			const { session, before } = await tradedAt(trades, seed, 6_000);
			const { world } = session;
			await stillness(session);
			expect(world.app.engine.fillCount, 'a session without fills proves little').toBeGreaterThan(2);
			const snapshot = world.app.portfolio.now();
			expect(snapshot.isComplete).toBe(true);
			expect(shownCoins(snapshot, 'capital')).toEqual(shown(before));
			expect(shownCoins(snapshot, 'equity')).toEqual(shown(worthThere(world, before, snapshot)));
		},
	);

	test('over both venues it is whole again after a crash', async () => {
		const { session, before } = await tradedAt('mixed', 13, 6_000);
		const { world } = session;
		const fills = world.app.engine.fillCount;
		world.crash('process');
		await revive(session, 500);
		await recovered(session);
		await session.run(6_000);
		await stillness(session);
		expect(fills).toBeGreaterThan(0);
		const snapshot = world.app.portfolio.now();
		expect(snapshot.isComplete).toBe(true);
		// What is held was held when this life began: its capital holds the venue's mark of then against ours.
		const off = [...worthThere(world, before, snapshot)].map(([coin, amount]) => {
			const ours = snapshot.coins.find(({ currency }) => currency === coin)?.equity ?? 0n;
			return Math.abs(Number(ours - amount)) / 1e18;
		});
		expect(Math.max(...off)).toBeLessThan(5);
	});

	test('a snapshot is kept as often as is asked for, changes nothing in the engine, and one look serves all who ask at once', async () => {
		const session = await openSession(14, { limitFactor: Number.POSITIVE_INFINITY, isHashed: false });
		const { world, clock } = session;
		const kept: JournalRecord[] = [];
		const { portfolio, engine } = world.app;
		portfolio.keepEvery(1_000, (record) => kept.push(record));
		await session.run(5_500);
		expect(kept.map((record) => record.kind)).toEqual(Array.from({ length: 5 }, () => 'portfolio'));
		expect(portfolio.equityCurve().map(({ atMs }) => atMs)).toEqual(kept.map((record) => 'atMs' in record && record.atMs));
		const ledger = engine.ledger.snapshot();
		const askedAtMs = clock.wallMs();
		const asked = [portfolio.getPortfolioSnapshot(), portfolio.getPortfolioSnapshot()];
		await session.run(1);
		const [one, other] = await Promise.all(asked);
		expect(one).toBe(other);
		expect(one?.atMs).toBe(askedAtMs);
		expect(engine.ledger.snapshot()).toEqual(ledger);
	});
});
