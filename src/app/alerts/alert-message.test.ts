import { expect, test } from 'vitest';
import type { Alert, AlertChange } from '../../telemetry/alerts/alert-book.ts';
import { ALERTS, type AlertCode } from '../../telemetry/alerts/alert-codes.ts';
import { messageOf, TEXT_MAX } from './alert-message.ts';

let lastId = 0;
function change(code: AlertCode, about: Partial<Alert> = {}, kind: AlertChange['kind'] = 'begun'): AlertChange {
	lastId += 1;
	const { severity } = ALERTS[code];
	const empty = { symbol: undefined, venue: undefined, subject: undefined, endedMs: undefined };
	return { kind, alert: { id: `${lastId}`, code, severity, sentence: 'because', sinceMs: 0, count: 1, ...empty, ...about } };
}

test('begins with whose it is and what is gravest, and what is over comes last', () => {
	const { text } = messageOf('evenkeel live main', [
		change('killed', {}, 'ended'),
		change('comparing'),
		change('orders-in-doubt', { sentence: '4 orders are in doubt', count: 3 }),
	]);
	expect(text.split('\n')).toEqual([
		'evenkeel live main: [critical] orders-in-doubt: 4 orders are in doubt (3 times)',
		'[warning] comparing: because',
		'[over] killed: because',
	]);
});

test('symbols with the same trouble share a line', () => {
	const symbols = Array.from({ length: 12 }, (_, at) => `S${at}`);
	const { text } = messageOf(
		'x',
		symbols.map((symbol) => change('book-stale', { symbol })),
	);
	expect(text).toBe('x: [warning] book-stale S0, S1, S2, S3, S4, S5, S6, S7 and 4 more: because');
});

test('two of a kind without a symbol are two lines', () => {
	expect(messageOf('x', [change('banned'), change('banned')]).text.split('\n')).toHaveLength(2);
});

test('is as long as a chat takes at most, and says how much is left out', () => {
	const many = Array.from({ length: 150 }, (_, at) => change('stream-down', { subject: `${at}`, sentence: 'y'.repeat(1_000) }));
	expect(messageOf('x', many).text.length).toBeLessThanOrEqual(TEXT_MAX);
	const short = many.map((each) => ({ ...each, alert: { ...each.alert, sentence: 'down' } }));
	expect(messageOf('x', short, 7).text.endsWith('and 137 more')).toBe(true);
});

test('carries no control character of anybody', () => {
	const sentence = 'a\u001b[2Jb\r\nc\u202ed\u0000e';
	expect(messageOf('x', [change('banned', { sentence })]).text).toBe('x: [critical] banned: a [2Jb c d e');
});
