/** What may be done to signals, and what is refused. */
import { describe, expect, test } from 'vitest';
import { byNewest, decideSignal, SIGNALS_MAX, type Signal, type SignalOperation, signalFault, signalOf } from './signal.ts';
import { timeMs } from './units.ts';

const NOW = timeMs(1_000_000);
const LATER = timeMs(2_000_000);
const DRAFT = {
	id: 'one',
	symbol: 'BTCUSDT',
	type: 'BUY',
	value: 0.5,
	confidence: 0.8,
	source: 'desk',
	expiresAtMs: LATER,
} as const;
const KEPT: Signal = { ...DRAFT, createdAtMs: timeMs(10), updatedAtMs: timeMs(20), expiresAtMs: LATER };

function decide(operation: SignalOperation, kept: readonly Signal[] = [KEPT], count = kept.length) {
	return decideSignal(operation, { count, find: (id) => kept.find((each) => each.id === id) }, NOW);
}

const refused = (refusal: string, sentence: unknown = expect.any(String)) => ({ kind: 'refused', refusal, sentence });

describe('an operation', () => {
	test.each<[string, SignalOperation, unknown]>([
		[
			'creates a signal with the times of now',
			{ kind: 'create', draft: { ...DRAFT, id: 'two' } },
			{ kind: 'put', signal: { ...DRAFT, id: 'two', createdAtMs: NOW, updatedAtMs: NOW } },
		],
		[
			'creates one that is all the way and sure where nothing else is said',
			{ kind: 'create', draft: { id: 'two', symbol: 'X', type: 'SELL', source: 'a', expiresAtMs: LATER } },
			{ kind: 'put', signal: expect.objectContaining({ value: -1, confidence: 1 }) as unknown },
		],
		['does not create one that is there', { kind: 'create', draft: DRAFT }, refused('exists', 'there is a signal one already')],
		[
			'does not create one that is over',
			{ kind: 'create', draft: { ...DRAFT, id: 'two', expiresAtMs: NOW } },
			refused('expired', 'expiresAtMs is 1000000, expected a time to come'),
		],
		[
			'does not create what is none',
			{ kind: 'create', draft: { ...DRAFT, id: 'two', value: 2 } },
			refused('invalid', 'value is 2, expected a number above 0 and up to 1, since the type is BUY'),
		],
		[
			'changes what is named, and when that was',
			{ kind: 'update', id: 'one', patch: { confidence: 0.1, value: undefined } },
			{ kind: 'put', signal: { ...KEPT, confidence: 0.1, updatedAtMs: NOW } },
		],
		[
			'turns one round as a whole',
			{ kind: 'update', id: 'one', patch: { type: 'SELL', value: -1, expiresAtMs: 3_000_000 } },
			{ kind: 'put', signal: { ...KEPT, type: 'SELL', value: -1, updatedAtMs: NOW, expiresAtMs: 3_000_000 } },
		],
		['does not turn half of one round', { kind: 'update', id: 'one', patch: { type: 'SELL' } }, refused('invalid')],
		['does not change what is not there', { kind: 'update', id: 'two', patch: {} }, refused('unknown', 'there is no signal two')],
		['takes one away', { kind: 'delete', id: 'one' }, { kind: 'drop', signal: KEPT }],
		['does not take away what is not there', { kind: 'delete', id: 'two' }, refused('unknown')],
		[
			'puts one as it is in the place of another',
			{ kind: 'put', signal: { ...KEPT, symbol: 'X' } },
			{ kind: 'put', signal: { ...KEPT, symbol: 'X' } },
		],
		['does not put one that is over', { kind: 'put', signal: { ...KEPT, expiresAtMs: NOW } }, refused('expired')],
	])('%s', (_, operation, expected) => {
		expect(decide(operation)).toEqual(expected);
	});

	test('adds none to the most that are kept, and changes those there are', () => {
		expect(decide({ kind: 'create', draft: { ...DRAFT, id: 'two' } }, [KEPT], SIGNALS_MAX)).toMatchObject(refused('full'));
		expect(decide({ kind: 'put', signal: { ...KEPT, id: 'two' } }, [KEPT], SIGNALS_MAX)).toMatchObject(refused('full'));
		expect(decide({ kind: 'update', id: 'one', patch: { value: 1 } }, [KEPT], SIGNALS_MAX).kind).toBe('put');
		expect(decide({ kind: 'create', draft: { ...DRAFT, id: 'two' } }, [KEPT], SIGNALS_MAX - 1).kind).toBe('put');
	});

	test('keeps no zero with a sign and nothing that is no part of a signal', () => {
		const odd = { ...KEPT, type: 'HOLD', value: -0, confidence: -0, colour: 'red' } as const;
		const decision = decide({ kind: 'put', signal: odd });
		expect(decision).toStrictEqual({ kind: 'put', signal: { ...KEPT, type: 'HOLD', value: 0, confidence: 0 } });
	});
});

describe('a signal', () => {
	test.each<[string, object]>([
		['id', { id: '' }],
		['id', { id: '-one' }],
		['id', { id: 'o ne' }],
		['id', { id: 'o'.repeat(161) }],
		['symbol', { symbol: '' }],
		['symbol', { symbol: 'BTC\u0007USDT' }],
		['symbol', { symbol: 7 }],
		['type', { type: 'buy' }],
		['value', { value: 0 }],
		['value', { value: -0.5 }],
		['value', { value: 1.01 }],
		['value', { value: Number.NaN }],
		['value', { type: 'SELL', value: 0.5 }],
		['value', { type: 'HOLD', value: -1.01 }],
		['value', { value: '0.5' }],
		['confidence', { confidence: -0.1 }],
		['confidence', { confidence: 1.1 }],
		['confidence', { confidence: Number.POSITIVE_INFINITY }],
		['source', { source: '' }],
		['source', { source: 'a\nb' }],
		['createdAtMs', { createdAtMs: -1 }],
		['updatedAtMs', { updatedAtMs: 0.5 }],
		['expiresAtMs', { expiresAtMs: 253_402_300_800_000 }],
	])('is none with this %s: %j', (field, wrong) => {
		expect(signalFault({ ...KEPT, ...wrong })?.field).toBe(field);
	});

	test.each<object>([
		{},
		{ id: 'a:b:1', symbol: '币安人生USDT', source: 'my desk' },
		{ type: 'HOLD', value: 0 },
		{ type: 'HOLD', value: -1 },
		{ type: 'SELL', value: -1, confidence: 0 },
		{ value: 1, confidence: 1, expiresAtMs: 253_402_300_799_999 },
	])('may be %j', (right) => {
		expect(signalFault({ ...KEPT, ...right })).toBeUndefined();
	});

	test('of a draft without an id is none yet', () => {
		expect(signalFault(signalOf({ ...DRAFT, id: undefined }, NOW))?.field).toBe('id');
	});
});

test('the last word comes first, and of one moment the same one for everybody', () => {
	const at = (id: string, updatedAtMs: number, createdAtMs = 1) => ({
		...KEPT,
		id,
		updatedAtMs: timeMs(updatedAtMs),
		createdAtMs: timeMs(createdAtMs),
	});
	const sorted = [at('a', 1), at('b', 1), at('c', 9), at('d', 1, 5)].sort(byNewest).map(({ id }) => id);
	expect(sorted).toEqual(['c', 'd', 'b', 'a']);
});
