/**
 * Ours: the whole engine as it runs elsewhere, with strategy, gate, planner, bus, dispatcher, adapter and real sockets;
 * only the ticks are asked for by hand. What a tick takes is what the engine itself says: from the first event of the
 * flush to its last answer. Its journal is on the disk of the temporary folder, synced before a create or an amend leaves.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	TICK_APP_SETTINGS as SETTINGS,
	TickApp,
	type TickRoad,
	type Trades,
	tradesOnBybit,
} from '../../src/app/speed/tick-app.ts';
import type { Wish } from '../../src/app/wishes.ts';
import type { EngineEvent } from '../../src/domain/event.ts';
import { type Instrument, parsePrice, parseQty } from '../../src/domain/instrument.ts';
import { changeOf } from '../../src/engine/changes.ts';
import type { Recorder } from '../../src/engine/ports.ts';
import { ENGINE_SETTINGS } from '../../src/engine/settings.ts';
import type { BenchBox } from './tick-box.ts';
import { BATCH_MAX, type Kind, ORDERS_PER_SYMBOL, type WorkQuote, type WorkSymbol } from './tick-work.ts';

export type Channel = TickRoad;
/** `perSymbol`: batches that hold the orders of one symbol; `sequential`: one call an order, one after the other. */
export type Mode = 'crossSymbol' | 'perSymbol' | 'sequential';
export type { Trades };

export interface Taken {
	readonly ms: number;
	readonly calls: number;
	/** Commands that the venue accepted; of ours, those that were sent (`isAsWished` tells whether it took them). */
	readonly accepted: number;
}

/** So exactly is the end of a requote seen that takes seconds. */
const LOOK_EVERY_MS = 10;
const REQUOTE_WITHIN_MS = 120_000;

/** Hears when a venue refuses something for being one too many. */
class RateWatch implements Recorder {
	readonly refusals: string[] = [];

	input(event: EngineEvent): void {
		if (event.kind === 'rate' && event.isRefusal) this.refusals.push(`${event.venue} ${event.category} ${event.verb}`);
	}

	output(): void {}
}

export function openBybit(box: BenchBox, work: readonly WorkSymbol[], road: Channel): Trades {
	return tradesOnBybit(box.listening, box.account('ours'), { symbols: work.map(({ symbol }) => symbol), road });
}

export class OurApp implements AsyncDisposable {
	readonly #ticker: TickApp;
	readonly #work: readonly WorkSymbol[];
	readonly #rates: RateWatch;
	readonly #folder: string;
	#ladder: 0 | 1 = 0;

	private constructor(parts: {
		readonly ticker: TickApp;
		readonly work: readonly WorkSymbol[];
		readonly rates: RateWatch;
		readonly folder: string;
	}) {
		this.#ticker = parts.ticker;
		this.#work = parts.work;
		this.#rates = parts.rates;
		this.#folder = parts.folder;
	}

	/** The places of the trades are those of the work, in its order. */
	static async open(work: readonly WorkSymbol[], trades: Trades, limits: 'off' | 'venue' = 'off'): Promise<OurApp> {
		const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
		const rates = new RateWatch();
		const recorder = limits === 'off' ? {} : { recorder: rates };
		const ticker = await TickApp.open({ ...trades, folder: join(folder, 'journal'), limits, ...recorder });
		return new OurApp({ ticker, work, rates, folder });
	}

	async tick(kind: Kind, mode: Mode): Promise<Taken> {
		this.#set(kind, mode);
		this.#wishElsewhere();
		const { ms, calls, commands } = await this.#ticker.tick();
		return { ms, calls, accepted: commands };
	}

	/** From the wish for other prices until all orders stand there, as fast as the limits let it; in milliseconds. */
	async requote(kind: Kind): Promise<number> {
		this.#set(kind, 'crossSymbol');
		this.#wishElsewhere();
		const startMs = performance.now();
		this.#ticker.begin();
		while (!this.#isThere) {
			if (performance.now() - startMs > REQUOTE_WITHIN_MS) throw new Error('a full requote does not come to its end');
			await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
		}
		return performance.now() - startMs;
	}

	/** What venues have refused for being one too many: where, and which verb. */
	get rateRefusals(): readonly string[] {
		return this.#rates.refusals;
	}

	#wishElsewhere(): void {
		this.#ladder = this.#ladder === 0 ? 1 : 0;
		this.#ticker.want((instrument) => this.#wishesFor(instrument));
	}

	#wishesFor(instrument: Instrument): readonly Wish[] {
		const work = this.#work.find(({ symbol }) => symbol === instrument.symbol);
		return (work?.ladders[this.#ladder] ?? []).map((quote) => wishOf(instrument, quote));
	}

	/** All orders are live at the prices that were wished for last. */
	get #isThere(): boolean {
		if (!this.isAsWished) return false;
		const { engine, instruments } = this.#ticker.app;
		const orders = Map.groupBy(engine.openOrders(), ({ instrument }) => instrument.index);
		return instruments.every((instrument) => {
			const standing = new Set(orders.get(instrument.index)?.map(({ side, priceTicks }) => `${side} ${priceTicks}`));
			return this.#wishesFor(instrument).every(({ side, priceTicks }) => standing.has(`${side} ${priceTicks}`));
		});
	}

	/** All that was wished for last is live, and nothing else. */
	get isAsWished(): boolean {
		return this.#ticker.isAsWanted;
	}

	/** Everything is cancelled, and the venue has nothing of ours left. */
	async [Symbol.asyncDispose](): Promise<void> {
		try {
			await this.#ticker[Symbol.asyncDispose]();
		} finally {
			rmSync(this.#folder, { recursive: true });
		}
	}

	#set(kind: Kind, mode: Mode): void {
		const bus = {
			...SETTINGS.bus,
			parallel: mode !== 'sequential',
			maxBatchSize: mode === 'perSymbol' ? ORDERS_PER_SYMBOL : BATCH_MAX,
		};
		const amendPriceThresholdBps = kind === 'requote' ? ENGINE_SETTINGS.policy.amendPriceThresholdBps : 0;
		const policy = { ...SETTINGS.policy, amendPriceThresholdBps };
		this.#ticker.app.runtime.control(changeOf({ kind: 'setBus', bus }, { kind: 'setPolicy', policy }));
	}
}

function wishOf(instrument: Instrument, { side, price, qty }: WorkQuote): Wish {
	const [parsedPrice, parsedQty] = [parsePrice(instrument, price), parseQty(instrument, qty)];
	if (parsedPrice.kind !== 'ok' || parsedQty.kind !== 'ok') throw new RangeError(`${qty} at ${price} is not on the grid`);
	return { side, priceTicks: parsedPrice.value, qtyLots: parsedQty.value };
}
