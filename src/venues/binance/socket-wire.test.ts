import { expect, test } from 'vitest';
import { isShutdown, publicHeartbeat, readAnswer, topicWire } from './socket-wire.ts';

test('streams are asked for, and left, by their names', () => {
	const { subscribe, unsubscribe } = topicWire();
	expect(JSON.parse(subscribe('1-1', ['a@trade', 'b@trade']))).toEqual({
		method: 'SUBSCRIBE',
		params: ['a@trade', 'b@trade'],
		id: '1-1',
	});
	expect(JSON.parse(unsubscribe('1-2', ['a@trade']))).toEqual({ method: 'UNSUBSCRIBE', params: ['a@trade'], id: '1-2' });
});

const INVALID = { code: 2, msg: 'Invalid request: invalid stream' };
const REFUSED = { kind: 'refused', message: INVALID.msg, held: [] };

test.each([
	['a confirmation', { result: null, id: '1-1' }, { kind: 'confirmed' }],
	['a refusal as it is seen', { error: INVALID, id: '1-1' }, REFUSED],
	['a refusal as it is documented', { ...INVALID, id: '1-1' }, REFUSED],
	['a refusal without words', { error: { code: 4 }, id: '1-1' }, { ...REFUSED, message: '' }],
	['a long one', { error: { code: 2, msg: 'x'.repeat(5_000) }, id: '1-1' }, { ...REFUSED, message: 'x'.repeat(200) }],
])('%s is an answer', (_, message, answer) => {
	expect(readAnswer(message)).toEqual({ requestId: '1-1', answer });
});

test.each([
	['what has no id of ours', { result: null, id: 7 }],
	['what could not be read over there', { error: INVALID, id: null }],
	['a list of streams', { result: [], id: '1-1' }],
	['an id alone', { id: '1-1' }],
	['an error that is none', { error: 'no', id: '1-1' }],
	['data', { stream: 'x', data: {} }],
	['nothing', undefined],
])('%s is not', (_, message) => {
	expect(readAnswer(message)).toBeUndefined();
});

test('the venue says that it goes down in either form', () => {
	const said = { e: 'serverShutdown', E: 1_771_000_000_000 };
	expect([isShutdown(said), isShutdown({ stream: '!serverShutdown', data: said })]).toEqual([true, true]);
	expect([isShutdown({ stream: 'x', data: { e: 'trade' } }), isShutdown({ e: 'trade' }), isShutdown('x')]).toEqual([
		false,
		false,
		false,
	]);
});

test.each([
	[undefined, 5_000],
	[60_000, 5_000],
	[2_000, 2_000],
	[10, 1_000],
])('a beat that should come every %s ms comes every %s', (wished, everyMs) => {
	expect(publicHeartbeat(wished)).toEqual({ everyMs, deadlineMs: 10_000 });
});
