/**
 * The list `strategies`: which strategy quotes which symbols, and with what. The parameters of the ladder are spelled
 * here once more, for editors and the reference; their own parser has the last word, and a test keeps the two alike.
 */
import * as z from 'zod';
import { LADDER_DEFAULTS, parseLadderParams } from '../../strategy/index.ts';
import { numberAbove, numberFrom, oneOf, textOf, textUpTo, wholeNumber } from './kinds.ts';

const { levels, size, inventory, edge, fairValue, signal } = LADDER_DEFAULTS;
const AMOUNT_MAX = 1e15;
const STRATEGIES_MAX = 100;

const bps = (min: number, max: number) => numberFrom(min, max);
const amount = () => numberAbove(0, AMOUNT_MAX);
const unit = () => oneOf(['lots', 'notional']);

const curve = z.discriminatedUnion('kind', [
	z.strictObject({ kind: z.literal('flat') }),
	z.strictObject({ kind: z.literal('linear'), slope: numberFrom(0, 100).prefault(1) }),
	z.strictObject({ kind: z.literal('geometric'), ratio: numberFrom(0.01, 10).prefault(1.5) }),
]);

const ladderParams = z
	.strictObject({
		levels: z
			.strictObject({
				count: wholeNumber(1, 16).describe('levels a side').prefault(levels.count),
				half_spread_bps: bps(0, 10_000).describe('from fair value to the first level').prefault(levels.halfSpreadBps),
				step_bps: bps(0, 10_000).describe('from each level to the next').prefault(levels.stepBps),
			})
			.prefault({}),
		size: z
			.strictObject({
				unit: unit().prefault(size.unit),
				per_level: amount().describe('of the level nearest the touch').prefault(size.perLevel),
				curve: curve.describe('flat; linear with a slope; geometric with a ratio').prefault(() => ({ ...size.curve })),
			})
			.prefault({}),
		inventory: z
			.strictObject({
				unit: unit().prefault(inventory.unit),
				limit: amount().describe('quotes never carry the position beyond it').prefault(inventory.limit),
				skew_bps: bps(0, 1_000).describe('shift against a position as large as the limit').prefault(inventory.skewBps),
				size_skew: numberFrom(0, 1).describe('share of its size that the side that adds gives up').prefault(inventory.sizeSkew),
			})
			.prefault({}),
		edge: z
			.strictObject({
				min_edge_bps: bps(-1_000, 1_000).describe('what a fill must earn after fee and funding').prefault(edge.minEdgeBps),
				holding_hours: numberFrom(0, 720).describe('how long a fill is held').prefault(edge.holdingHours),
				funding_interval_hours: numberAbove(0, 24).describe('what the funding rate is for').prefault(edge.fundingIntervalHours),
			})
			.prefault({}),
		fair_value: z
			.strictObject({
				price: oneOf(['mid', 'micro']).describe('micro weighs by the depth opposite').prefault(fairValue.price),
				depth_levels: wholeNumber(1, 20).describe('levels that count as depth').prefault(fairValue.depthLevels),
				imbalance_shift_bps: bps(0, 1_000)
					.describe('towards the thinner side when all depth is on the other')
					.prefault(fairValue.imbalanceShiftBps),
			})
			.prefault({}),
		signal: z
			.strictObject({
				source: z
					.union([textUpTo(1, 100), z.null()], 'a name, or null for none')
					.describe('which one is listened to')
					.prefault(signal.source),
				max_shift_bps: bps(0, 1_000).describe('of fair value at full strength').prefault(signal.maxShiftBps),
				veto_above: numberFrom(0, 1).describe('strength that silences the side against it').prefault(signal.vetoAbove),
			})
			.prefault({}),
	})
	.superRefine((given, context) => {
		const read = parseLadderParams(given);
		if (read.kind === 'ok') return;
		context.addIssue({ code: 'custom', path: read.key.split('.'), message: read.expected, params: { found: read.found } });
	})
	.prefault({});

export const symbolName = textOf(
	/^(([a-z][a-z0-9_]*:)?(linear|inverse|spot):)?[A-Z0-9]{2,40}$/,
	"a symbol as its venue spells it, such as 'BTCUSDT', or with what tells it from others of that name, such as 'binance:spot:BTCUSDT'",
);

const strategy = z.strictObject({
	name: textOf(/^[a-z][a-z0-9_-]{0,39}$/, 'a name of up to 40 small letters, digits, dashes and underscores').describe(
		'appears in logs and statistics',
	),
	kind: oneOf(['ladder']).describe('quotes levels on both sides of fair value').prefault('ladder'),
	venue: z.string('the name of a venue').describe('where its symbols are; of all venues unless said').optional(),
	symbols: z
		.array(symbolName)
		.min(1, 'at least one symbol')
		.describe("all of the venue's unless said; `spot:BTCUSDT` or `binance:spot:BTCUSDT` where several go by one name")
		.optional(),
	params: ladderParams.describe('distances in basis points; amounts in lots or in the quote currency, as unit says'),
});

export type StrategyEntry = z.output<typeof strategy>;

export const strategiesSection = z
	.array(strategy)
	.max(STRATEGIES_MAX, `at most ${STRATEGIES_MAX} strategies`)
	.superRefine((list, context) => {
		for (const [index, { name }] of list.entries()) {
			if (list.findIndex((each) => each.name === name) === index) continue;
			context.addIssue({ code: 'custom', path: [index, 'name'], message: 'a name that no other strategy has' });
		}
	})
	.describe('what quotes what')
	.prefault([]);
