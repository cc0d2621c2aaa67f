/**
 * The state of the account as of now, read after the private stream was (re)subscribed: open orders, executions since a
 * time, positions, balances. All of it was read whole, or nothing is told: half a picture leads to no action (F32).
 */
import type { Execution, OrderReport } from '../../domain/execution.ts';
import type { Category, Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import { type SignedLots, signedLots, type TimeMs } from '../../domain/units.ts';
import type { AccountState, HeldMode, StateRead } from '../wire/account-feed.ts';
import type { InstrumentTable } from '../wire/instrument-table.ts';
import { isObject } from '../wire/plain-values.ts';
import { type CoinRow, coinsOf, marginUsedOf, type PositionRow, readCoinRow, readPositionRow } from './account-rows.ts';
import type { FundingPayment } from './codec/frames.ts';
import { readExecutionRow, readOrderRow } from './codec/plain-private.ts';
import { readModes } from './modes.ts';
import { type PagesAsked, type Read, readPages } from './pages.ts';

export interface SnapshotAsked {
	readonly read: Read;
	readonly table: InstrumentTable;
	readonly instruments: readonly Instrument[];
	readonly executionsSinceMs: TimeMs;
	/** How the account is set up is asked too, and for which time. */
	readonly modesRound: number | undefined;
}

const ORDERS_A_PAGE = 50;
const EXECUTIONS_A_PAGE = 100;
const POSITIONS_A_PAGE = 200;

type Kind = 'orders' | 'executions' | 'positions' | 'wallet';

interface Part extends PagesAsked {
	readonly kind: Kind;
	readonly category: Category | undefined;
}

export function readSnapshot(asked: SnapshotAsked, heard: (read: StateRead) => void): void {
	const parts = partsOf(asked);
	const draft = new Draft(asked);
	let waiting = parts.length;
	let failure: string | undefined;
	const answered = (): void => {
		waiting -= 1;
		if (waiting > 0) return;
		heard(failure === undefined ? { kind: 'complete', state: draft.done() } : { kind: 'inconclusive', detail: failure });
	};
	const { read, instruments, modesRound } = asked;
	if (modesRound !== undefined) {
		waiting += 1;
		readModes({ read, instruments, round: modesRound }, (modes) => {
			draft.modes = modes;
			answered();
		});
	}
	for (const part of parts) {
		readPages(asked.read, part, (pages) => {
			const detail = pages.kind === 'inconclusive' ? pages.detail : draft.take(part, pages.rows);
			failure ??= detail;
			answered();
		});
	}
}

/** Linear lists must be asked for by coin; the others by category alone. */
function partsOf({ instruments, executionsSinceMs }: SnapshotAsked): Part[] {
	const parts: Part[] = [];
	const categories = new Set(instruments.map(({ category }) => category));
	for (const category of categories) {
		const settleCoins = new Set(instruments.filter((each) => each.category === category).map((each) => each.settleCurrency));
		const filters: Record<string, string>[] =
			category === 'linear' ? [...settleCoins].map((settleCoin) => ({ category, settleCoin })) : [{ category }];
		for (const params of filters) {
			parts.push({ kind: 'orders', category, path: '/v5/order/realtime', params, limit: ORDERS_A_PAGE });
			if (category === 'spot') continue;
			parts.push({ kind: 'positions', category, path: '/v5/position/list', params, limit: POSITIONS_A_PAGE });
		}
		const since = { category, startTime: String(executionsSinceMs) };
		parts.push({ kind: 'executions', category, path: '/v5/execution/list', params: since, limit: EXECUTIONS_A_PAGE });
	}
	const wallet = { path: '/v5/account/wallet-balance', params: { accountType: 'UNIFIED' }, limit: undefined };
	parts.push({ kind: 'wallet', category: undefined, ...wallet });
	return parts;
}

class Draft {
	modes: readonly HeldMode[] = [];
	readonly #asked: SnapshotAsked;
	readonly #orders: OrderReport[] = [];
	readonly #executions: Execution[] = [];
	readonly #fundings: FundingPayment[] = [];
	/** In hedge mode there are two of one symbol, one each way. */
	readonly #positions = new Map<InstrumentIndex, Map<unknown, SignedLots>>();
	readonly #coins: CoinRow[] = [];
	readonly #skipped: string[] = [];
	#marginUsed: number | undefined;

	constructor(asked: SnapshotAsked) {
		this.#asked = asked;
	}

	/** What is wrong with the rows, if they leave the picture incomplete. */
	take(part: Part, rows: readonly unknown[]): string | undefined {
		for (const [index, row] of rows.entries()) {
			const fault = this.#takeRow(part, row);
			if (fault === undefined) continue;
			const where = `${part.kind}[${index}]${fault}`;
			// An order that cannot be read may be a foreign one of a kind that we never place; ours are looked up by id.
			if (part.kind !== 'orders') return `${where} cannot be read`;
			this.#skipped.push(where);
		}
		return undefined;
	}

	done(): AccountState {
		// A whole list of what is open says of all others that they are flat.
		const positions = this.#asked.instruments
			.filter(({ category }) => category !== 'spot')
			.map((instrument) => {
				const legs = [...(this.#positions.get(instrument.index)?.values() ?? [])];
				return { instrument, positionLotsSigned: signedLots(legs.reduce<number>((sum, lots) => sum + lots, 0)) };
			});
		const [orders, executions, fundings] = [this.#orders, this.#executions, this.#fundings];
		const { modes } = this;
		const marginUsed = this.#marginUsed;
		return { orders, executions, fundings, positions, modes, marginUsed, coins: this.#coins, skipped: this.#skipped };
	}

	#takeRow({ kind, category }: Part, row: unknown): string | undefined {
		const context = { instruments: this.#asked.table, ...(category === undefined ? {} : { category }) };
		switch (kind) {
			case 'orders': {
				const read = readOrderRow(row, { ...context, source: 'stream' });
				if (read.kind === 'order') this.#orders.push(read.report);
				return read.kind === 'bad' ? read.where : undefined;
			}
			case 'executions': {
				const read = readExecutionRow(row, context);
				if (read.kind === 'execution') this.#executions.push(read.execution);
				if (read.kind === 'funding') this.#fundings.push(read.payment);
				return read.kind === 'bad' ? read.where : undefined;
			}
			case 'positions': {
				const read = readPositionRow(row, context);
				if (read === 'bad') return '';
				if (read !== 'unlisted') this.#addPosition(read, row);
				return undefined;
			}
			case 'wallet':
				return this.#takeCoins(row);
		}
	}

	#addPosition({ instrument, positionLotsSigned }: PositionRow, row: unknown): void {
		const legs = this.#positions.get(instrument.index) ?? new Map<unknown, SignedLots>();
		legs.set(isObject(row) ? row['positionIdx'] : undefined, positionLotsSigned);
		this.#positions.set(instrument.index, legs);
	}

	#takeCoins(account: unknown): string | undefined {
		const coins = coinsOf(account);
		if (coins === undefined) return '.coin';
		this.#marginUsed = marginUsedOf(account);
		for (const coin of coins) {
			const read = readCoinRow(coin);
			if (read === 'bad') return '.coin';
			this.#coins.push(read);
		}
		return undefined;
	}
}
