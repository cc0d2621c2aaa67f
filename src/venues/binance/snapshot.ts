/**
 * The state of the account as of now, of all markets that are traded: open orders, trades since a time, positions, coins.
 * All of it was read whole, or nothing is told: half a picture leads to no action (F32). How the account is set up (F62) is
 * no part of that; what cannot be found out of it is left out.
 */
import type { Execution, OrderReport } from '../../domain/execution.ts';
import type { Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import { signedLots, type TimeMs } from '../../domain/units.ts';
import type { HeldCoin, HeldMode, HeldPosition, Payment, StateRead } from '../wire/account-feed.ts';
import type { InstrumentTable } from '../wire/instrument-table.ts';
import { venueText } from '../wire/verdict.ts';
import {
	type RowContext,
	type RowRead,
	readCoinRow,
	readFundingRow,
	readOrderRow,
	readPositionRow,
	readTradeRow,
	WALLET_OF,
} from './account-rows.ts';
import type { Market } from './codec/frames.ts';
import type { Read } from './read.ts';
import type { BinanceReads } from './reads.ts';
import type { FuturesAccount, SpotAccount } from './reads-schemas.ts';

export type SnapshotReads = Pick<
	BinanceReads,
	| 'openOrderRows'
	| 'tradeRows'
	| 'fundingRows'
	| 'positionRows'
	| 'spotAccount'
	| 'futuresAccount'
	| 'futuresConfig'
	| 'symbolConfigs'
>;

export interface SnapshotAsked {
	/** Of the markets that are traded. */
	readonly reads: Readonly<Partial<Record<Market, SnapshotReads>>>;
	readonly table: InstrumentTable;
	readonly instruments: readonly Instrument[];
	/** Undefined: nothing can have gone past us since they were read last, and they weigh much. */
	readonly listsSince: { readonly tradesMs: TimeMs; readonly fundingsMs: TimeMs } | undefined;
	readonly venueNowMs: () => number;
	/** How the account is set up is asked too. */
	readonly withModes: boolean;
}

/** Up to so many symbols, asking for the orders of each costs less than asking for those of all. */
const SYMBOLS_SINGLY_MAX = 5;
const MARKETS = ['spot', 'linear'] as const satisfies readonly Market[];

export async function readSnapshot(asked: SnapshotAsked): Promise<StateRead> {
	const drafts = await Promise.all(MARKETS.flatMap((market) => draftOf(asked, market) ?? []));
	const failure = drafts.find((draft) => draft.failure !== undefined)?.failure;
	if (failure !== undefined) return { kind: 'inconclusive', detail: failure };
	const state = {
		orders: drafts.flatMap((draft) => draft.orders),
		executions: asked.listsSince === undefined ? undefined : drafts.flatMap((draft) => draft.executions),
		fundings: drafts.flatMap((draft) => draft.fundings),
		positions: drafts.flatMap((draft) => draft.positions),
		coins: drafts.flatMap((draft) => draft.coins),
		modes: drafts.flatMap((draft) => draft.modes),
		marginUsed: drafts.find((draft) => draft.marginUsed !== undefined)?.marginUsed,
		skipped: drafts.flatMap((draft) => draft.skipped),
	};
	return { kind: 'complete', state };
}

interface Draft {
	readonly orders: OrderReport[];
	readonly executions: Execution[];
	readonly fundings: Payment[];
	readonly positions: HeldPosition[];
	readonly coins: HeldCoin[];
	readonly modes: HeldMode[];
	marginUsed: number | undefined;
	readonly skipped: string[];
	/** The first thing that is missing for a whole picture. */
	failure: string | undefined;
}

function draftOf(asked: SnapshotAsked, market: Market): Promise<Draft> | undefined {
	const reads = asked.reads[market];
	const instruments = asked.instruments.filter(({ category }) => category === market);
	return reads === undefined || instruments.length === 0 ? undefined : new Draughtsman(asked, market, reads, instruments).draw();
}

/** Draws the part of one market. */
class Draughtsman {
	readonly #asked: SnapshotAsked;
	readonly #market: Market;
	readonly #reads: SnapshotReads;
	readonly #instruments: readonly Instrument[];
	readonly #context: RowContext;
	readonly #draft: Draft = {
		orders: [],
		executions: [],
		fundings: [],
		positions: [],
		coins: [],
		modes: [],
		marginUsed: undefined,
		skipped: [],
		failure: undefined,
	};

	constructor(asked: SnapshotAsked, market: Market, reads: SnapshotReads, instruments: readonly Instrument[]) {
		this.#asked = asked;
		this.#market = market;
		this.#reads = reads;
		this.#instruments = instruments;
		this.#context = { market, instruments: asked.table };
	}

	async draw(): Promise<Draft> {
		const parts = [this.#orders(), this.#trades(), this.#coins()];
		if (this.#market === 'linear') parts.push(this.#positions(), this.#fundings(), this.#modes());
		await Promise.all(parts);
		this.#nameTrades();
		return this.#draft;
	}

	async #orders(): Promise<void> {
		const symbols = this.#instruments.map(({ symbol }) => symbol);
		const lists = symbols.length <= SYMBOLS_SINGLY_MAX ? symbols : [undefined];
		const reads = await Promise.all(lists.map((symbol) => this.#reads.openOrderRows(symbol)));
		for (const rows of reads.flatMap((read) => this.#taken(read))) {
			// One that cannot be read may be a foreign order of a kind that we never place; ours are looked up by id.
			this.#each('orders', rows, (row) => readOrderRow(row, this.#context), 'skip').forEach((report) =>
				this.#draft.orders.push({ ...report, source: 'stream' }),
			);
		}
	}

	async #trades(): Promise<void> {
		const { listsSince, venueNowMs } = this.#asked;
		if (listsSince === undefined) return;
		const reads = await Promise.all(
			this.#instruments.map(({ symbol }) => this.#reads.tradeRows(symbol, listsSince.tradesMs, venueNowMs)),
		);
		for (const rows of reads.flatMap((read) => this.#taken(read))) {
			this.#draft.executions.push(...this.#each('trades', rows, (row) => readTradeRow(row, this.#context)));
		}
	}

	async #fundings(): Promise<void> {
		const { listsSince, venueNowMs } = this.#asked;
		if (listsSince === undefined) return;
		for (const rows of this.#taken(await this.#reads.fundingRows(listsSince.fundingsMs, venueNowMs))) {
			this.#draft.fundings.push(...this.#each('income', rows, (row) => readFundingRow(row, this.#context)));
		}
	}

	/** A whole list of what is open says of all others that they are flat. */
	async #positions(): Promise<void> {
		const held = new Map<InstrumentIndex, HeldPosition>();
		for (const rows of this.#taken(await this.#reads.positionRows())) {
			for (const { instrument, positionLotsSigned } of this.#each('positions', rows, (row) =>
				readPositionRow(row, this.#context),
			)) {
				// Of a pair, one each way, what counts is the sum.
				const other = held.get(instrument.index)?.positionLotsSigned ?? 0;
				held.set(instrument.index, { instrument, positionLotsSigned: signedLots(other + positionLotsSigned) });
			}
		}
		const flat = signedLots(0);
		for (const instrument of this.#instruments) {
			this.#draft.positions.push(held.get(instrument.index) ?? { instrument, positionLotsSigned: flat });
		}
	}

	/** One position a symbol or two is a setting of the whole account; what backs them and how far, of each symbol. */
	async #modes(): Promise<void> {
		if (!this.#asked.withModes) return;
		const [config, symbols] = await Promise.all([this.#reads.futuresConfig(), this.#reads.symbolConfigs()]);
		const isHedged = config.kind === 'ok' ? config.value.dualSidePosition : undefined;
		const configs = new Map(symbols.kind === 'ok' ? symbols.value.map((row) => [row.symbol, row] as const) : []);
		for (const instrument of this.#instruments) {
			const row = configs.get(instrument.symbol);
			const margin = row === undefined ? undefined : marginOf(row.marginType);
			this.#draft.modes.push({ instrument, isHedged, margin, leverage: row?.leverage });
		}
	}

	async #coins(): Promise<void> {
		const account = await readAccount(this.#reads, this.#market);
		const read = coinsOf(account, this.#market);
		if (read.kind === 'failed') this.#fail(read.sentence);
		else this.#draft.coins.push(...read.value);
		if (account.kind === 'ok' && 'assets' in account.value) this.#draft.marginUsed = marginUsedOf(account.value);
	}

	/** The list of trades does not say our ids of orders; where the order still stands, its own row does (F87). */
	#nameTrades(): void {
		const { orders, executions } = this.#draft;
		const names = new Map(orders.map((report) => [nameKey(report), report.clientOrderId]));
		for (const [index, execution] of executions.entries()) {
			const clientOrderId = names.get(nameKey(execution));
			if (clientOrderId !== undefined) executions[index] = { ...execution, clientOrderId };
		}
	}

	#each<Value>(
		list: string,
		rows: readonly unknown[],
		read: (row: unknown) => RowRead<Value>,
		onBad: 'fail' | 'skip' = 'fail',
	): Value[] {
		return rows.flatMap((row, index) => {
			const each = read(row);
			if (each.kind === 'read') return [each.value];
			if (each.kind === 'unlisted') return [];
			const where = `${this.#market} ${list}[${index}].${each.where}`;
			if (onBad === 'skip') this.#draft.skipped.push(where);
			else this.#fail(`${where} cannot be read`);
			return [];
		});
	}

	/** As one list, or none. */
	#taken<Value>(read: Read<Value>): Value[] {
		if (read.kind === 'ok') return [read.value];
		this.#fail(read.sentence);
		return [];
	}

	#fail(detail: string): void {
		this.#draft.failure ??= detail;
	}
}

