/** The section `box` of the configuration: the exchange in a box as a process of its own. */
import * as z from 'zod';
import { EXTRA_PERPETUALS_MAX } from '../../exchange/market/extra.ts';
import { DEMO_ACCOUNTS, HISTORY_HOURS, MARKET_KINDS } from '../box-choices.ts';
import { BOX_COINS, BOX_SYMBOLS } from '../box-symbols.ts';
import { LATENCY_EXPECTED, latencyText, parseLatency, type RoundTrip } from './duration.ts';
import { DRAWN_FAULTS, FAULT_RULES } from './fault-rules.ts';
import { atLeastOne, numberFrom, oneOf, textOf, textUpTo, wholeNumber, yesNo } from './kinds.ts';

const PORT_MAX = 65_535;
const ACCOUNTS_MAX = 100;
/** As many as the venue lets a key be bound to. */
const ADDRESSES_MAX = 4;
const ADDRESS_LENGTH_MAX = 45;
const FACTOR = "a number above zero, or 'off'";

const port = wholeNumber(0, PORT_MAX);

const latency = z.codec(
	z.string(LATENCY_EXPECTED).refine((text) => parseLatency(text) !== undefined, LATENCY_EXPECTED),
	z.custom<RoundTrip>(),
	{
		// The first half has refused what does not parse.
		decode: (text) => parseLatency(text) ?? { roundTripMs: 0, jitterMs: 0 },
		encode: (parsed) => latencyText(parsed),
	},
);

const rateLimitFactor = z.codec(z.union([z.number().gt(0, FACTOR), z.literal('off', FACTOR)], FACTOR), z.custom<number>(), {
	decode: (factor) => (factor === 'off' ? Number.POSITIVE_INFINITY : factor),
	encode: (factor) => (factor === Number.POSITIVE_INFINITY ? 'off' : factor),
});

const feeRate = textOf(/^-?0(\.\d{1,8})?$/, "a fraction in quotes with at most eight decimals, such as '0.0002' or '-0.0001'");

const key = z
	.strictObject({
		read_only: yesNo().describe('it may look and no more').prefault(false),
		contracts: yesNo().describe('it may trade linear and inverse').prefault(true),
		spot: yesNo().describe('it may trade spot').prefault(true),
		withdraw: yesNo().describe('it has the right to withdraw, which nothing here can use').prefault(false),
		addresses: z
			.array(textUpTo(1, ADDRESS_LENGTH_MAX))
			.max(ADDRESSES_MAX)
			.describe('it works from these addresses alone; from any where there is none')
			.prefault([]),
	})
	.describe('what its key may do; it trades everything, and cannot withdraw, unless said');

const account = z.strictObject({
	name: textOf(
		/^(?!market)[\w.-]{1,40}$/,
		"a text of 1 to 40 letters, digits, dots, dashes or underscores that does not begin with 'market'",
	).describe('keys follow from the seed and this name'),
	balances: z
		.record(
			textOf(new RegExp(`^(${BOX_COINS.join('|')})$`), `one of ${BOX_COINS.join(', ')}`),
			textOf(
				/^(?=.*[1-9])\d{1,15}(\.\d{1,8})?$/,
				"an amount above zero in quotes, with at most eight decimals, such as '1000.5'",
			),
		)
		.describe('coin and amount; a coin that no chosen symbol uses is left out')
		.prefault({}),
	fees: z
		.strictObject({ maker: feeRate, taker: feeRate })
		.describe("of this account on all symbols, instead of each symbol's own; below zero the account is paid")
		.exactOptional(),
	key: key.exactOptional(),
});

const accounts = z
	.array(account)
	.max(ACCOUNTS_MAX)
	.superRefine((list, context) => {
		const seen = new Set<string>();
		for (const [index, { name }] of list.entries()) {
			if (seen.has(name))
				context.addIssue({ code: 'custom', path: [index, 'name'], message: 'a name that no other account has' });
			seen.add(name);
		}
	});

const faults = z.union(
	[z.string().min(1, 'the path of a fault plan'), FAULT_RULES, DRAWN_FAULTS],
	'the path of a fault plan, a list of rules, or a map with a seed to draw one from',
);

export const boxSection = z
	.strictObject({
		bybit_port: port.describe('port of the Bybit API on loopback; 0 for any that is free').prefault(4710),
		binance_port: port
			.describe('port of the Binance API on loopback, spot and futures together; 0 for any that is free; no Binance without it')
			.exactOptional(),
		control_port: port.describe('port of the control API on loopback; 0 for any that is free').prefault(4711),
		seed: wholeNumber(0, Number.MAX_SAFE_INTEGER).describe('of the market, the demo keys and all chance').prefault(1),
		market: oneOf(MARKET_KINDS).describe('synthetic: it lives; quiet: a resting book; none: empty books').prefault('synthetic'),
		history_hours: numberFrom(0, 336).describe('so much was traded before it began, for candles').prefault(HISTORY_HOURS),
		symbols: z
			.array(oneOf(atLeastOne(BOX_SYMBOLS)))
			.min(1, 'at least one symbol')
			.describe('what is listed; a spot pair comes with its perpetual')
			.prefault([...BOX_SYMBOLS]),
		extra_symbols: wholeNumber(0, EXTRA_PERPETUALS_MAX)
			.describe('so many perpetuals besides, called SYN001USDT, SYN002USDT and so on')
			.prefault(0),
		latency: latency.describe('round trip to the exchange, such as 40ms or 40ms±5').prefault('0ms'),
		opening_trips: wholeNumber(0, 3)
			.describe('round trips that a new connection takes before its first request: 1 as TCP, 2 with TLS above it')
			.prefault(0),
		rate_limit_factor: rateLimitFactor.describe("multiplies the venue's rate limits; off lifts them").prefault(1),
		accounts: accounts
			.describe('accounts with keys and starting balances')
			.prefault(() => DEMO_ACCOUNTS.map(({ name, balances }) => ({ name, balances: { ...balances } }))),
		faults: faults.describe('what goes wrong: a plan file, rules, or a seed to draw a plan from').prefault([]),
	})
	.superRefine(({ bybit_port: bybit, binance_port: binance = 0, control_port: control }, context) => {
		const differ = (path: string, port: number, others: Readonly<Record<string, number>>): void => {
			const same = Object.keys(others).find((name) => port !== 0 && others[name] === port);
			if (same === undefined) return;
			context.addIssue({
				code: 'custom',
				path: [path],
				message: `another port than ${same}, or 0`,
				params: { found: `${port}` },
			});
		};
		differ('binance_port', binance, { bybit_port: bybit });
		differ('control_port', control, { bybit_port: bybit, binance_port: binance });
	})
	.prefault({});

export type BoxSection = z.output<typeof boxSection>;
