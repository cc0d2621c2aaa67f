/** The settings `mode` and `venues`: where to trade, under which account, and what. */
import * as z from 'zod';
import { FOUR_PERPETUALS } from '../../exchange/market/preset.ts';
import { COUNTDOWN_MS, countdownMsMin } from '../../venues/binance/dead-man.ts';
import { isAllowedUrl as isAllowedAtBinance } from '../../venues/binance/urls.ts';
import { BOOK_DEPTHS } from '../../venues/bybit/codec/frames.ts';
import { ENVIRONMENTS, type Environment, isAllowedUrl as isAllowedAtBybit } from '../../venues/bybit/urls.ts';
import type { WantedSymbol } from '../../venues/wire/instruments.ts';
import { KEY_NAME } from '../keystore/key-name.ts';
import { oneOf, textOf, variableName, wholeNumber, yesNo } from './kinds.ts';

export const MODES = ['sim', 'paper', 'testnet', 'demo', 'live'] as const;
export type Mode = (typeof MODES)[number];

/** The environment that each mode trades in. */
export const ENVIRONMENT_OF = {
	sim: 'box',
	paper: 'mainnet',
	testnet: 'testnet',
	demo: 'demo',
	live: 'mainnet',
} as const satisfies Record<Mode, (typeof ENVIRONMENTS)[number]>;

export const modeSetting = oneOf(MODES)
	.describe("sim: the exchange in a box; testnet and demo: the venues' own; live: real money")
	.prefault('sim');

export const KINDS = ['bybit', 'binance'] as const;
export type Kind = (typeof KINDS)[number];

const SYMBOLS_MAX = 500;
const URL_EXPECTED = 'a URL';

const url = z.string(URL_EXPECTED).optional();

const CATEGORIES = ['linear', 'inverse', 'spot'] as const;

/** Whatever its venue and category. */
export const plainSymbol = textOf(/^[A-Z0-9]{2,40}$/, "a symbol as the venue spells it, such as 'BTCUSDT'");

const symbolName = textOf(
	/^((linear|inverse|spot):)?[A-Z0-9]{2,40}$/,
	"a symbol as the venue spells it, such as 'BTCUSDT', or with its category, such as 'spot:BTCUSDT'",
);

const venue = z
	.strictObject({
		kind: oneOf(KINDS).describe('which exchange; unless said, the one of its name, or else bybit').optional(),
		environment: oneOf(ENVIRONMENTS).describe('must agree with the mode').prefault('box'),
		category: oneOf(CATEGORIES).describe('what its symbols are that do not say it themselves').prefault('linear'),
		symbols: z
			.array(symbolName)
			.min(1, 'at least one symbol')
			.max(SYMBOLS_MAX, `at most ${SYMBOLS_MAX} symbols`)
			.describe('what may be traded here; nothing else is. `spot:BTCUSDT` is of that category, whatever `category` says'),
		order_entry: oneOf(['ws', 'rest']).describe('how orders go; ws falls back to rest while its stream is down').prefault('ws'),
		book_depth: z
			.literal(BOOK_DEPTHS, `one of ${BOOK_DEPTHS.join(', ')}`)
			.describe('levels of the book that is followed; deeper ones come less often. Binance has one depth alone')
			.prefault(50),
		recv_window_ms: wholeNumber(500, 60_000).describe('how old a request may be when it reaches the venue').prefault(5_000),
		api_key_env: variableName()
			.describe('the variable with the key; unless said, EVENKEEL_BYBIT_API_KEY for a venue called bybit')
			.optional(),
		api_secret_env: variableName()
			.describe('the variable with the secret; unless said, EVENKEEL_BYBIT_API_SECRET for a venue called bybit')
			.optional(),
		key: textOf(KEY_NAME, 'a name of at most 64 small letters, digits, - and _')
			.describe('its key in the keystore, where those variables hold none; unless said, the one with the name of the venue')
			.optional(),
		countdown_ms: wholeNumber(0, 3_600_000)
			.describe(
				"Binance futures: after so long without a word of ours the venue cancels all orders of our symbols, the account's others included. 0: it does not; else at least ten seconds, and 3000 a symbol",
			)
			.prefault(COUNTDOWN_MS),
		sentinel_api_key_env: variableName()
			.describe("the variable with a key of the sentinel's own for this account; none: sentinel.api_key_env, or the key above")
			.optional(),
		sentinel_api_secret_env: variableName().describe('the variable with the secret of that key').optional(),
		sentinel_key: textOf(KEY_NAME, 'a name of at most 64 small letters, digits, - and _')
			.describe("the sentinel's own key in the keystore, where those variables hold none")
			.optional(),
		accept_withdrawal_right: yesNo()
			.describe('trade although the key could withdraw money; without it such a key is refused')
			.prefault(false),
		urls: z
			.strictObject({
				rest: url,
				public_spot: url,
				public_linear: url,
				public_inverse: url,
				private: url,
				trade: url,
				spot_rest: url,
				spot_stream: url,
				spot_ws_api: url,
				futures_rest: url,
				futures_public: url,
				futures_market: url,
				futures_private: url,
				futures_ws_api: url,
			})
			.describe("other hosts of the same environment, a stranger's is refused; of a box that runs already, rest is enough")
			.optional(),
	})
	.superRefine((entry, context) => {
		const ids = symbolsOf(entry).map(({ category, symbol }) => `${category}:${symbol}`);
		for (const [index, id] of ids.entries()) {
			if (ids.indexOf(id) < index) context.addIssue({ code: 'custom', path: ['symbols', index], message: 'each symbol once' });
		}
	});

