/**
 * Everything that can be asked of Bybit over REST apart from order entry, each answer checked by schema. A failure is a
 * value with a class and one sentence. A list is whole or it is a failure: half a list, a cursor that comes round again
 * and an answer of the wrong shape prove nothing, and nobody may act on them (F31, F32).
 */
import type { z } from 'zod';
import type { Category } from '../../domain/instrument.ts';
import type { FailureClass } from '../../domain/outcome.ts';
import { timeMs } from '../../domain/units.ts';
import { CANCEL_PATIENCE, type PatienceOptions } from '../wire/patience.ts';
import { type Read as PageRead, readPages } from './pages.ts';
import {
	ACCOUNT,
	type AccountState,
	ANYTHING,
	type BookSnapshot,
	CANCELLED,
	DCP,
	type DcpState,
	FEE_RATES,
	type FeeRate,
	KEY,
	type KeyState,
	KLINES,
	type Kline,
	ORDER_BOOK,
	POSITION_ROW,
	type PositionRow,
	ROWS,
	TICKERS,
	type Ticker,
	WALLET,
	type WalletState,
} from './reads-schemas.ts';
import { type BybitRest, ORDER_POOL, type QueryParams, type RateLimits, READ_POOL, type RestAnswer } from './rest.ts';

export interface ReadFailed {
	readonly kind: 'failed';
	readonly class: FailureClass;
	/** The venue's own, where it refused. */
	readonly code: number | undefined;
	readonly sentence: string;
}

export type Read<Value> =
	| {
			readonly kind: 'ok';
			readonly value: Value;
			/** Of the first page, where there are several: whatever came later may be missing. */
			readonly venueAtMs: number | undefined;
			readonly limits: RateLimits | undefined;
	  }
	| ReadFailed;

/** Which orders or positions: one symbol, or all that settle in a coin. Spot and inverse may leave both out. */
export interface Selection {
	readonly category: Category;
	readonly symbol?: string;
	readonly settleCoin?: string;
}

export interface Span {
	readonly startTime?: number;
	readonly endTime?: number;
}

export type DcpProduct = 'SPOT' | 'DERIVATIVES' | 'OPTIONS';

const TIMEOUT_MS = 10_000;
const CANCEL_TIMEOUT_MS = 2_000;
const LIMIT = { instruments: 1_000, positions: 200, orders: 50, executions: 100, klines: 1_000 } as const;

export class BybitReads {
	readonly #rest: BybitRest;
	readonly #patience: PatienceOptions | undefined;
	readonly #timeoutMs: number;
	readonly #isWanted: (() => boolean) | undefined;

	/**
	 * `patience`, and the time for each attempt, are for those who would rather hear a failure than wait. Once `isWanted` says
	 * no, nothing more is sent.
	 */
	constructor(rest: BybitRest, patience?: PatienceOptions, timeoutMs = TIMEOUT_MS, isWanted?: () => boolean) {
		this.#rest = rest;
		this.#patience = patience;
		this.#timeoutMs = timeoutMs;
		this.#isWanted = isWanted;
	}

	async serverTimeMs(): Promise<Read<number>> {
		const read = await this.#read('/v5/market/time', {}, ANYTHING, 'public');
		if (read.kind === 'failed') return read;
		return read.venueAtMs === undefined ? unreadable('/v5/market/time', 'it bears no time') : { ...read, value: read.venueAtMs };
	}

