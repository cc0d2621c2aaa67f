/**
 * The last comparisons with each venue: what was compared and what differed, put together from what the engine was told
 * and what it asked for because of that. The verdict is the engine's own.
 */
import type { CensusEvent } from '../../domain/event.ts';
import { type Instrument, printQty } from '../../domain/instrument.ts';
import type { ReconciledRecord } from '../../domain/journal-record.ts';
import type { OrderId } from '../../domain/order-id.ts';
import { isOver } from '../../domain/order-life.ts';
import type { LookUp } from '../../engine/ports.ts';
import { shownName } from '../symbol-names.ts';
import { LastOnes } from './last-ones.ts';
import type { ReconciliationRow } from './views.ts';
import type { WatchedApp } from './watched-app.ts';

export const COMPARISONS_KEPT = 500;
/** More differences than a person reads. */
const DIFFS_MAX = 50;

type Diff = ReconciliationRow['diffs'][number];

interface Open {
	readonly beganAtMono: number;
	readonly compared: number;
	readonly listed: ReadonlySet<string>;
	readonly isWhole: boolean;
	readonly diffs: Diff[];
	readonly app: WatchedApp;
}

export class Comparisons {
	readonly rows = new LastOnes<ReconciliationRow>(COMPARISONS_KEPT);
	readonly #lastAtMs = new Map<string, number>();
	/** By venue, from its picture to its verdict. */
	readonly #open = new Map<string, Open>();
	/** The one that the next picture came upon: its verdict is told first. */
	readonly #before = new Map<string, Open>();

	/** When the last one was that came to something. */
	lastAtMs(venue: string): number | undefined {
		return this.#lastAtMs.get(venue);
	}

	/** Before the engine has taken it: what it believes is what it believed when it was told. */
	hearCensus({ venue, beganAtMono, found }: CensusEvent, app: WatchedApp): void {
		const listed = new Set((found?.orders ?? []).map(({ clientOrderId }) => clientOrderId));
		const open: Open = { beganAtMono, compared: listed.size, listed, isWhole: found !== undefined, diffs: [], app };
		for (const { instrument, clientOrderId } of found?.orders ?? []) {
			const order = app.engine.orders.get(clientOrderId as OrderId);
			if (order !== undefined && !isOver(order.state)) continue;
			const whose =
				order === undefined ? 'is open at the venue and none of the orders known here' : 'is open at the venue, and over here';
			note(open, {
				kind: 'listed',
				orderId: clientOrderId,
				symbol: nameOf(instrument, app),
				sentence: `${clientOrderId} ${whose}`,
			});
		}
		for (const { instrument: index, positionLotsSigned } of found?.positions ?? []) {
			const instrument = app.engine.market(index)?.instrument;
			if (instrument === undefined) continue;
			const lots = app.engine.ledger.positionLots(index);
			if (lots === positionLotsSigned) continue;
			const symbol = nameOf(instrument, app);
			const [there, here] = [printQty(instrument, positionLotsSigned), printQty(instrument, lots)];
			note(open, {
				kind: 'position',
				orderId: null,
				symbol,
				sentence: `the venue holds ${there} of ${symbol}, our fills make ${here}`,
			});
		}
		const before = this.#open.get(venue);
		// One that was broken off, by a doubt or by a picture that is not whole, has no verdict.
		if (before !== undefined && open.isWhole && app.engine.isComparing(venue)) this.#before.set(venue, before);
		this.#open.set(venue, open);
	}

	/** Asked of the venue because the picture did not show them. */
	hearLookUp(venue: string, asked: readonly LookUp[]): void {
		const open = this.#open.get(venue);
		if (open === undefined || !open.isWhole) return;
		for (const { orderId, instrument } of asked) {
			if (open.listed.has(orderId)) continue;
			const sentence = `${orderId} was open here and is not in the venue's list; it was asked for by its id`;
			note(open, { kind: 'missing', orderId, symbol: nameOf(instrument, open.app), sentence });
		}
	}

	hearVerdict(record: ReconciledRecord, nowMono: number): void {
		const { venue, atMs, verdict, ordersFixed, orphansClosed } = record;
		const open = this.#before.get(venue) ?? this.#open.get(venue);
		if (!this.#before.delete(venue)) this.#open.delete(venue);
		if (verdict !== 'inconclusive') this.#lastAtMs.set(venue, atMs);
		const isClean = verdict === 'clean';
		this.rows.add({
			...{ atMs, venue, kind: isClean ? 'clean' : 'differs', compared: open?.compared ?? 0 },
			tookMs: open === undefined ? 0 : Math.max(0, nowMono - open.beganAtMono),
			why: whyOf(verdict, ordersFixed + orphansClosed),
			diffs: open?.diffs ?? [],
		});
	}
}

function note({ diffs }: Open, diff: Diff): void {
	if (diffs.length < DIFFS_MAX) diffs.push(diff);
}

function nameOf(instrument: Instrument, { instruments }: WatchedApp): string {
	return shownName(instrument, instruments);
}

function whyOf(verdict: ReconciledRecord['verdict'], wrongCount: number): string {
	switch (verdict) {
		case 'clean':
			return 'the venue has what we think it has';
		case 'repaired':
			return wrongCount === 0 ? 'something differed and is watched' : `${wrongCount} orders were put right`;
		case 'inconclusive':
			return 'the picture of the venue was not whole, so nothing follows from it';
		case 'desync':
			return `${wrongCount} orders were not what we took them for: quoting stands still`;
	}
}
