/**
 * What may be asked of the engine from outside, each as a control event like those of any other program, and what came of
 * it as a sentence. Nothing here waits for a venue: an answer says what was begun.
 */
import type { ControlAction, Scope } from '../../domain/event.ts';
import { priceToNumber, printQty } from '../../domain/instrument.ts';
import type { Lots } from '../../domain/units.ts';
import type { ControlResult } from '../../engine/control.ts';
import type { MarketState } from '../../engine/market-state.ts';
import { toClose } from '../../engine/way-out.ts';
import { DENIALS } from '../../risk/denial.ts';
import type { App } from '../app.ts';
import { shownName } from '../symbol-names.ts';
import type { ActionResult } from './contract.ts';
import { symbolMeant } from './watched-app.ts';

export type ActedOn = Pick<App, 'engine' | 'runtime' | 'instruments' | 'venues'>;

type Closing = NonNullable<Extract<ActionResult, { kind: 'done' }>['closing']>;
type Asked = { readonly symbol?: string | undefined };

export function pause(app: ActedOn, { symbol, reason }: Asked & { readonly reason: string }): ActionResult {
	const { scope, where } = scopeOf(app, symbol);
	return told(
		app,
		{ kind: 'pause', scope, reason },
		(orders) => `quoting is paused ${where}, and ${ordersText(orders)} being cancelled`,
	);
}

/** Without a symbol, that of the account and what a person asked for in any symbol; not a closing that is under way. */
export function resume(app: ActedOn, { symbol }: Asked): ActionResult {
	const { scope, where } = scopeOf(app, symbol);
	const result = told(app, { kind: 'resume', scope }, () => `the pause that was asked for ${where} is over`);
	if (symbol === undefined && (result.kind === 'done' || result.code === 'not-paused')) return resumedAll(app, result);
	return withReason(app, result);
}

function resumedAll(app: ActedOn, result: ActionResult): ActionResult {
	const { lifted, closing } = releaseAll(app);
	const sentences = [
		...(result.kind === 'done' ? [result.sentence] : []),
		...(lifted.length > 0 ? [`${lifted.join(', ')} may be quoted again`] : []),
		...(closing.length > 0 ? [`${closing.join(', ')}: still being closed; resume each by itself to end that`] : []),
	];
	if (result.kind === 'refused' && lifted.length === 0) {
		return { ...result, sentence: [result.sentence, ...sentences].join('; ') };
	}
	return withReason(app, { kind: 'done', sentence: sentences.join('; ') });
}

/** Symbol by symbol, what a person asked for there and what closing it has left behind. */
function releaseAll({ engine, runtime, instruments }: ActedOn): { readonly lifted: string[]; readonly closing: string[] } {
	const [lifted, closing]: [string[], string[]] = [[], []];
	for (const instrument of instruments) {
		const { index } = instrument;
		const name = shownName(instrument, instruments);
		const causes = engine.levels.holdsOf(index, runtime.now().monoMs).map(({ cause }) => cause);
		const asked = (['operator', 'flatten'] as const).filter((cause) => causes.includes(cause));
		if (asked.length === 0) continue;
		if (engine.isClosing(index)) {
			closing.push(name);
			continue;
		}
		for (const cause of asked) runtime.control({ kind: 'resume', scope: { kind: 'instrument', instrument: index }, cause });
		lifted.push(name);
	}
	return { lifted, closing };
}

function withReason({ engine: { levels } }: ActedOn, result: ActionResult): ActionResult {
	if (result.kind === 'refused' || levels.reason === undefined) return result;
	return { ...result, sentence: `${result.sentence}; nothing is quoted yet all the same: ${levels.reason}` };
}

export function cancelAll(app: ActedOn, { symbol }: Asked): ActionResult {
	const { scope, where } = scopeOf(app, symbol);
	return told(app, { kind: 'cancelAll', scope }, (orders) => `${ordersText(orders)} being cancelled ${where}; strategies go on`);
}

export function reduceOnly(app: ActedOn, { reason }: { readonly reason: string }): ActionResult {
	const sentence = (orders: number): string =>
		`positions may only shrink until somebody re-arms, and ${ordersText(orders)} being cancelled`;
	return told(app, { kind: 'reduceOnly', reason }, sentence);
}

export function kill(app: ActedOn, { reason }: { readonly reason: string }): ActionResult {
	const sentence = (orders: number): string =>
		`everything is stopped until somebody re-arms, and ${ordersText(orders)} being cancelled`;
	return told(app, { kind: 'shutGate', reason }, sentence);
}

export function flatten(app: ActedOn, { symbol, reason }: Asked & { readonly reason: string }): ActionResult {
	const { scope, where } = scopeOf(app, symbol);
	const closing = closingOf(app, symbol);
	const result = told(app, { kind: 'flatten', scope, reason }, (count) => flattenText(count, where));
	return result.kind === 'done' ? { ...result, closing } : result;
}