	async tickers(category: Category, symbol?: string): Promise<Read<readonly Ticker[]>> {
		return listOf(await this.#read('/v5/market/tickers', { category, symbol }, TICKERS, 'public'));
	}

	/** Rows as the venue writes them, for `market-reader.ts`. */
	async tickerRows(category: Category, symbol?: string): Promise<Read<readonly unknown[]>> {
		return listOf(await this.#read('/v5/market/tickers', { category, symbol }, ROWS, 'public'));
	}

	orderBook(category: Category, symbol: string, limit: number): Promise<Read<BookSnapshot>> {
		return this.#read('/v5/market/orderbook', { category, symbol, limit }, ORDER_BOOK, 'public');
	}

	async klines(category: Category, symbol: string, of: { interval: string; start?: number; end?: number; limit?: number }) {
		const { interval, start, end, limit = LIMIT.klines } = of;
		const read = await this.#read('/v5/market/kline', { category, symbol, interval, start, end, limit }, KLINES, 'public');
		return listOf<Kline>(read);
	}

	/** Rows as the venue writes them, for instruments.ts: one row that is wrong must not hide the others. */
	instrumentRows(
		category: Category,
		/** Without a status only what trades is listed. */
		of: { readonly symbol?: string; readonly status?: string } = {},
	): Promise<Read<readonly unknown[]>> {
		return this.#pages('/v5/market/instruments-info', { category, ...of }, 'public', LIMIT.instruments);
	}

	async fees(category: Category, symbol?: string): Promise<Read<readonly FeeRate[]>> {
		return listOf(await this.#read('/v5/account/fee-rate', { category, symbol }, FEE_RATES, 'private'));
	}

	async positions(selection: Selection): Promise<Read<readonly PositionRow[]>> {
		const path = '/v5/position/list';
		const read = await this.#pages(path, { ...selection }, 'private', LIMIT.positions);
		if (read.kind === 'failed') return read;
		const value: PositionRow[] = [];
		for (const row of read.value) {
			const parsed = POSITION_ROW.safeParse(row);
			if (!parsed.success) return unreadable(path, issueOf(parsed.error));
			value.push(parsed.data);
		}
		return { ...read, value };
	}

	async wallet(coins?: readonly string[]): Promise<Read<WalletState>> {
		const params = { accountType: 'UNIFIED', coin: coins?.join(',') };
		const read = listOf(await this.#read('/v5/account/wallet-balance', params, WALLET, 'private'));
		if (read.kind === 'failed') return read;
		const [value] = read.value;
		return value === undefined ? unreadable('/v5/account/wallet-balance', 'the list is empty') : { ...read, value };
	}

	openOrderRows(selection: Selection): Promise<Read<readonly unknown[]>> {
		return this.#pages('/v5/order/realtime', { ...selection }, 'private', LIMIT.orders);
	}

	orderHistoryRows(selection: Selection & Span): Promise<Read<readonly unknown[]>> {
		return this.#pages('/v5/order/history', { ...selection }, 'private', LIMIT.orders);
	}

	executionRows(selection: Selection & Span): Promise<Read<readonly unknown[]>> {
		return this.#pages('/v5/execution/list', { ...selection }, 'private', LIMIT.executions);
	}

	account(): Promise<Read<AccountState>> {
		return this.#read('/v5/account/info', {}, ACCOUNT, 'private');
	}

	key(): Promise<Read<KeyState>> {
		return this.#read('/v5/user/query-api', {}, KEY, 'private');
	}

	/** What is not in the list is not set. */
	async dcp(): Promise<Read<readonly DcpState[]>> {
		const read = await this.#read('/v5/account/query-dcp-info', {}, DCP, 'private');
		return read.kind === 'ok' ? { ...read, value: read.value.dcpInfos ?? [] } : read;
	}

	setDcp(product: DcpProduct, windowSec: number): Promise<Read<unknown>> {
		return this.#change('/v5/order/disconnected-cancel-all', { product, timeWindow: windowSec }, ANYTHING);
	}

	/** Futures take at most 500 orders a call: repeat until none is open. */
	async cancelAll(selection: Selection): Promise<Read<readonly { readonly orderId: string; readonly orderLinkId: string }[]>> {
		return listOf(await this.#change('/v5/order/cancel-all', selection, CANCELLED));
	}

	/** One that is set already is as good as one that was set. */
	async setLeverage(category: 'linear' | 'inverse', symbol: string, leverage: string): Promise<Read<unknown>> {
		const body = { category, symbol, buyLeverage: leverage, sellLeverage: leverage };
		const read = await this.#change('/v5/position/set-leverage', body, ANYTHING);
		const isAsAsked = read.kind === 'failed' && read.class === 'benign';
		return isAsAsked ? { kind: 'ok', value: undefined, venueAtMs: undefined, limits: undefined } : read;
	}

	async #read<Schema extends z.ZodType>(
		path: string,
		params: QueryParams,
		schema: Schema,
		access: 'public' | 'private',
	): Promise<Read<z.infer<Schema>>> {
		const answer = await this.#rest.askAsync({
			method: 'GET',
			path,
			params,
			signed: access === 'private',
			kind: 'read',
			pool: READ_POOL,
			timeoutMs: this.#timeoutMs,
			...(this.#patience === undefined ? {} : { patience: this.#patience }),
			...(this.#isWanted === undefined ? {} : { isWanted: this.#isWanted }),
		});
		return readOf(path, answer, schema);
	}

	/** All of these name what they are to reach, so that doing them twice does no harm. */
	async #change<Schema extends z.ZodType>(path: string, body: object, schema: Schema): Promise<Read<z.infer<Schema>>> {
		const answer = await this.#rest.askAsync({
			method: 'POST',
			path,
			body: JSON.stringify(body),
			signed: true,
			kind: 'order',
			pool: ORDER_POOL,
			timeoutMs: CANCEL_TIMEOUT_MS,
			patience: this.#patience ?? CANCEL_PATIENCE,
		});
		return readOf(path, answer, schema);
	}

	/** The failure of a page keeps its class and code; what is wrong with the list as a whole is transient. */
	#pages(path: string, params: QueryParams, access: 'public' | 'private', limit: number): Promise<Read<readonly unknown[]>> {
		let broken: ReadFailed | undefined;
		let limits: RateLimits | undefined;
		const read: PageRead = (pagePath, pageParams, heard) =>
			void this.#read(pagePath, { ...params, ...pageParams }, ANYTHING, access).then((page) => {
				if (page.kind === 'failed') {
					broken = page;
					return heard({ kind: 'failed', detail: page.sentence });
				}
				if (page.venueAtMs === undefined) return heard({ kind: 'failed', detail: 'it bears no time' });
				limits = page.limits;
				heard({ kind: 'ok', result: page.value, venueAtMs: timeMs(page.venueAtMs) });
			});
		const given = Object.entries(params).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
		return new Promise((resolve) =>
			readPages(read, { path, params: Object.fromEntries(given) as Record<string, string>, limit }, (pages) => {
				if (pages.kind === 'inconclusive') resolve(broken ?? unreadable(path, pages.detail));
				else resolve({ kind: 'ok', value: pages.rows, venueAtMs: pages.venueAtMs, limits });
			}),
		);
	}
}

