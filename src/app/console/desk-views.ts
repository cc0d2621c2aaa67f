/** What the trading desk decided and why, and the signals that are in force. */
import { DECISION_REASONS } from '../../domain/decision.ts';
import type { DecisionRecord, WatchRecord } from '../../domain/journal-record.ts';
import { type Money, moneyOf, moneyToNumber, NO_MONEY, parseMoney, printMoney } from '../../domain/money.ts';
import type { OrderId } from '../../domain/order-id.ts';
import { isOver } from '../../domain/order-life.ts';
import { DENIALS } from '../../risk/denial.ts';
import type { SignalStore } from '../../trading/signal-store.ts';
import { findSymbol, shownName } from '../symbol-names.ts';
import type { QueryAnswer } from './contract.ts';
import type { Watched } from './watched.ts';
import { symbolMeant } from './watched-app.ts';

type Row = QueryAnswer<'decisions'>['decisions'][number];

/** Newest first. */
export function decisionsView({ limit }: { readonly limit: number }, watched: Watched): QueryAnswer<'decisions'> {
	const { app, clock } = watched;
	const records = app.engine.decisionRecords();
	const watches = new Map(records.filter((record) => record.kind === 'watch').map((record) => [record.decisionId, record]));
	const decisions = records
		.filter((record) => record.kind === 'decision')
		.slice(-limit)
		.reverse();
	return { atMs: clock.wallMs(), decisions: decisions.map((each) => rowOf(each, watches.get(each.decisionId), watched)) };
}

export type SignalsInForce = Pick<SignalStore, 'allSignals'>;

export function signalsView(
	{ symbol, limit }: { readonly symbol?: string | undefined; readonly limit: number },
	signals: SignalsInForce | undefined,
	{ app, clock }: Watched,
): QueryAnswer<'signals'> {
	const only = symbol === undefined ? undefined : [symbolMeant(app, symbol)];
	const all = signals?.allSignals() ?? [];
	const meant = only === undefined ? all : all.filter((each) => findSymbol(each.symbol, only).kind === 'found');
	const rows = meant.slice(0, limit).map(({ id, symbol: of, source, type, value, confidence, createdAtMs, expiresAtMs }) => {
		return { id, symbol: of, source, type, value, confidence, createdAtMs, expiresAtMs };
	});
	return { atMs: clock.wallMs(), signals: rows };
}

const SIDES = { BUY: 'buy', SELL: 'sell', HOLD: 'none' } as const;

function rowOf(record: DecisionRecord, watch: WatchRecord | undefined, { app }: Watched): Row {
	const { decisionId, instrumentId, atMs, decision, reasons, orderId, closes, signal, exits } = record;
	const instrument = app.instruments.find(({ id }) => id === instrumentId);
	const order = orderId === '' ? undefined : app.engine.orders.get(orderId as OrderId);
	const held = heldOf(orderId, watch);
	const [priced, cost] = [moneyToNumber(parseMoney(watch?.priced ?? '0') ?? NO_MONEY), watch?.cost ?? '0'];
	return {
		...{ id: decisionId, atMs, workflow: signal.source },
		symbol: instrument === undefined ? instrumentId : shownName(instrument, app.instruments),
		side: SIDES[decision],
		what: whatOf(record),
		why: reasons.map(reasonText).join('; '),
		confidence: signal.confidence,
		orderId: orderId === '' ? null : orderId,
		state: stateOf(order?.state, held, { watch, closes }),
		held: printMoney(held),
		averagePrice: priced === 0 ? null : Number(cost) / priced,
		exits: exitsText(exits),
	};
}

function whatOf({ decision, qty, orderId, closes, isDryRun }: DecisionRecord): string {
	const verb = decision === 'HOLD' ? 'hold' : decision === 'BUY' ? 'buy' : 'sell';
	if (closes !== '') return `${verb}: close what ${closes} opened`;
	if (orderId === '') return isDryRun ? `${verb} ${qty}, as a dry run` : verb;
	return `${verb} ${qty}`;
}

function reasonText(reason: string): string {
	const known = { ...DECISION_REASONS, ...DENIALS };
	return Object.hasOwn(known, reason) ? known[reason as keyof typeof known] : reason;
}

/** What its entry has brought in and nobody has closed. */
function heldOf(entryId: string, watch: WatchRecord | undefined): Money {
	if (watch === undefined) return NO_MONEY;
	let held = -(parseMoney(watch.closed) ?? NO_MONEY);
	for (const { orderId, filled } of watch.orders) {
		const amount = parseMoney(filled) ?? NO_MONEY;
		held += orderId === entryId ? amount : -amount;
	}
	return held > 0n ? moneyOf(held) : NO_MONEY;
}

function stateOf(
	order: Parameters<typeof isOver>[0] | undefined,
	held: Money,
	{ watch, closes }: { readonly watch: WatchRecord | undefined; readonly closes: string },
): string {
	if (held > 0n) return watch?.exitReason ? `closing (${watch.exitReason})` : 'open';
	if (order !== undefined && !isOver(order)) return 'entering';
	if (watch?.exitReason) return `closed (${watch.exitReason})`;
	return closes !== '' ? 'closes' : 'over';
}

function exitsText({ stopBps, targetBps, forMs }: DecisionRecord['exits']): string {
	const rules = [
		...(stopBps > 0 ? [`stop at ${stopBps} bp`] : []),
		...(targetBps > 0 ? [`target at ${targetBps} bp`] : []),
		...(forMs > 0 ? [`after ${Math.round(forMs / 1_000)} s`] : []),
	];
	return rules.length === 0 ? 'none' : rules.join(', ');
}
