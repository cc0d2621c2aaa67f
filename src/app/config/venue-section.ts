/** The settings `mode` and `venues`: where to trade, under which account, and what. */
import * as z from 'zod';
import { FOUR_PERPETUALS } from '../../exchange/market/preset.ts';
import { BOOK_DEPTHS } from '../../venues/bybit/codec/frames.ts';
import { ENVIRONMENTS, type Environment, isAllowedUrl } from '../../venues/bybit/urls.ts';
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

const SYMBOLS_MAX = 500;
const URL_EXPECTED = 'a URL';

const url = z.string(URL_EXPECTED).optional();

export const symbolName = textOf(/^[A-Z0-9]{2,40}$/, "a symbol as the venue spells it, such as 'BTCUSDT'");

const venue = z
	.strictObject({
		kind: oneOf(['bybit', 'binance']).describe('which exchange').prefault('bybit'),
		environment: oneOf(ENVIRONMENTS).describe('must agree with the mode').prefault('box'),
		category: oneOf(['linear', 'inverse', 'spot']).describe('what its symbols are').prefault('linear'),
		symbols: z
			.array(symbolName)
			.min(1, 'at least one symbol')
			.max(SYMBOLS_MAX, `at most ${SYMBOLS_MAX} symbols`)
			.superRefine((symbols, context) => refuseTwice(symbols, context))
			.describe('what may be traded here; nothing else is'),
		order_entry: oneOf(['ws', 'rest']).describe('how orders go; ws falls back to rest while its stream is down').prefault('ws'),
		book_depth: z
			.literal(BOOK_DEPTHS, `one of ${BOOK_DEPTHS.join(', ')}`)
			.describe('levels of the book that is followed; deeper ones come less often')
			.prefault(50),
		recv_window_ms: wholeNumber(500, 60_000).describe('how old a request may be when it reaches the venue').prefault(5_000),
		api_key_env: variableName()
			.describe('the variable with the key; unless said, EVENKEEL_BYBIT_API_KEY for a venue called bybit')
			.optional(),
		api_secret_env: variableName()
			.describe('the variable with the secret; unless said, EVENKEEL_BYBIT_API_SECRET for a venue called bybit')
			.optional(),
		accept_withdrawal_right: yesNo()
			.describe('trade although the key could withdraw money; without it such a key is refused')
			.prefault(false),
		urls: z
			.strictObject({ rest: url, public_spot: url, public_linear: url, public_inverse: url, private: url, trade: url })
			.describe("other hosts of the same environment, a stranger's is refused; of a box that runs already, rest is enough")
			.optional(),
	})
	.superRefine(({ kind, environment, urls }, context) => {
		if (kind !== 'bybit') return;
		for (const [name, given] of Object.entries(urls ?? {})) {
			if (given === undefined) continue;
			const wrong = urlProblem(name, environment, given);
			if (wrong === undefined) continue;
			const { expected: message, found } = wrong;
			context.addIssue({ code: 'custom', path: ['urls', name], message, params: { found } });
		}
	});

export const venuesSection = z
	.record(textOf(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'a name of small letters, digits and single underscores'), venue)
	.describe('accounts by a name of your own; several of one exchange are fine')
	.prefault({});

export type Venue = z.output<typeof venue>;

/** Without a venue of its own, a simulation trades the four perpetuals of the exchange in a box. */
export function venuesOf({ mode, venues }: { readonly mode: Mode; readonly venues: Readonly<Record<string, Venue>> }) {
	return mode === 'sim' && Object.keys(venues).length === 0 ? { bybit: BOX_VENUE } : venues;
}

const BOX_VENUE: Venue = Object.freeze(venue.parse({ symbols: FOUR_PERPETUALS.map(({ symbol }) => symbol) }));

function refuseTwice(
	names: readonly string[],
	context: { addIssue(issue: { code: 'custom'; path: number[]; message: string }): void },
): void {
	for (const [index, name] of names.entries()) {
		if (names.indexOf(name) < index) context.addIssue({ code: 'custom', path: [index], message: 'each symbol once' });
	}
}

function urlProblem(name: string, environment: Environment, given: string) {
	if (!isAllowedUrl(environment, given)) {
		const expected = `a URL of the environment ${environment}, since keys must not go to a stranger`;
		return { expected, found: hostOf(given) };
	}
	const scheme = name === 'rest' ? 'http' : 'ws';
	const { protocol } = new URL(given);
	if (protocol.startsWith(scheme)) return undefined;
	return { expected: `a URL that begins with ${scheme}:// or ${scheme}s://`, found: `${protocol}//` };
}

/** Never the whole URL: it may hold what somebody pasted by mistake. */
function hostOf(given: string): string {
	const parsed = URL.parse(given);
	return parsed === null ? 'no URL' : `the host ${parsed.host}`;
}
