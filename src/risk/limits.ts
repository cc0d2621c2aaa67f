/**
 * The numbers that the gate compares with. Money is in the quote currency; what is marked `live` has no default that
 * fits everybody, so live mode refuses to start until it is set (PT list).
 */
import type { Instrument } from '../domain/instrument.ts';

export interface RiskLimits {
	/** PT2, live: symbols that may be traded; without a list all that the engine follows. */
	readonly symbolsAllowed?: readonly string[] | undefined;
	/** KL5: after a kill, positions are closed without anybody asking. */
	readonly flattensAfterKill?: boolean | undefined;
	/** PT7, live: worth of one order. */
	readonly orderNotionalMax: number;
	/** PT10, live: worth of the worst-case position in one symbol. */
	readonly positionNotionalMax: number;
	/** PT11, live: worst case over all symbols, regardless of direction, and netted. */
	readonly grossNotionalMax: number;
	readonly netNotionalMax: number;
	/** PT12. */
	readonly openOrdersPerSymbolMax: number;
	readonly openOrdersMax: number;
	/** PT3. */
	readonly instrumentAgeMsMax: number;
	/** PT4: quotes are pulled a second after this. */
	readonly bookAgeMsMax: number;
	/** PT5: how far from the mid a quote and an exit may be, and the mid from the mark. */
	readonly quoteCollar: number;
	readonly exitCollar: number;
	readonly markCollar: number;
	/** PT14. */
	readonly slotActionsPerSecMax: number;
	readonly slotActionsPerMinMax: number;
	/** PT15: how long an equal order of another slot forbids this one. */
	readonly twinWindowMs: number;
	/** PT17. */
	readonly freeMarginFactor: number;
	readonly leverageMax: number;
	/** PT21 and PT22. */
	readonly clockOffsetMsMax: number;
	readonly journalDelayMsMax: number;
	/** F43: how late our own loop may come before everything is held. */
	readonly loopLagMsMax: number;
}

/** Where something is at stake. Elsewhere a busy machine is none of our business, up to where it counts as asleep (F58). */
export const LOOP_LAG_MS_MAX = 200;
const LOOP_LAG_MS_ASLEEP = 2_000;

export const RISK_LIMITS: RiskLimits = {
	orderNotionalMax: 25_000,
	positionNotionalMax: 100_000,
	grossNotionalMax: 1_000_000,
	netNotionalMax: 500_000,
	openOrdersPerSymbolMax: 40,
	openOrdersMax: 2_000,
	instrumentAgeMsMax: 3_600_000,
	bookAgeMsMax: 2_000,
	quoteCollar: 0.02,
	exitCollar: 0.05,
	markCollar: 0.01,
	slotActionsPerSecMax: 5,
	slotActionsPerMinMax: 300,
	twinWindowMs: 1_000,
	freeMarginFactor: 1.2,
	leverageMax: 3,
	clockOffsetMsMax: 500,
	journalDelayMsMax: 250,
	loopLagMsMax: LOOP_LAG_MS_ASLEEP,
};

export function isAllowed({ symbol }: Instrument, { symbolsAllowed }: RiskLimits): boolean {
	return symbolsAllowed === undefined || symbolsAllowed.includes(symbol);
}

/** Of the limits, those that are stricter when the figure is greater. */
const STRICTER_WHEN_GREATER: ReadonlySet<string> = new Set(['twinWindowMs', 'freeMarginFactor']);

/** Whether anything that was not allowed before would be now. */
export function isLooser(after: RiskLimits, before: RiskLimits): boolean {
	const { symbolsAllowed: symbolsAfter, flattensAfterKill: flattensAfter = false, ...figuresAfter } = after;
	const { symbolsAllowed: symbolsBefore, flattensAfterKill: flattensBefore = false, ...figuresBefore } = before;
	if (flattensAfter && !flattensBefore) return true;
	if (symbolsBefore !== undefined && !(symbolsAfter?.every((symbol) => symbolsBefore.includes(symbol)) ?? false)) return true;
	return (Object.keys(figuresAfter) as (keyof typeof figuresAfter)[]).some((key) => {
		const [is, was] = [figuresAfter[key], figuresBefore[key]];
		return STRICTER_WHEN_GREATER.has(key) ? is < was : is > was;
	});
}
