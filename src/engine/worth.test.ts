/** What balances, fills, funding and marks make of an account's worth, and what follows when it loses too much (PT16). */
import { describe, expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { BTCUSDT as BTC } from '../../test/fixtures/instruments.ts';
import { Scripted } from '../../test/fixtures/scripted.ts';
import type { Execution } from '../domain/execution.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import { type Money, NO_MONEY, parseMoney } from '../domain/money.ts';
import { lots, monoMs, ticks, timeMs } from '../domain/units.ts';
import { AccountFunds } from '../risk/funds.ts';
import { RiskLevels } from '../risk/level.ts';
import { RISK_LIMITS } from '../risk/limits.ts';
import { Equity } from './equity.ts';
import { Guards } from './guards.ts';
import { QuoteRates } from './quote-rates.ts';
import { Worth } from './worth.ts';

const LOSS_LIMITS = { dayLossReduceOnly: 0.02, dayLossKill: 0.05, drawdownReduceOnly: 0.03 };

const at = (ms: number) => ({ wallMs: timeMs(ms), monoMs: monoMs(ms) });

function money(text: string): Money {
	const amount = parseMoney(text);
	if (amount === undefined) throw new Error(`${text} is an amount`);
	return amount;
}

/** A lot is a thousandth of a coin, a tick a tenth of a dollar; nothing is held. */
function account() {
	const desk = new Desk({ instruments: [BTC], strategy: new Scripted() });
	const market = desk.engine.market(BTC.index);
	if (market === undefined) throw new Error('the desk follows it');
	const funds = new AccountFunds();
	const levels = new RiskLevels();
	const scene: { equity: number | undefined } = { equity: undefined };
	const shut: string[] = [];
	const kept: JournalRecord[] = [];
	const worth = new Worth({
		funds,
		equity: new Equity([market], new QuoteRates('USDT', [market])),
		guards: new Guards({ levels, limits: RISK_LIMITS, lossLimits: LOSS_LIMITS }),
		levels,
		scene,
		shut: (reason) => {
			shut.push(reason);
			levels.raise('kill', reason);
		},
		reduceOnly: (reason) => levels.raise('reduceOnly', reason),
		keep: (record) => kept.push(record),
	});
	const balance = (total: string, { free = total, currency = 'USDT', venue = 'bybit', ms = 0 } = {}) =>
		worth.applyBalance({ kind: 'balance', venue, currency, free: money(free), total: money(total), ...at(ms) });
	const fill = (realised: string, { fee = '0', feeCurrency = 'USDT' } = {}) => {
		const execution: Execution = {
			...{ executionId: 'e', instrument: BTC, clientOrderId: 'c', venueOrderId: 'v', side: 'buy', isMaker: true },
			...{ priceTicks: ticks(640_000), qtyLots: lots(1), fee: money(fee), feeCurrency, tradedAtMs: timeMs(0) },
		};
		worth.applyFill(execution, market, money(realised));
	};
	const fund = (amount: string, currency = 'USDT') =>
		worth.applyFunding({ instrument: BTC.index, fundingId: 'f', amount: money(amount), currency, fundedAtMs: timeMs(0) }, market);
	return { worth, market, funds, levels, scene, shut, kept, balance, fill, fund };
}

type Account = ReturnType<typeof account>;

test('what is free of a coin at a venue goes to those who use that coin there, and the rest of it counts as worth', () => {
	const { funds, balance, scene } = account();
	const free = () => [funds.of('bybit', 'USDT'), funds.of('bybit', 'BTC'), funds.of('binance', 'USDT')].map((each) => each.free);
	expect(free()).toEqual([Number.NaN, Number.NaN, Number.NaN]);
	balance('1000', { free: '400' });
	expect([free(), scene.equity]).toEqual([[400, Number.NaN, Number.NaN], 1_000]);
	balance('7', { free: '7', currency: 'BTC' });
	balance('90', { free: '50', venue: 'binance' });
	expect([free(), scene.equity]).toEqual([[400, 7, 50], 1_000]);
});

describe('after a balance of 1000 the account is worth', () => {
	test.each<[name: string, equity: number, happens: (on: Account) => void]>([
		['what a fill won on top', 1_012.5, ({ fill }) => fill('12.5')],
		['less by what one lost and by its fee', 987.25, ({ fill }) => fill('-12.5', { fee: '0.25' })],
		['more by a rebate', 1_000.25, ({ fill }) => fill('0', { fee: '-0.25' })],
		[
			'no less where the fee is in a coin that no position is kept in',
			1_000,
			({ fill }) => fill('0', { fee: '1', feeCurrency: 'BNB' }),
		],
		['what funding paid on top', 1_003, ({ fund }) => fund('3')],
		['less by what funding cost', 997, ({ fund }) => fund('-3')],
		['no more by funding in another coin', 1_000, ({ fund }) => fund('3', 'BNB')],
		[
			'what the next balance says where nothing is held, whatever was counted until then',
			950,
			(on) => [on.fill('9'), on.balance('950')],
		],
	])('%s', (_, equity, happens) => {
		const on = account();
		on.balance('1000');
		happens(on);
		on.worth.applyTime(at(1));
		expect(on.scene.equity).toBe(equity);
	});
});

test('a fill or funding tells nobody yet: a balance or the clock does', () => {
	const { worth, balance, fill, scene } = account();
	balance('1000');
	fill('-30');
	expect(scene.equity).toBe(1_000);
	worth.applyTime(at(1));
	expect(scene.equity).toBe(970);
});

describe('of a day that began with 1000', () => {
	test.each<[name: string, lost: string, level: string, shutCount: number]>([
		['less than two percent lost change nothing', '-19.99', 'run', 0],
		['two percent lost leave only what reduces', '-20', 'reduceOnly', 0],
		['less than five percent lost leave that as well', '-49.99', 'reduceOnly', 0],
		['five percent lost shut the gate', '-50', 'kill', 1],
	])('%s', (_, lost, level, shutCount) => {
		const { worth, balance, fill, levels, shut } = account();
		balance('1000');
		fill(lost);
		worth.applyTime(at(1));
		expect([levels.level, shut.length]).toEqual([level, shutCount]);
	});

	test('a loss is judged with the balance that tells of it', () => {
		const { balance, levels, shut } = account();
		balance('1000');
		balance('940');
		expect([levels.level, shut]).toEqual(['kill', ['equity is 940, 6.00 % (limit 5.00 %) below the start of the day']]);
	});

	test('the gate is shut once, however often the loss is seen again', () => {
		const { worth, balance, fill, shut } = account();
		balance('1000');
		fill('-60');
		for (const ms of [1, 2, 3]) worth.applyTime(at(ms));
		expect(shut).toHaveLength(1);
	});

	test('what was won back lowers no level', () => {
		const { worth, balance, fill, levels } = account();
		balance('1000');
		fill('-20');
		worth.applyTime(at(1));
		fill('20');
		worth.applyTime(at(2));
		expect(levels.level).toBe('reduceOnly');
	});
});

describe('what losses are counted from is written down', () => {
	test('with the first worth that is known, and again with a peak that is higher', () => {
		const { worth, balance, fill, kept } = account();
		balance('1000');
		worth.applyTime(at(1));
		fill('10');
		worth.applyTime(at(2));
		expect(kept).toEqual([
			{ kind: 'equity', day: 0, dayStart: 1_000, peak: 1_000 },
			{ kind: 'equity', day: 0, dayStart: 1_000, peak: 1_010 },
		]);
	});

	test('and with the first of another day', () => {
		const { balance, kept } = account();
		balance('1000');
		balance('990', { ms: 86_400_000 - 1 });
		balance('980', { ms: 86_400_000 });
		expect(kept.slice(1)).toEqual([{ kind: 'equity', day: 1, dayStart: 980, peak: 1_000 }]);
	});

	test('and not where nobody knows what the account is worth', () => {
		const { worth, balance, scene, kept, levels } = account();
		worth.applyTime(at(0));
		balance('5', { currency: 'BTC' });
		expect([scene.equity, kept, levels.level]).toEqual([undefined, [], 'run']);
	});
});

test('a coin without a worth that we know makes the whole unknown, and the gate is told so', () => {
	const desk = new Desk({ instruments: [BTC], strategy: new Scripted() });
	const market = desk.engine.market(BTC.index);
	if (market === undefined) throw new Error('the desk follows it');
	const levels = new RiskLevels();
	const scene: { equity: number | undefined } = { equity: 1 };
	const worth = new Worth({
		funds: new AccountFunds(),
		equity: new Equity([market], new QuoteRates('EUR', [market])),
		guards: new Guards({ levels, limits: RISK_LIMITS, lossLimits: LOSS_LIMITS }),
		...{
			levels,
			scene,
			shut: () => expect.unreachable(),
			reduceOnly: () => expect.unreachable(),
			keep: () => expect.unreachable(),
		},
	});
	worth.applyBalance({ kind: 'balance', venue: 'bybit', currency: 'USDT', free: NO_MONEY, total: money('10'), ...at(0) });
	expect([scene.equity, levels.level]).toEqual([Number.NaN, 'run']);
});