function readOf<Schema extends z.ZodType>(path: string, answer: RestAnswer, schema: Schema): Read<z.infer<Schema>> {
	switch (answer.kind) {
		case 'ok': {
			const parsed = schema.safeParse(answer.result);
			if (!parsed.success) return unreadable(path, issueOf(parsed.error));
			return { kind: 'ok', value: parsed.data, venueAtMs: answer.venueAtMs, limits: answer.limits };
		}
		case 'refused': {
			const { code, message, verdict } = answer;
			const sentence = `Bybit refuses ${path}: ${verdict.meaning} (${code}${message === '' ? '' : `: ${message}`})`;
			return { kind: 'failed', class: verdict.class, code, sentence };
		}
		case 'lost':
			return { kind: 'failed', class: 'transient', code: undefined, sentence: `no answer to ${path}: ${answer.detail}` };
		case 'unreadable':
			return unreadable(path, answer.detail);
	}
}

function listOf<Row>(read: Read<{ list: readonly Row[] }>): Read<readonly Row[]> {
	return read.kind === 'ok' ? { ...read, value: read.value.list } : read;
}

function unreadable(path: string, why: string): ReadFailed {
	return { kind: 'failed', class: 'transient', code: undefined, sentence: `the answer to ${path} cannot be used: ${why}` };
}

/** Where and what was expected; never the value that was found, which is the venue's text. */
function issueOf(error: z.ZodError): string {
	const [issue] = error.issues;
	if (issue === undefined) return 'it has another shape';
	const where = issue.path.map((part) => String(part).slice(0, 32)).join('.');
	return `${where === '' ? 'result' : where}: ${issue.message.slice(0, 160)}`;
}
