/** Signals, and what became of operations on them, for a person and for programs. */
import { signalJson } from '../app/signals-json.ts';
import { tableText } from './plain-table.ts';

type Signal = Parameters<typeof signalJson>[0];

export type OperationResult =
	| { readonly kind: 'done'; readonly signal: Signal }
	| { readonly kind: 'refused'; readonly refusal: string; readonly sentence: string }
	| { readonly kind: 'failed'; readonly sentence: string };

const HEADINGS = ['id', 'symbol', 'type', 'value', 'confidence', 'source', 'expires'];

export function signalsText(signals: readonly Signal[]): string {
	if (signals.length === 0) return 'no signals\n';
	const rows = signals.map(signalJson).map((each) => {
		return [each.id, each.symbol, each.type, `${each.value}`, `${each.confidence}`, each.source, each.expiresAt];
	});
	return tableText(HEADINGS, rows);
}

export function resultText(result: OperationResult): string {
	if (result.kind !== 'done') return result.sentence;
	const { id, symbol, type, value, confidence, source, expiresAt } = signalJson(result.signal);
	return `${id}: ${type} ${symbol}, value ${value}, confidence ${confidence}, from ${source}, until ${expiresAt}`;
}

export function resultsJson(results: readonly OperationResult[]): string {
	const done = results.filter(({ kind }) => kind === 'done').length;
	const told = results.map((each) => (each.kind === 'done' ? { ...each, signal: signalJson(each.signal) } : each));
	return `${JSON.stringify({ done, refused: results.length - done, results: told })}\n`;
}