export function flattenPreview(app: ActedOn, { symbol }: Asked): ActionResult {
	const closing = closingOf(app, symbol);
	const { where } = scopeOf(app, symbol);
	if (closing.length === 0) return { kind: 'done', sentence: `nothing is held ${where}`, closing };
	const count = `${closing.length} ${closing.length === 1 ? 'position' : 'positions'}`;
	return { kind: 'done', sentence: `flatten would close ${count} ${where}, slice by slice; nothing has changed`, closing };
}

/** All venues that can be asked now; their pictures are judged like those of every comparison. */
export function compare({ venues }: ActedOn): ActionResult {
	const ready = venues.filter(({ isReady }) => isReady);
	for (const { gateway } of ready) gateway.takeCensus();
	const names = ready.map(({ name }) => name).join(' and ');
	if (ready.length > 0) return { kind: 'done', sentence: `what we know is being compared with ${names}` };
	return { kind: 'refused', code: 'not-connected', sentence: 'no venue can be asked now: its streams are down' };
}

/** `by`: who takes it back, for the journal. */
export function rearm(app: ActedOn, by: string): ActionResult {
	const sentence = (): string =>
		'it is taken back: quoting begins again once two comparisons with every venue were clean from now on';
	return told(app, { kind: 'rearm', by }, sentence);
}

function told(app: ActedOn, action: ControlAction, sentenceOf: (orders: number) => string): ActionResult {
	const result = app.runtime.control(action);
	if (result.kind === 'refused') return refusedFor(result.reason);
	const orders = result.kind === 'done' ? result.orderCount : 0;
	return { kind: 'done', sentence: sentenceOf(orders), orders };
}

type Refusal = Extract<ControlResult, { kind: 'refused' }>['reason'];

/** Why the engine did not do it, and how to mend that. */
export const REFUSALS: Readonly<Record<Refusal, string>> = {
	...DENIALS,
	'no-such-order': 'there is no open order of that id',
	busy: 'an earlier request about it has no answer yet: try again in a moment',
	'old-grid': 'the venue has changed its steps since: cancel it and place a new one',
	unchanged: 'it has this price and quantity already',
	'not-paused': 'no pause that anybody asked for is in force; what has another cause lifts when that has passed',
	'gate-is-shut': 'the gate is shut: re-arm first, or start again where this run is ending',
	'not-compared': 'that needs a comparison with every venue that was clean just now: ask for one with compare, and try again',
	'nothing-latched': 'there is nothing to take back: neither a kill nor reduce-only is in force',
	'still-open': 'orders are still open or on their way: wait until they are gone',
};

function refusedFor(reason: Refusal): ActionResult {
	return { kind: 'refused', code: reason, sentence: REFUSALS[reason] };
}

function scopeOf(app: ActedOn, symbol: string | undefined): { readonly scope: Scope; readonly where: string } {
	if (symbol === undefined) return { scope: { kind: 'all' }, where: 'in all symbols' };
	const instrument = symbolMeant(app, symbol);
	return { scope: { kind: 'instrument', instrument: instrument.index }, where: `in ${shownName(instrument, app.instruments)}` };
}

function ordersText(count: number): string {
	return count === 1 ? 'one order is' : `${count === 0 ? 'no' : count} orders are`;
}

function flattenText(count: number, where: string): string {
	if (count === 0) return `nothing is held ${where}; it is not quoted again before it is resumed`;
	return `${count} ${count === 1 ? 'position is' : 'positions are'} being closed ${where}, slice by slice; resume them to quote again`;
}

/** What is held, and what it would bring at the book as it is. */
function closingOf(app: ActedOn, symbol: string | undefined): Closing {
	const only = symbol === undefined ? undefined : symbolMeant(app, symbol).index;
	return app.instruments.flatMap(({ index }) => {
		const market = app.engine.market(index);
		if (market === undefined || (only !== undefined && only !== index)) return [];
		const lots = toClose(market);
		return lots === 0 ? [] : [closingRow(market, lots, app)];
	});
}

function closingRow(market: MarketState, heldLots: number, { instruments }: ActedOn): Closing[number] {
	const { instrument, book } = market;
	const side = heldLots > 0 ? 'sell' : 'buy';
	const lots = Math.abs(heldLots) as Lots;
	const ticks = market.isBookSound ? book.vwapTicks(side === 'sell' ? 'bid' : 'ask', lots) : Number.NaN;
	const isKnown = Number.isFinite(ticks) && ticks > 0;
	const apart = (side === 'sell' ? 1 : -1) * (book.midTwiceTicks / 2 - ticks);
	return {
		...{ symbol: shownName(instrument, instruments), side, qty: printQty(instrument, lots) },
		price: isKnown ? priceToNumber(instrument, ticks) : null,
		worth: isKnown ? ticks * lots * instrument.tickLotNumber : null,
		cost: isKnown ? apart * lots * instrument.tickLotNumber : null,
	};
}
