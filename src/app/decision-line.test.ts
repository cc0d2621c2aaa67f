import { expect, test } from 'vitest';
import type { TradeDone } from '../trading/workflow.ts';
import { decisionLine } from './decision-line.ts';

const STAGES = { fetchMs: 40, signalMs: 0, riskMs: 1, orderMs: 41, portfolioMs: 0 };
const DONE: TradeDone<undefined> = {
	kind: 'done',
	...{ symbol: 'ETHUSDT', decisionId: 'trend ETHUSDT 1', executionDurationMs: 82.4, stages: STAGES, portfolio: undefined },
	...{ decision: 'BUY', reasons: ['signal-above', 'closes-open'], signal: { value: 0.617, confidence: 1 } },
	order: { orderId: 'ETHUSDT-Buy-1-1-0000', state: 'filled', filledLots: 15 },
};

test('a decision is one line, with its reasons as sentences', () => {
	expect(decisionLine('trend', DONE)).toBe(
		'trend: BUY ETHUSDT, signal 0.62, sure by 1.00: the signal is at or above the threshold for buying; an earlier decision of the other direction is closed by it; order filled, 82 ms',
	);
});

test('where nothing was ordered it says so, and what the gate has refused is a sentence, too', () => {
	const line = decisionLine('trend', { ...DONE, reasons: ['PT7'], order: undefined });
	expect(line).toContain(': the order is worth more than one order may be; nothing ordered, 82 ms');
});

test('to hold, or to fail, is no decision to tell', () => {
	expect(decisionLine('trend', { ...DONE, decision: 'HOLD' })).toBeUndefined();
	const failed = {
		symbol: 'X',
		executionDurationMs: 1,
		stages: STAGES,
		stage: 'fetch',
		reason: 'halted',
		class: 'transient',
	} as const;
	expect(decisionLine('trend', { kind: 'failed', ...failed })).toBeUndefined();
});
