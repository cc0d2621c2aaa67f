/**
 * What a person is sent: many alerts in one message, those of one kind on one line, the gravest first. Pure. Text of a
 * venue may be in a sentence, so control characters are left out, and a message is as long as a chat takes and no longer.
 */
import type { Alert, AlertChange } from '../../telemetry/alerts/alert-book.ts';

export interface AlertMessage {
	/** Plain text; the first line says the most. */
	readonly text: string;
	readonly alerts: readonly AlertChange[];
	/** Changes that came on top and were not kept. */
	readonly moreCount: number;
}

/** Chats refuse more than 4,096. */
export const TEXT_MAX = 3_500;
const SENTENCE_MAX = 300;
const NAMED_MAX = 8;
const LINES_MAX = 20;
const RANK = { critical: 0, warning: 1, info: 2 } as const;

export function messageOf(instance: string, alerts: readonly AlertChange[], moreCount = 0): AlertMessage {
	const lines = [...groupsOf(alerts)].sort(byGravity).map(lineOf);
	const shown = lines.slice(0, LINES_MAX);
	const left = moreCount + alerts.length - shownCount(alerts, LINES_MAX);
	if (left > 0) shown.push(`and ${left} more`);
	const text = `${printable(instance)}: ${shown.join('\n')}`;
	return { text: text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1)}…`, alerts, moreCount };
}

type Group = readonly [AlertChange, ...AlertChange[]];

/** Of one kind and for one reason, but in several symbols. */
function groupsOf(alerts: readonly AlertChange[]): readonly Group[] {
	const groups = new Map<string, [AlertChange, ...AlertChange[]]>();
	for (const change of alerts) {
		const { kind, alert } = change;
		const key = `${kind === 'ended'} ${alert.code} ${alert.symbol === undefined ? alert.id : ''}`;
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [change]);
		else group.push(change);
	}
	return [...groups.values()];
}

function byGravity([a]: Group, [b]: Group): number {
	const over = Number(a.kind === 'ended') - Number(b.kind === 'ended');
	return over === 0 ? RANK[a.alert.severity] - RANK[b.alert.severity] : over;
}

function shownCount(alerts: readonly AlertChange[], linesMax: number): number {
	return [...groupsOf(alerts)]
		.sort(byGravity)
		.slice(0, linesMax)
		.reduce((sum, group) => sum + group.length, 0);
}

function lineOf(group: Group): string {
	const [{ kind, alert }] = group;
	const word = kind === 'ended' ? 'over' : alert.severity;
	const often = alert.count > 1 ? ` (${alert.count} times)` : '';
	const sentence = printable(alert.sentence).slice(0, SENTENCE_MAX);
	return `[${word}] ${alert.code}${whereOf(group.map((each) => each.alert))}: ${sentence}${often}`;
}

function whereOf(alerts: readonly Alert[]): string {
	const symbols = alerts.flatMap(({ symbol }) => (symbol === undefined ? [] : [printable(symbol)]));
	if (symbols.length === 0) return '';
	const rest = symbols.length - NAMED_MAX;
	return ` ${symbols.slice(0, NAMED_MAX).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function printable(text: string): string {
	return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