export const venuesSection = z
	.record(textOf(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'a name of small letters, digits and single underscores'), venue)
	.superRefine((venues, context) => {
		for (const [name, entry] of Object.entries(venues)) {
			for (const { path, expected: message, found } of problemsOf(name, entry)) {
				context.addIssue({
					code: 'custom',
					path: [name, ...path],
					message,
					...(found === undefined ? {} : { params: { found } }),
				});
			}
		}
	})
	.describe('accounts by a name of your own; several of one exchange are fine')
	.prefault({});

export type Venue = z.output<typeof venue>;

/** Without a venue of its own, a simulation trades the four perpetuals of the exchange in a box. */
export function venuesOf({ mode, venues }: { readonly mode: Mode; readonly venues: Readonly<Record<string, Venue>> }) {
	return mode === 'sim' && Object.keys(venues).length === 0 ? { bybit: BOX_VENUE } : venues;
}

const BOX_VENUE: Venue = Object.freeze(venue.parse({ symbols: FOUR_PERPETUALS.map(({ symbol }) => symbol) }));

/** The exchange that an entry is of. */
export function kindOf(name: string, { kind }: Pick<Venue, 'kind'>): Kind {
	return kind ?? KINDS.find((each) => each === name) ?? 'bybit';
}

/** What an entry names, each with its category. */
export function symbolsOf({ category, symbols }: Pick<Venue, 'category' | 'symbols'>): readonly WantedSymbol[] {
	return symbols.map((name) => {
		const [said, symbol] = name.split(':');
		if (symbol === undefined) return { category, symbol: name };
		return { category: CATEGORIES.find((each) => each === said) ?? category, symbol };
	});
}

interface EntryProblem {
	readonly path: readonly (string | number)[];
	readonly expected: string;
	/** Where it may be a default, and so stands nowhere. */
	readonly found?: string;
}

function problemsOf(name: string, entry: Venue): EntryProblem[] {
	const kind = kindOf(name, entry);
	const other = KINDS.find((each) => each === name && each !== kind);
	return [
		...(other === undefined ? [] : [{ path: ['kind'], expected: `${other}, or another name than that of the other exchange` }]),
		...(kind === 'binance' ? [...inverseProblems(entry), ...countdownProblems(entry)] : []),
		...pairProblems(entry),
		...urlProblems(kind, entry),
	];
}

function inverseProblems(entry: Venue): EntryProblem[] {
	const expected = 'spot or linear, since that is what of Binance is traded here';
	if (entry.category === 'inverse') return [{ path: ['category'], expected }];
	return [...symbolsOf(entry).entries()]
		.filter(([, { category }]) => category === 'inverse')
		.map(([index]) => ({ path: ['symbols', index], expected }));
}

/** Each is renewed at a third of its time, and all of them share one allowance. */
function countdownProblems(entry: Venue): EntryProblem[] {
	const { countdown_ms: countdownMs } = entry;
	const count = symbolsOf(entry).filter(({ category }) => category === 'linear').length;
	const leastMs = countdownMsMin(count);
	if (countdownMs === 0 || count === 0 || countdownMs >= leastMs) return [];
	const expected = `0, or at least ${leastMs} for ${count === 1 ? 'one future' : `${count} futures`}: renewing it oftener would use up what the venue grants`;
	return [{ path: ['countdown_ms'], expected, found: `${countdownMs}` }];
}

function pairProblems({ sentinel_api_key_env: key, sentinel_api_secret_env: secret }: Venue): EntryProblem[] {
	if ((key === undefined) === (secret === undefined)) return [];
	const lacking = key === undefined ? 'sentinel_api_key_env' : 'sentinel_api_secret_env';
	return [{ path: [lacking], expected: 'both variables or none', found: 'none' }];
}

const URLS_OF: Record<Kind, RegExp> = {
	bybit: /^(rest|public_spot|public_linear|public_inverse|private|trade)$/,
	binance: /^(rest|(spot|futures)_.+)$/,
};

function urlProblems(kind: Kind, { environment, urls = {} }: Venue): EntryProblem[] {
	return Object.entries(urls).flatMap(([name, given]) => {
		if (given === undefined) return [];
		const wrong = URLS_OF[kind].test(name) ? urlProblem(kind, { name, environment, given }) : notOf(kind);
		return wrong === undefined ? [] : [{ path: ['urls', name], ...wrong }];
	});
}

function notOf(kind: Kind) {
	return { expected: `nothing: ${kind} has no such address` };
}

function urlProblem(
	kind: Kind,
	{ name, environment, given }: { readonly name: string; readonly environment: Environment; readonly given: string },
) {
	const isAllowed = kind === 'bybit' ? isAllowedAtBybit : isAllowedAtBinance;
	if (!isAllowed(environment, given)) {
		const expected = `a URL of the environment ${environment}, since keys must not go to a stranger`;
		return { expected, found: hostOf(given) };
	}
	if (kind === 'binance' && name === 'rest' && environment !== 'box') {
		return { expected: 'spot_rest and futures_rest, since only a box has both markets at one address', found: hostOf(given) };
	}
	const scheme = name.endsWith('rest') ? 'http' : 'ws';
	const { protocol } = new URL(given);
	if (protocol.startsWith(scheme)) return undefined;
	return { expected: `a URL that begins with ${scheme}:// or ${scheme}s://`, found: `${protocol}//` };
}

/** Never the whole URL: it may hold what somebody pasted by mistake. */
function hostOf(given: string): string {
	const parsed = URL.parse(given);
	return parsed === null ? 'no URL' : `the host ${parsed.host}`;
}
