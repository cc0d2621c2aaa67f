/**
 * The real engine on a venue that only counts, in virtual time: symbols whose prices wander, a ladder around each, and a
 * rate limit far too small for it. Watches from outside how far the orders that stand are on the wrong side of what is
 * wanted.
 */
import { BookDelta } from '../../src/domain/book-delta.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import { moneyOf } from '../../src/domain/money.ts';
import { RUN_TAGS, runTagOf } from '../../src/domain/order-id.ts';
import type { Side } from '../../src/domain/side.ts';
import { lots, monoMs, ticks } from '../../src/domain/units.ts';
import { Engine } from '../../src/engine/engine.ts';
import { Runtime } from '../../src/engine/runtime.ts';
import { ENGINE_SETTINGS } from '../../src/engine/settings.ts';
import type { Rng } from '../../src/ports/rng.ts';
import { memoryJournal } from '../../src/simulation/memory-journal.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import type { Strategy } from '../../src/strategy/strategy.ts';
import { START_EQUITY, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { Policy } from './budget-policies.ts';
import { CountingVenue } from './budget-venue.ts';

export interface SceneSize {
	readonly symbols: number;
	/** Quotes of a side. */
	readonly levels: number;
}

/** The market moves this often. */
const STEP_MS = 100;
/** How exactly the end of a requote is seen. */
const LOOK_EVERY_MS = 10;
const REST_MS = 2_000;
const START_TICKS = 650_000;
const HALF_SPREAD_BPS = 5;
const LEVEL_BPS = 2;
const QTY = 100;
/** Some symbols are quiet, others wild; the standard deviation of a step. */
const WANDER_BPS = { least: 0.2, most: 1 };
/** How much of each step all symbols share. */
const SHARED = 0.5;
const SIDES: readonly Side[] = ['buy', 'sell'];

export class BudgetScene {
	readonly venue: CountingVenue;
	readonly clock = new VirtualClock(Date.UTC(2026, 0, 1));
	/** Over all quotes, how far they are too eager, in basis points, times how long, in seconds. */
	adverseBpsSec = 0;
	/** The same for how far they are too timid: no danger, but no business either. */
	timidBpsSec = 0;
	readonly #levels: number;
	readonly #instruments: readonly Instrument[];
	readonly #mids: number[];
	readonly #rng: Rng;
	readonly #runtime: Runtime;
	readonly #delta = new BookDelta();
	#bookSequence = 0;

	constructor(size: SceneSize, policy: Policy, seed: number) {
		this.#levels = size.levels;
		this.#rng = seededRng(seed).fork('market');
		this.#instruments = Array.from({ length: size.symbols }, (_, index) =>
			makeTestInstrument({ index, symbol: `SYM${index}USDT` }),
		);
		this.#mids = this.#instruments.map(() => START_TICKS);
		const { clock } = this;
		const sink: Runtime['push'] = (event) => this.#runtime.push(event);
		this.venue = new CountingVenue({ clock, rng: seededRng(seed).fork('ways'), policy, sink });
		const engine = new Engine({
			settings: { ...ENGINE_SETTINGS, limits: { ...WIDE_LIMITS, openOrdersPerSymbolMax: 1_000 } },
			venues: [this.venue.capabilities],
			instruments: this.#instruments,
			quoting: [{ strategy: ladderAroundMid(size.levels), instruments: this.#instruments.map(({ index }) => index) }],
			runTag: runTagOf(seededRng(seed).fork('run').below(RUN_TAGS)),
			lastOrderId: undefined,
			startedAtMono: monoMs(clock.monotonicMs()),
			ranking: policy.rank,
		});
		this.#runtime = new Runtime(engine, { clock, gateways: [this.venue], journal: memoryJournal({ clock, syncMs: 0.2, sink }) });
		this.#runtime.start();
		const money = moneyOf(BigInt(START_EQUITY) * 10n ** 18n);
		this.#runtime.push({ kind: 'balance', venue: 'bybit', currency: 'USDT', free: money, total: money, ...this.#runtime.now() });
	}

	/** All prices wander for so long; what is adverse meanwhile is added up. */
	wander(forMs: number): void {
		for (let wentMs = 0; wentMs < forMs; wentMs += STEP_MS) {
			const shared = this.#normal();
			for (let index = 0; index < this.#mids.length; index += 1) {
				const wildness = WANDER_BPS.least + ((WANDER_BPS.most - WANDER_BPS.least) * index) / this.#mids.length;
				this.#move(index, wildness * (SHARED * shared + Math.sqrt(1 - SHARED ** 2) * this.#normal()));
			}
			this.#publish();
			this.clock.run(STEP_MS);
			this.#addUp(STEP_MS / 1_000);
		}
	}

	/** All prices move at once, and then stand still until every quote stands where it is wanted: how long that took. */
	jump(bps: number): number {
		for (let index = 0; index < this.#mids.length; index += 1) this.#move(index, bps);
		const startMs = this.clock.monotonicMs();
		for (let wentMs = 0; !this.#isAllRight(); wentMs += LOOK_EVERY_MS) {
			if (wentMs > 1_000 * this.quoteCount) throw new Error('a full requote does not come to its end');
			// The same prices again, so that nobody takes the books for stale.
			if (wentMs % STEP_MS === 0) this.#publish();
			this.clock.run(LOOK_EVERY_MS);
		}
		return this.clock.monotonicMs() - startMs;
	}

	/** Nothing happens, and all budgets are full again. */
	rest(): void {
		this.clock.run(REST_MS);
	}

	get quoteCount(): number {
		return this.#instruments.length * this.#levels * SIDES.length;
	}

	#move(index: number, bps: number): void {
		this.#mids[index] = Math.round((this.#mids[index] ?? 0) * (1 + bps / 10_000));
	}

	#publish(): void {
		const { wallMs, monoMs: nowMono } = this.#runtime.now();
		this.#bookSequence += 1;
		for (const [index, { index: instrument }] of this.#instruments.entries()) {
			const mid = this.#mids[index] ?? 0;
			this.#delta.reset('snapshot', this.#bookSequence, wallMs, wallMs);
			this.#delta.push('bid', ticks(mid - 1), lots(QTY));
			this.#delta.push('ask', ticks(mid + 1), lots(QTY));
			this.#runtime.push({ kind: 'book', instrument, delta: this.#delta, wallMs, monoMs: nowMono });
		}
	}

	#addUp(sec: number): void {
		for (const [index, { index: instrument }] of this.#instruments.entries()) {
			const mid = this.#mids[index] ?? 0;
			for (const side of SIDES) {
				for (const [level, price] of this.venue.pricesOf(instrument, side).entries()) {
					const tooEager = side === 'buy' ? price - wanted(mid, side, level) : wanted(mid, side, level) - price;
					const bpsSec = (tooEager * 10_000 * sec) / mid;
					if (bpsSec > 0) this.adverseBpsSec += bpsSec;
					else this.timidBpsSec -= bpsSec;
				}
			}
		}
	}

	#isAllRight(): boolean {
		return this.#instruments.every(({ index: instrument }, index) =>
			SIDES.every((side) => {
				const prices = this.venue.pricesOf(instrument, side);
				const mid = this.#mids[index] ?? 0;
				return prices.length === this.#levels && prices.every((price, level) => price === wanted(mid, side, level));
			}),
		);
	}

	/** Of mean 0 and deviation 1, near enough: twelve uniform draws. */
	#normal(): number {
		let sum = -6;
		for (let i = 0; i < 12; i += 1) sum += this.#rng.next();
		return sum;
	}
}

function wanted(mid: number, side: Side, level: number): number {
	const away = Math.round((mid * (HALF_SPREAD_BPS + level * LEVEL_BPS)) / 10_000);
	return side === 'buy' ? mid - away : mid + away;
}

function ladderAroundMid(levels: number): Strategy<null> {
	return {
		name: 'around the mid',
		init: () => null,
		onEvent: () => {},
		quote({ subject }, _state, out) {
			const mid = subject.book.midTwiceTicks / 2;
			for (const side of SIDES) {
				for (let level = 0; level < levels; level += 1) out.quote(side, level, ticks(wanted(mid, side, level)), lots(QTY));
			}
		},
	};
}