type AccountReads = Pick<SnapshotReads, 'spotAccount' | 'futuresAccount'>;

/** Of one market's wallet. */
export async function readCoins(reads: AccountReads, market: Market): Promise<Read<readonly HeldCoin[]>> {
	return coinsOf(await readAccount(reads, market), market);
}

async function readAccount(reads: AccountReads, market: Market): Promise<Read<SpotAccount | FuturesAccount>> {
	return market === 'spot' ? await reads.spotAccount() : await reads.futuresAccount();
}

/** In dollars, of cross margin. */
function marginUsedOf({ totalMaintMargin, totalMarginBalance }: FuturesAccount): number {
	const kept = Number(totalMaintMargin);
	return kept === 0 ? 0 : kept / Math.max(0, Number(totalMarginBalance));
}

function coinsOf(read: Read<SpotAccount | FuturesAccount>, market: Market): Read<readonly HeldCoin[]> {
	if (read.kind === 'failed') return read;
	const rows = 'balances' in read.value ? read.value.balances : read.value.assets;
	const wallet = WALLET_OF[market];
	const coins: HeldCoin[] = [];
	for (const [index, row] of rows.entries()) {
		const coin = readCoinRow(row, market);
		if (coin === 'bad') {
			return { kind: 'failed', class: 'transient', code: undefined, sentence: `${market} coins[${index}] cannot be read` };
		}
		coins.push({ wallet, ...coin });
	}
	return { ...read, value: coins };
}

function marginOf(word: string): string {
	return venueText(word).toLowerCase();
}

function nameKey({ instrument, venueOrderId }: Pick<OrderReport, 'instrument' | 'venueOrderId'>): string {
	return `${instrument.index} ${venueOrderId}`;
}
