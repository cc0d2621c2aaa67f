import { expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestExecution, money } from '../../test/fixtures/executions.ts';
import { BTCUSDT, ETHUSDT, SOLUSDT_SPOT } from '../../test/fixtures/instruments.ts';
import { Scripted } from '../../test/fixtures/scripted.ts';
import type { EngineEvent } from '../domain/event.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import { printMoney } from '../domain/money.ts';
import { timeMs } from '../domain/units.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { Portfolio } from './portfolio.ts';

const START_MS = 1_767_225_600_000;

/** An engine and a portfolio beside it, told the same. */
function scene() {
	const desk = new Desk({ instruments: [BTCUSDT, ETHUSDT, SOLUSDT_SPOT], strategy: new Scripted() });
	const clock = new VirtualClock(START_MS);
	const portfolio = new Portfolio({ clock, engine: desk.engine, instruments: desk.instruments });
	const hear = (event: EngineEvent): void => {
		desk.step(event);
		portfolio.hear(event);
	};
	const pass = (ms: number): void => {
		clock.run(ms);
		desk.nowMs = clock.monotonicMs();
	};
	pass(1_000);
	const tell = (currency: string, total: string): void =>
		hear({ kind: 'balance', venue: 'bybit', currency, free: money(total), total: money(total), ...desk.at() });
	const trade = (fill: Parameters<typeof makeTestExecution>[0]): void =>
		hear({ kind: 'execution', execution: makeTestExecution(fill), ...desk.at() });
	const markAt = (markTicks: number): void =>
		hear({ kind: 'mark', instrument: BTCUSDT.index, markTicks, fundingRate: 0, nextFundingAtMs: timeMs(0), ...desk.at() });
	const fund = (amount: string): void =>
		hear({
			...{ kind: 'funding', fundingId: amount, instrument: BTCUSDT.index, amount: money(amount), currency: 'USDT' },
			...{ fundedAtMs: timeMs(START_MS), ...desk.at() },
		});
	return { desk, clock, portfolio, pass, tell, trade, markAt, fund };
}

const total = (portfolio: Portfolio, what: 'equity' | 'capital' | 'profit' | 'drawdown') =>
	printMoney(portfolio.now().total[what]);

test('what a fill has moved is not taken for money paid in while the venue has not said so', () => {
	const { portfolio, desk, pass, tell, trade } = scene();
	tell('USDT', '1000');
	desk.book(SOLUSDT_SPOT, 10_000, 10_001);
	pass(10_000);
	trade({ instrument: SOLUSDT_SPOT, price: '100', qty: '6' });
	expect(total(portfolio, 'capital')).toBe('1000');
	pass(10_000);
	expect(total(portfolio, 'capital')).toBe('1000');
	tell('USDT', '450');
	pass(10_000);
	expect(total(portfolio, 'capital')).toBe('1050');
});

test('nor what funding has', () => {
	const { portfolio, pass, tell, fund } = scene();
	tell('USDT', '1000');
	pass(10_000);
	fund('-7');
	expect([total(portfolio, 'capital'), total(portfolio, 'equity')]).toEqual(['1000', '993']);
});

test('a position is worth its mark, before there is one the middle of the book, and before that nobody knows', () => {
	const { portfolio, desk, tell, trade, markAt } = scene();
	tell('USDT', '1000');
	trade({ price: '65000', qty: '1.000' });
	expect(portfolio.now()).toMatchObject({ isComplete: false, positions: [{ mark: undefined }] });
	desk.book(BTCUSDT, 650_098, 650_102);
	desk.tick();
	expect(total(portfolio, 'profit')).toBe('10');
	markAt(650_200.5);
	expect(total(portfolio, 'profit')).toBe('20.05');
});

test('of a run that begins with a position the worth of it is in what the venue says', () => {
	const { portfolio, pass, tell, trade, markAt } = scene();
	trade({ price: '65000', qty: '1.000' });
	markAt(650_100);
	pass(10_000);
	tell('USDT', '1010');
	expect([total(portfolio, 'capital'), total(portfolio, 'equity')]).toEqual(['1000', '1010']);
});

test('a drawdown is counted from the highest profit that was ever looked at', () => {
	const { portfolio, tell, trade, markAt } = scene();
	tell('USDT', '1000');
	trade({ price: '65000', qty: '1.000' });
	const at = (markTicks: number) => {
		markAt(markTicks);
		return total(portfolio, 'drawdown');
	};
	expect([650_000, 650_500, 650_300, 650_600, 650_000].map(at)).toEqual(['0', '0', '20', '0', '60']);
});

test('on its schedule it keeps a record and a point of the curve until it is disposed', () => {
	const { portfolio, pass, tell, clock } = scene();
	const kept: JournalRecord[] = [];
	tell('USDT', '1000');
	portfolio.keepEvery(60_000, (record) => kept.push(record));
	pass(150_000);
	expect(kept).toMatchObject([1, 2].map((minute) => ({ kind: 'portfolio', atMs: START_MS + 1_000 + minute * 60_000 })));
	expect(kept[0]).toMatchObject({ portfolio: { total: { equity: '1000' }, isComplete: true } });
	expect(portfolio.equityCurve()).toMatchObject([{ equity: money('1000'), drawdown: 0n }, {}]);
	portfolio[Symbol.dispose]();
	clock.run(300_000);
	expect(kept).toHaveLength(2);
});

test('the curve is a week of minutes long at most', () => {
	const { portfolio, pass, clock } = scene();
	portfolio.keepEvery(60_000, () => {});
	pass(10_082 * 60_000);
	const curve = portfolio.equityCurve();
	expect([curve.length, curve.at(-1)?.atMs]).toEqual([10_080, clock.wallMs()]);
});

test('all who ask in one turn share one look, and the next turn has its own', async () => {
	const { portfolio, clock } = scene();
	const asked = [portfolio.getPortfolioSnapshot(), portfolio.getPortfolioSnapshot()];
	clock.run(1);
	const later = portfolio.getPortfolioSnapshot();
	clock.run(1);
	const [one, other, next] = await Promise.all([...asked, later]);
	expect(other).toBe(one);
	expect(next).not.toBe(one);
});
