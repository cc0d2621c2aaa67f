/** What is not wrong, but probably not what was meant: told on the screen, and nothing is refused for it. */
import { type PlaceOf, valueAt } from './check.ts';
import { type Path, type Place, placeText } from './problem.ts';
import type { Config } from './sections.ts';
import { KINDS, type Kind, kindOf } from './venue-section.ts';

export interface Warning {
	readonly place: Place;
	readonly path: string;
	readonly message: string;
}

export function warningLine({ place, path, message }: Warning): string {
	return `${placeText(place)}: ${path}: ${message}`;
}

/** Sections and keys that nothing heeds yet, and with what they begin to matter. The reference marks them. */
export const NOT_USED_YET = {
	'strategy.cancel_settle_ms': 'the second look at creates that wait for a cancel',
	'network.rate_limit_orders_per_second': 'clients of a venue without an engine',
	'async_features.batch_size': 'reads that name each of their symbols',
	'reconcile.orphan_policy': 'adoption of orders',
	binance: 'a pace of your own at Binance, below what the venue grants',
	fleet: 'the fleet',
} as const satisfies Readonly<Record<string, string>>;

/** At this many basis points or fewer, nearly every move of a quote is too large to be an amend. */
const AMEND_BPS_SUSPECT = 1;

/** `tree` is what was written, without the defaults. */
export function warningsOf(config: Config, tree: unknown, placeOf: PlaceOf): Warning[] {
	return [
		...notUsedYet(tree, placeOf),
		...aboutAmends(config, tree, placeOf),
		...aboutTrading(config, placeOf),
		...aboutVenues(config, tree, placeOf),
		...aboutOutlets(config, tree, placeOf),
	];
}

function notUsedYet(tree: unknown, placeOf: PlaceOf): Warning[] {
	return Object.entries(NOT_USED_YET).flatMap(([path, feature]) => {
		const steps = path.split('.');
		if (valueAt(tree, steps) === undefined) return [];
		return [warning(steps, `is checked but not used yet; it comes with ${feature}`, placeOf)];
	});
}

function aboutAmends({ strategy }: Config, tree: unknown, placeOf: PlaceOf): Warning[] {
	const path = ['strategy', 'amend_price_threshold_bps'];
	const bps = strategy.amend_price_threshold_bps;
	if (valueAt(tree, path) === undefined || bps > AMEND_BPS_SUSPECT) return [];
	const message = `${bps} is basis points, so almost every move will cancel and replace, not amend; 100 is one percent`;
	return [warning(path, message, placeOf)];
}

function aboutTrading({ mode, async_features: features }: Config, placeOf: PlaceOf): Warning[] {
	const found: Warning[] = [];
	if (mode === 'paper') found.push(warning(['mode'], 'paper trading comes later; evenkeel run refuses it', placeOf));
	if (!features.enable_rate_limiting && mode !== 'sim') {
		const path = ['async_features', 'enable_rate_limiting'];
		found.push(warning(path, 'without budgets the venue refuses orders, and bans an address that goes on', placeOf));
	}
	return found;
}

/** What only one exchange has, and stands at another. */
const ONLY_AT: readonly (readonly [key: string, kind: Kind, why: string])[] = [
	['book_depth', 'bybit', 'Binance has one depth alone'],
	['countdown_ms', 'binance', 'Bybit has no countdown'],
];

function aboutVenues({ venues }: Config, tree: unknown, placeOf: PlaceOf): Warning[] {
	return Object.entries(venues).flatMap(([name, entry]) => {
		const kind = kindOf(name, entry);
		const guessed = warning(
			['venues', name],
			`is taken for an account at Bybit, since it does not say kind: ${KINDS.join(' or ')}`,
			placeOf,
		);
		const idle = ONLY_AT.filter(([key, at]) => at !== kind && valueAt(tree, ['venues', name, key]) !== undefined);
		return [
			...(entry.kind === undefined && kind !== name ? [guessed] : []),
			...idle.map(([key, , why]) => warning(['venues', name, key], `is not used: ${why}`, placeOf)),
		];
	});
}

/** Settings of something that is not there. */
function aboutOutlets(config: Config, tree: unknown, placeOf: PlaceOf): Warning[] {
	return (['influxdb', 'redis'] as const).flatMap((name) => {
		if (config[name].url !== undefined || valueAt(tree, [name]) === undefined) return [];
		return [warning([name], `is not used as long as ${name}.url does not say where it is`, placeOf)];
	});
}

function warning(path: Path, message: string, placeOf: PlaceOf): Warning {
	return { place: placeOf(path, 'key'), path: path.join('.'), message };
}
