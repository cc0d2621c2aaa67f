/** What updates of an account say about coins and positions. They are rare, and are not scanned. */
import type { Instrument } from '../../../domain/instrument.ts';
import { type Money, moneyOf, parseMoney } from '../../../domain/money.ts';
import { signedLots, type TimeMs } from '../../../domain/units.ts';
import type { InstrumentTable } from '../../wire/instrument-table.ts';
import { isObject, type JsonObject, stepsFromZero, wholeNumber } from '../../wire/plain-values.ts';
import type { BadReason, BalanceNews, PrivateSink } from './frames.ts';
import { type Fault, fault, isFault, type Wrong } from './plain.ts';
import { isId } from './private-words.ts';

/** No account holds so many coins or positions; more are no account update. */
const ROWS_MAX = 4096;

/** Spot's `outboundAccountPosition`: coins that may have changed. */
export function tellBalancesOfSpot(record: JsonObject, sink: PrivateSink): Wrong | undefined {
	const changedAtMs = wholeNumber(record['u']);
	if (typeof changedAtMs === 'string') return wrongWith(changedAtMs, 'u');
	return forEachRow(record['B'], 'B', (row) => {
		const currency = currencyOf(row);
		const [free, locked] = [moneyIn(row, 'f'), moneyIn(row, 'l')];
		if (currency === undefined) return wrongWith('bad-id', '.a');
		if (free === undefined) return wrongWith('not-a-decimal', '.f');
		if (locked === undefined) return wrongWith('not-a-decimal', '.l');
		sink.balance({ currency, free, total: moneyOf(free + locked), changedAtMs: changedAtMs as TimeMs });
		return undefined;
	});
}

/** Futures' `ACCOUNT_UPDATE`: coins and positions that changed, and why. */
export function tellUpdateOfAccount(record: JsonObject, instruments: InstrumentTable, sink: PrivateSink): Wrong | undefined {
	const time = wholeNumber(record['T']);
	if (typeof time === 'string') return wrongWith(time, 'T');
	const changedAtMs = time as TimeMs;
	const account = record['a'];
	if (!isObject(account)) return wrongWith('missing', 'a');
	const wrongCoin = forEachRow(account['B'] ?? [], 'a.B', (row) => {
		const news = readCoin(row, changedAtMs);
		if (isFault(news)) return { ...news, instrument: undefined };
		sink.balance(news);
		return undefined;
	});
	// It has no number here and mostly no symbol, so the list of income is what it is booked from.
	if (wrongCoin === undefined && account['m'] === 'FUNDING_FEE') sink.unbooked(undefined);
	const wrongPosition = forEachRow(account['P'] ?? [], 'a.P', (row) => tellPosition(row, { instruments, changedAtMs }, sink));
	return wrongCoin ?? wrongPosition;
}

function readCoin(row: JsonObject, changedAtMs: TimeMs): BalanceNews | Fault {
	const currency = currencyOf(row);
	if (currency === undefined) return fault('bad-id', '.a');
	const total = moneyIn(row, 'wb');
	return total === undefined ? fault('not-a-decimal', '.wb') : { currency, total, free: undefined, changedAtMs };
}

function tellPosition(
	row: JsonObject,
	{ instruments, changedAtMs }: { readonly instruments: InstrumentTable; readonly changedAtMs: TimeMs },
	sink: PrivateSink,
): Wrong | undefined {
	const symbol = row['s'];
	if (typeof symbol !== 'string') return wrongWith('missing', '.s');
	const instrument = instruments.findText('linear', symbol);
	if (instrument === undefined) {
		sink.unlisted();
		return undefined;
	}
	// Two positions in one symbol are not what we keep books of: whoever reads the account's settings says so.
	if ((row['ps'] ?? 'BOTH') !== 'BOTH') {
		sink.unbooked(instrument);
		return undefined;
	}
	const text = row['pa'];
	if (typeof text !== 'string') return wrongWith('missing', '.pa', instrument);
	const isShort = text.startsWith('-');
	const lots = stepsFromZero(isShort ? text.slice(1) : text, instrument.qtyGrid);
	if (typeof lots === 'string') return wrongWith(lots, '.pa', instrument);
	sink.position({ instrument, positionLotsSigned: signedLots(isShort ? -lots : lots), changedAtMs });
	return undefined;
}

/** Each row stands for itself: the first bad one is the answer, and the others are read all the same. */
function forEachRow(rows: unknown, where: string, read: (row: JsonObject) => Wrong | undefined): Wrong | undefined {
	if (!Array.isArray(rows)) return wrongWith('missing', where);
	if (rows.length > ROWS_MAX) return wrongWith('too-many', where);
	let first: Wrong | undefined;
	for (const [index, row] of (rows as readonly unknown[]).entries()) {
		const wrong = isObject(row) ? read(row) : wrongWith('missing', '');
		if (wrong !== undefined) first ??= { ...wrong, where: `${where}[${index}]${wrong.where}` };
	}
	return first;
}

function wrongWith(reason: BadReason, where: string, instrument?: Instrument): Wrong {
	return { reason, where, instrument };
}

function currencyOf(row: JsonObject): string | undefined {
	const coin = row['a'];
	return typeof coin === 'string' && coin !== '' && isId(coin) ? coin : undefined;
}

function moneyIn(row: JsonObject, member: string): Money | undefined {
	const text = row[member];
	return typeof text === 'string' ? parseMoney(text) : undefined;
}
