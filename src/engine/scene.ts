/**
 * What the gate looks at: one reusable object, pointed at a symbol before each question. The account-wide figures are
 * set by the engine as facts about them arrive.
 */
import type { Order } from '../domain/order.ts';
import type { MonoMs, TimeMs } from '../domain/units.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import type { GateScene } from '../risk/gate.ts';
import type { KillLevel, RiskLevels } from '../risk/level.ts';
import type { MarketState } from './market-state.ts';

/** A pause of the account or a hold of the symbol stops quoting, not the way out of a position. */
const ALLOWED: Readonly<Record<KillLevel, GateScene['allows']>> = {
	run: 'all',
	pauseQuoting: 'reduceOnly',
	reduceOnly: 'reduceOnly',
	kill: 'nothing',
};

export type Scene = { -readonly [K in keyof GateScene]: GateScene[K] };

export function sceneOf(market: MarketState): Scene {
	return {
		nowMono: 0 as MonoMs,
		wallMs: 0 as TimeMs,
		allows: 'all',
		isSymbolAllowed: true,
		instrumentAgeMs: 0,
		isBookSound: false,
		bookAgeMs: 0,
		bookBeatMs: 0,
		midTwiceTicks: 0,
		markTicks: 0,
		exposure: market.exposure,
		openOrders: [] as Order[],
		accountOrderCount: 0,
		buyFunds: market.buyFunds,
		sellFunds: market.sellFunds,
		equity: undefined,
		isPositionModeRight: true,
		clockOffsetMs: 0,
		journalDelayMs: 0,
		rateRoom: Number.POSITIVE_INFINITY,
		parentRoomLots: Number.POSITIVE_INFINITY,
	};
}

export function lookAt(
	scene: Scene,
	market: MarketState,
	at: {
		readonly orders: OrderManager;
		readonly levels: RiskLevels;
		readonly journalDelayMs: number;
		readonly now: { readonly monoMs: MonoMs; readonly wallMs: TimeMs };
		/** What of the rate budget is there for an order that no plan has counted. */
		readonly rateRoom: number;
		readonly parentRoomLots: number;
		/** The way out of a position after a kill, which a person asked for (KL5). */
		readonly isFlatten: boolean;
	},
): void {
	const { monoMs, wallMs } = at.now;
	market.nowMono = monoMs;
	const isHeld = at.levels.holdReason(market.instrument.index, monoMs) !== undefined;
	scene.allows = at.isFlatten ? 'reduceOnly' : ALLOWED[isHeld && at.levels.level === 'run' ? 'pauseQuoting' : at.levels.level];
	scene.isSymbolAllowed = market.isAllowed;
	scene.rateRoom = at.rateRoom;
	scene.parentRoomLots = at.parentRoomLots;
	scene.nowMono = monoMs;
	scene.wallMs = wallMs;
	scene.instrumentAgeMs = monoMs - market.refreshedAtMono;
	scene.isBookSound = market.isBookSound;
	scene.bookAgeMs = market.bookAgeMs;
	scene.bookBeatMs = market.bookBeatMs;
	scene.midTwiceTicks = market.book.midTwiceTicks;
	scene.markTicks = market.markTicks;
	scene.exposure = market.exposure;
	scene.openOrders = at.orders.openOrdersOf(market.instrument.index);
	scene.accountOrderCount = at.orders.openCount;
	scene.buyFunds = market.buyFunds;
	scene.sellFunds = market.sellFunds;
	scene.isPositionModeRight = market.isPositionModeRight;
	scene.clockOffsetMs = market.clock.offsetMs;
	scene.journalDelayMs = at.journalDelayMs;
}
