/**
 * What the engine knows and all its parts share: orders, positions, funds and markets, what it may do and what it may
 * spend. Made once, with every instrument followed; each of these knows how facts change it, and none decides what to do.
 */
import type { EngineEvent } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { purseOf } from '../domain/venue.ts';
import { Lanes } from '../execution/lanes.ts';
import { OrderManager } from '../execution/order-manager.ts';
import { RateBudget } from '../execution/rate-budget.ts';
import { Ledger } from '../portfolio/ledger.ts';
import { AccountExposure } from '../risk/exposure.ts';
import { AccountFunds, type Funds } from '../risk/funds.ts';
import { RiskLevels } from '../risk/level.ts';
import { isAllowed } from '../risk/limits.ts';
import { Parents } from '../risk/parents.ts';
import { Besides } from './besides.ts';
import type { EngineParts } from './engine-parts.ts';
import { Facts, instrumentRecord } from './facts.ts';
import { MarketState } from './market-state.ts';
import type { EngineEffect } from './ports.ts';
import { QuoteRates } from './quote-rates.ts';
import { type Scene, sceneOf } from './scene.ts';
import { TickStats } from './tick-stats.ts';
import { VenueWatch } from './venue-watch.ts';

export interface EngineState extends Ground {
	/** By the index of their instrument. */
	readonly markets: readonly MarketState[];
	readonly scene: Scene;
	readonly rates: QuoteRates;
	readonly parents: Parents;
	readonly besides: Besides;
	readonly stats: TickStats;
}

/** What is there before any instrument is followed. */
interface Ground {
	readonly effects: EngineEffect[];
	readonly facts: Facts;
	readonly orders: OrderManager;
	readonly ledger: Ledger;
	readonly levels: RiskLevels;
	readonly account: AccountExposure;
	readonly funds: AccountFunds;
	readonly lanes: Lanes;
	readonly budget: RateBudget;
	readonly watch: VenueWatch;
}

/** Asks for the comparisons that have to be clean before anything is quoted again. */
type Confirm = (reason: string, at: Pick<EngineEvent, 'wallMs' | 'monoMs'>) => void;

export function stateOf(parts: EngineParts, confirm: Confirm): EngineState {
	const { venues, settings, instruments, recovered } = parts;
	const levels = new RiskLevels();
	const ground: Ground = {
		effects: [],
		facts: new Facts(),
		orders: new OrderManager(),
		ledger: recovered === undefined ? new Ledger() : Ledger.restore(recovered.state.ledger),
		levels,
		account: new AccountExposure(),
		funds: new AccountFunds(),
		lanes: new Lanes(venues),
		budget: new RateBudget(
			venues.flatMap(({ rateRules }) => rateRules),
			settings.budget,
		),
		watch: new VenueWatch(venues, levels, confirm),
	};
	const markets: MarketState[] = [];
	for (const instrument of instruments) markets[instrument.index] = follow(instrument, ground, parts);
	const [first] = markets;
	if (first === undefined) throw new RangeError('an engine needs at least one instrument, at index 0');
	return {
		...ground,
		markets,
		scene: sceneOf(first),
		rates: new QuoteRates(first.instrument.quoteCurrency, markets),
		parents: new Parents(),
		besides: new Besides(),
		stats: new TickStats(parts.meter),
	};
}

function follow(instrument: Instrument, ground: Ground, { settings: { limits }, startedAtMono }: EngineParts): MarketState {
	const { facts, orders, ledger, lanes, budget, account, watch } = ground;
	facts.add(instrumentRecord(instrument));
	orders.follow(instrument);
	ledger.follow(instrument);
	const lane = lanes.follow(instrument);
	budget.follow(lane);
	const funds = (currency: string): Funds => ground.funds.of(purseOf(instrument.venue, lane.capability), currency);
	const isSpot = instrument.category === 'spot';
	const market = new MarketState(
		{
			instrument,
			lane,
			orders,
			ledger,
			buyFunds: funds(isSpot ? instrument.quoteCurrency : instrument.settleCurrency),
			clock: watch.clockOf(instrument.venue),
			sellFunds: funds(isSpot ? instrument.baseCurrency : instrument.settleCurrency),
			bookAgeMsMax: limits.bookAgeMsMax,
		},
		startedAtMono,
	);
	market.isAllowed = isAllowed(instrument, limits);
	account.track(market.exposure);
	return market;
}
