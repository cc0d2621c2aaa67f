/**
 * What Bybit can do for orders, and how often, as its documents promise it to everybody; answers may raise the rates.
 *
 * At the venue single calls and batches are counted apart, in buckets of the same size: a bucket per account, verb and
 * kind of market, linear and inverse together, spot by itself. Our rules count both against one, so that whichever way a
 * command takes neither bucket runs over. Only spot amends have buckets of two sizes (10 alone, 20 in batches); the rule
 * has the smaller, and lone spot amends travel as a batch of one (`order-routes.ts`), so that what the headers of
 * batches say of the larger one is about the bucket that is drawn on.
 */
import type { Category } from '../../domain/instrument.ts';
import type { CategoryCapability, RateRule, VenueCapabilities } from '../../domain/venue.ts';
import type { Environment } from './urls.ts';

const DERIVATIVES = ['linear', 'inverse'] as const satisfies readonly Category[];
const SPOT = ['spot'] as const satisfies readonly Category[];
const SECOND_MS = 1_000;

const BATCH_MAX = { spot: 10, linear: 20, inverse: 20 } as const satisfies Record<Category, number>;
/** Paper trading on the real market takes batches for linear alone. */
const DEMO_BATCH_MAX = { spot: 1, linear: 20, inverse: 1 } as const satisfies Record<Category, number>;

/** The first level repeats itself every 3 s, and nothing else speaks where nothing moves. */
const BOOK_BEAT_MS = 3_500;

export function bybitCapabilities(venue: string, environment: Environment): VenueCapabilities {
	const batchMax = environment === 'demo' ? DEMO_BATCH_MAX : BATCH_MAX;
	return {
		venue,
		rateRules: rateRules(venue),
		categories: { spot: category(batchMax.spot), linear: category(batchMax.linear), inverse: category(batchMax.inverse) },
	};
}

function category(batchMax: number): CategoryCapability {
	const verb = { batchMax, mixesSymbols: true };
	return {
		verbs: { place: verb, amend: verb, cancel: verb },
		canAmend: true,
		amendsPrice: true,
		amendsQty: true,
		bookBeatMs: BOOK_BEAT_MS,
	};
}

/** One rule a verb: nothing is shared between verbs, so cancels cannot be starved by anything else. */
function rateRules(venue: string): RateRule[] {
	const rule = (categories: readonly Category[], verb: RateRule['verbs'][number], limit: number): RateRule => ({
		venue,
		categories,
		verbs: [verb],
		limit,
		windowMs: SECOND_MS,
	});
	return [
		rule(DERIVATIVES, 'place', 10),
		rule(DERIVATIVES, 'amend', 10),
		rule(DERIVATIVES, 'cancel', 10),
		rule(SPOT, 'place', 20),
		rule(SPOT, 'amend', 10),
		rule(SPOT, 'cancel', 20),
	];
}
