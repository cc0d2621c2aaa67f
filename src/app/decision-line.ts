/** What a workflow decided, on one line for the person at the terminal; nothing where it decided to do nothing. */

import { DECISION_REASONS } from '../domain/decision.ts';
import { DENIALS } from '../risk/denial.ts';
import type { TradeResult } from '../trading/workflow.ts';

const SENTENCES: Readonly<Record<string, string>> = { ...DECISION_REASONS, ...DENIALS };

/** Of a reason of a decision, which may be the code of a check of the gate. */
export function reasonSentence(code: string): string {
	return SENTENCES[code] ?? code;
}

export function decisionLine(workflow: string, result: TradeResult<unknown>): string | undefined {
	if (result.kind === 'failed' || result.decision === 'HOLD') return undefined;
	const { symbol, decision, signal, reasons, order, executionDurationMs } = result;
	const said = reasons.map(reasonSentence).join('; ');
	const fate = order === undefined ? 'nothing ordered' : `order ${order.state}`;
	const strength = `${signal.value.toFixed(2)}, sure by ${signal.confidence.toFixed(2)}`;
	return `${workflow}: ${decision} ${symbol}, signal ${strength}: ${said}; ${fate}, ${executionDurationMs.toFixed(0)} ms`;
}
