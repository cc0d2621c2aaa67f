/**
 * Signals on their way into the engine: of each instrument and source the newest one is in force, and when it changes,
 * is deleted or expires, the engine is told by an event like any other. A signal for `BTCUSDT` is for every instrument
 * that goes by that name.
 */
import type { SignalEvent } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Signal } from '../domain/signal.ts';
import { type MonoMs, monoMs, type TimeMs } from '../domain/units.ts';
import type { SignalChange, SignalStore } from '../trading/signal-store.ts';
import { findSymbol } from './symbol-names.ts';

export interface SignalFollowerParts {
	readonly signals: Pick<SignalStore, 'allSignals' | 'getSignalsForSymbols' | 'onChange'>;
	readonly instruments: readonly Instrument[];
	readonly now: () => { readonly wallMs: TimeMs; readonly monoMs: MonoMs };
	readonly tell: (event: SignalEvent) => void;
	/** That somebody speaks of a symbol that there is not, one sentence each. */
	readonly onSay: (sentence: string) => void;
}

/** A person who has not heeded so many sentences does not heed the next. */
const UNHEEDED_MAX = 20;

/** What is in force now is told at once, and what changes from then on, until it is disposed. */
export function followSignals(parts: SignalFollowerParts): Disposable {
	const unheeded = new Set<string>();
	const hear = (changed: readonly Signal[]): void => {
		for (const { symbol } of changed) sayIfUnheeded(symbol, parts, unheeded);
		for (const instrument of parts.instruments) tellOf(instrument, changed, parts);
	};
	hear(parts.signals.allSignals());
	return parts.signals.onChange((changes: readonly SignalChange[]) => hear(changes.map(({ signal }) => signal)));
}

/** What has changed of one instrument, source by source. */
function tellOf(instrument: Instrument, changed: readonly Signal[], { signals, now, tell }: SignalFollowerParts): void {
	const sources = new Set(changed.filter(({ symbol }) => isOf(instrument, symbol)).map(({ source }) => source));
	if (sources.size === 0) return;
	const inForce = signals.getSignalsForSymbols([instrument.id]).get(instrument.id) ?? [];
	for (const source of sources) {
		const at = now();
		const { value = 0, confidence = 0, expiresAtMs = at.wallMs } = inForce.find((each) => each.source === source) ?? {};
		const expiresAtMono = monoMs(at.monoMs + expiresAtMs - at.wallMs);
		tell({ kind: 'signal', instrument: instrument.index, source, value, confidence, expiresAtMono, ...at });
	}
}

function isOf(instrument: Instrument, symbol: string): boolean {
	return findSymbol(symbol, [instrument]).kind === 'found';
}

function sayIfUnheeded(symbol: string, { instruments, onSay }: SignalFollowerParts, unheeded: Set<string>): void {
	if (unheeded.size >= UNHEEDED_MAX || unheeded.has(symbol) || findSymbol(symbol, instruments).kind !== 'none') return;
	unheeded.add(symbol);
	onSay(`a signal for ${symbol} is not heeded: that is none of ${instruments.map(({ id }) => id).join(', ')}`);
}
