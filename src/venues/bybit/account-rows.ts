/**
 * Positions and coins as the venue lists them, over REST and on the private stream alike. A row is read whole or not at
 * all; what is about nothing of ours says so.
 */
import type { Category, Instrument } from '../../domain/instrument.ts';
import { type Money, moneyOf, NO_MONEY, parseMoney } from '../../domain/money.ts';
import { type SignedLots, signedLots } from '../../domain/units.ts';
import type { InstrumentTable } from '../wire/instrument-table.ts';
import { isObject, stepsFromZero } from '../wire/plain-values.ts';
import { CATEGORIES } from './codec/private-words.ts';

export interface PositionRow {
	readonly instrument: Instrument;
	readonly positionLotsSigned: SignedLots;
}

export interface CoinRow {
	readonly currency: string;
	readonly free: Money;
	readonly total: Money;
}

/** `category` stands beside the list over REST and in the row on the stream. */
export function readPositionRow(
	row: unknown,
	context: { readonly instruments: InstrumentTable; readonly category?: Category },
): PositionRow | 'unlisted' | 'bad' {
	if (!isObject(row)) return 'bad';
	const { symbol, side, size } = row;
	const told = row['category'] ?? context.category;
	const category = CATEGORIES.find((each) => each === told);
	if (typeof symbol !== 'string') return 'bad';
	const instrument = category === undefined ? undefined : context.instruments.findText(category, symbol);
	if (instrument === undefined) return 'unlisted';
	const lots = stepsFromZero(size, instrument.qtyGrid);
	if (typeof lots === 'string' || (lots > 0 && side !== 'Buy' && side !== 'Sell')) return 'bad';
	return { instrument, positionLotsSigned: signedLots(side === 'Sell' ? -lots : lots) };
}

/**
 * Total is what the coin is worth with open positions counted in. Free is what new orders may use: what is in the wallet
 * less what orders and positions hold, and less open losses; open profits do not add to it.
 */
export function readCoinRow(row: unknown): CoinRow | 'bad' {
	if (!isObject(row) || typeof row['coin'] !== 'string') return 'bad';
	const amount = (member: string): Money | undefined => {
		const text = row[member];
		if (text === undefined || text === '') return NO_MONEY;
		return typeof text === 'string' ? parseMoney(text) : undefined;
	};
	const [wallet, total, pnl] = [amount('walletBalance'), amount('equity'), amount('unrealisedPnl')];
	const held = [amount('locked'), amount('totalOrderIM'), amount('totalPositionIM')];
	if (row['walletBalance'] === undefined || wallet === undefined || total === undefined || pnl === undefined) return 'bad';
	let free: bigint = wallet + (pnl < 0n ? pnl : 0n);
	for (const each of held) {
		if (each === undefined) return 'bad';
		free -= each;
	}
	return { currency: row['coin'], free: moneyOf(free), total };
}

/** Left out where each position has a margin of its own. */
export function marginUsedOf(account: unknown): number | undefined {
	const rate = isObject(account) ? account['accountMMRate'] : undefined;
	const used = typeof rate === 'string' && rate !== '' ? Number(rate) : Number.NaN;
	return Number.isFinite(used) ? used : undefined;
}

/** The coins of an account object, which the wallet topic and the wallet query share. */
export function coinsOf(account: unknown): readonly unknown[] | undefined {
	return isObject(account) && Array.isArray(account['coin']) ? account['coin'] : undefined;
}
