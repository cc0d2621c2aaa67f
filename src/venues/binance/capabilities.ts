/**
 * What Binance can do for orders, and how often, as its documents promise it to everybody; answers say the limits anew.
 *
 * Spot takes one order a call and amends only downwards, which is no amend as we mean it: there, orders are cancelled and
 * created. Futures change price and quantity in place (the order goes to the back of its queue) and take batches, of which
 * cancels are of one symbol each.
 *
 * Futures count orders in two windows, a change as much as a new one. A batch counts as a full one in the shorter window,
 * however little it carries, and as one order in the longer. Cancels only weigh, on both markets, and several as much as one.
 */
import { VERBS } from '../../domain/command.ts';
import type { CategoryCapability, RateRule, VenueCapabilities } from '../../domain/venue.ts';
import type { LimitRule } from './weights.ts';

const TEN_SECONDS_MS = 10_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const PLACES_A_CALL = 5;
const AMENDS_A_CALL = 5;
const CANCELS_A_CALL = 10;

export function binanceCapabilities(venue: string): VenueCapabilities {
	return { venue, rateRules: rateRules(venue), categories: { spot: SPOT, linear: FUTURES } };
}

/** A book that says nothing is asked about after 1.5 s, and nothing else speaks where nothing moves. */
const BOOK_BEAT_MS = 3_500;

const ONE_A_CALL = { batchMax: 1, mixesSymbols: false };

const SPOT: CategoryCapability = {
	verbs: { place: ONE_A_CALL, amend: ONE_A_CALL, cancel: ONE_A_CALL },
	canAmend: false,
	amendsPrice: false,
	amendsQty: false,
	bookBeatMs: BOOK_BEAT_MS,
	wallet: 'spot',
};

const FUTURES: CategoryCapability = {
	wallet: 'futures',
	verbs: {
		place: { batchMax: PLACES_A_CALL, mixesSymbols: true },
		amend: { batchMax: AMENDS_A_CALL, mixesSymbols: true },
		cancel: { batchMax: CANCELS_A_CALL, mixesSymbols: false },
	},
	canAmend: true,
	amendsPrice: true,
	amendsQty: true,
	bookBeatMs: BOOK_BEAT_MS,
};

/**
 * Batches of futures weigh too, so that window is shared, and a part of it kept for cancels (I11). On spot orders weigh
 * nothing once they are taken.
 */
function rateRules(venue: string): RateRule[] {
	const rule = (
		category: 'spot' | 'linear',
		verbs: RateRule['verbs'],
		counting: Pick<RateRule, 'limit' | 'windowMs' | 'batchCounts'> & { readonly kind: LimitRule['kind'] },
	): RateRule => {
		const { kind, ...rest } = counting;
		return { venue, categories: [category], verbs, ...rest, isFixed: true, name: ruleName({ kind, windowMs: rest.windowMs }) };
	};
	const full = { place: PLACES_A_CALL, amend: AMENDS_A_CALL };
	return [
		rule('spot', ['place'], { kind: 'orders', limit: 50, windowMs: TEN_SECONDS_MS }),
		rule('spot', ['place'], { kind: 'orders', limit: 160_000, windowMs: DAY_MS }),
		rule('spot', ['cancel'], { kind: 'weight', limit: 6_000, windowMs: MINUTE_MS }),
		rule('linear', ['place', 'amend'], { kind: 'orders', limit: 300, windowMs: TEN_SECONDS_MS, batchCounts: full }),
		rule('linear', ['place', 'amend'], {
			...{ kind: 'orders', limit: 1_200, windowMs: MINUTE_MS },
			batchCounts: { place: 1, amend: 1 },
		}),
		rule('linear', VERBS, { kind: 'weight', limit: 2_400, windowMs: MINUTE_MS, batchCounts: { ...full, cancel: 1 } }),
	];
}

/** As rules and what answers say of them are told apart. */
export function ruleName({ kind, windowMs }: Pick<LimitRule, 'kind' | 'windowMs'>): string {
	return `${kind} ${windowMs}`;
}
