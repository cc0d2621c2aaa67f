/** Files of signals: what is written is read back to the same, and what is wrong in one is said with its line. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SIGNAL_TYPES, type Signal, signalFault } from '../domain/signal.ts';
import { timeMs } from '../domain/units.ts';
import { memorySignalShelf } from '../simulation/memory-signal-shelf.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { SignalStore } from '../trading/signal-store.ts';
import { problemLine } from './config/problem.ts';
import { exportText, OPERATIONS_MAX, parseTimeMs, readExport, readOperations } from './signals-json.ts';

const NOW = timeMs(Date.UTC(2026, 0, 1));

async function openStore(): Promise<SignalStore> {
	const opened = await SignalStore.open({ shelf: memorySignalShelf(), clock: new VirtualClock(NOW), rng: seededRng(1) });
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	return opened.store;
}

async function imported(store: SignalStore, text: string) {
	const read = readExport({ name: 'signals.json', text }, NOW);
	if (read.kind === 'bad') throw new Error(read.problems.map(problemLine).join('\n'));
	return await store.processSignals(read.operations);
}

function problems(text: string, read = readExport): readonly string[] {
	const answer = read({ name: 'signals.json', text }, NOW);
	return answer.kind === 'bad' ? answer.problems.map(problemLine) : [];
}

/** What JSON and databases stumble over. */
const name = fc.string({
	minLength: 1,
	maxLength: 12,
	unit: fc.constantFrom('a', 'Z', '9', '.', ':', '"', "'", '\\', '/', 'é', '币', '🙂', '%', '{'),
});

const signal: fc.Arbitrary<Signal> = fc
	.record({
		id: name,
		symbol: fc.oneof(fc.constantFrom('BTCUSDT', 'bybit:linear:BTCUSDT', '币安人生USDT'), name),
		type: fc.constantFrom(...SIGNAL_TYPES),
		value: fc.double({ min: -1, max: 1, noNaN: true }),
		confidence: fc.double({ min: 0, max: 1, noNaN: true }),
		source: name,
		createdAtMs: fc.integer({ min: 0, max: NOW }).map(timeMs),
		updatedAtMs: fc.integer({ min: 0, max: NOW }).map(timeMs),
		expiresAtMs: fc.integer({ min: NOW + 1, max: 253_402_300_799_999 }).map(timeMs),
	})
	.map((each) => ({ ...each, value: each.value + 0, confidence: each.confidence + 0 }))
	.filter((each) => signalFault(each) === undefined);

test('what was exported and is imported is the same, to the last bit and millisecond', async () => {
	const some = fc.uniqueArray(signal, { selector: ({ id }) => id, maxLength: 20 });
	await fc.assert(
		fc.asyncProperty(some, async (signals) => {
			await using one = await openStore();
			await using other = await openStore();
			await one.processSignals(signals.map((each) => ({ kind: 'put', signal: each })));
			expect(one.allSignals().length).toBe(signals.length);
			const text = exportText(one.allSignals());
			const results = await imported(other, text);
			expect(results.every(({ kind }) => kind === 'done')).toBe(true);
			expect(other.allSignals()).toEqual(one.allSignals());
			expect(exportText(other.allSignals())).toBe(text);
		}),
	);
});

test('an import by hand says no more than it must, and what has expired is left out by name', async () => {
	await using store = await openStore();
	const results = await imported(
		store,
		`{"signals": [
			{"symbol": "BTCUSDT", "type": "SELL", "source": "me", "expiresAt": "2026-01-01T01:00+01:00"},
			{"symbol": "BTCUSDT", "type": "SELL", "source": "me", "expiresAt": "2026-01-01T01:30+01:00"},
			{"id": "mine", "symbol": "BTCUSDT", "type": "HOLD", "source": "me", "expiresAt": "2026-01-02T00:00:00.123Z", "createdAt": "2025-01-01T00:00:00Z"}
		]}`,
	);
	expect(results.map((each) => (each.kind === 'refused' ? each.refusal : each.kind))).toEqual(['expired', 'done', 'done']);
	expect(store.getSignal('mine')).toMatchObject({
		value: 0,
		createdAtMs: Date.UTC(2025, 0, 1),
		updatedAtMs: Date.UTC(2025, 0, 1),
		expiresAtMs: NOW + 86_400_123,
	});
	expect(store.allSignals().find(({ id }) => id !== 'mine')).toMatchObject({
		type: 'SELL',
		value: -1,
		confidence: 1,
		createdAtMs: NOW,
	});
});

const GOOD = '"symbol": "BTCUSDT", "type": "BUY", "source": "me", "expiresAt": "2027-01-01T00:00:00Z"';

describe('a file that is wrong', () => {
	test.each<[string, string, string]>([
		[
			'is no JSON',
			'{"signals": [\n{,\n]}',
			"signals.json:2:2: signals[0]: found ',', expected a name in double quotes; check for a comma too many, and put names in double quotes",
		],
		['is a list', '[]', 'signals.json:1:1: found an empty list, expected a map; change it'],
		['has no signals', '{}', 'signals.json:1:1: signals: found nothing, expected a list; give it a value'],
		[
			'has a value on the wrong side',
			`{"signals": [\n{${GOOD}},\n{${GOOD}, "value": -0.5}]}`,
			'signals.json:3:100: signals[1].value: found -0.5, expected a number above 0 and up to 1, since the type is BUY; change it',
		],
		[
			'has a number in quotes',
			`{"signals": [{${GOOD}, "confidence": "0.5"}]}`,
			"signals.json:1:118: signals[0].confidence: found '0.5', expected a number; write it without quotes, within these bounds",
		],
		[
			'names something that there is not',
			`{"signals": [{${GOOD}, "valeu": 1}]}`,
			"signals.json:1:104: signals[0].valeu: found an unknown key, expected one of id, symbol, type, value, confidence, source, expiresAt, createdAt, updatedAt; did you mean 'value'?",
		],
		[
			'has no end',
			'{"signals": [{"symbol": "X", "type": "BUY", "source": "me"}]}',
			'signals.json:1:14: signals[0].expiresAt: found nothing, expected a time such as 2026-11-22T08:30:00Z; give it a value',
		],
		[
			'has an end that is none',
			`{"signals": [{${GOOD.replace('2027-01-01T00:00:00Z', '2027-13-01T00:00:00Z')}}]}`,
			"signals.json:1:80: signals[0].expiresAt: found '2027-13-01T00:00:00Z', expected a time such as 2026-11-22T08:30:00Z; change it",
		],
		[
			'has an id twice',
			`{"signals": [{"id": "a", ${GOOD}},\n{"id": "a", ${GOOD}}]}`,
			"signals.json:2:8: signals[1].id: found 'a', expected each id once; change it",
		],
	])('because it %s', (_, text, line) => {
		expect(problems(text)).toEqual([line]);
	});

	test('is told all of, up to what fits a screen', () => {
		const bad = `{${GOOD.replace('BTCUSDT', 'B T C')}}`;
		expect(problems(`{"signals": [${[bad, bad, bad].join(',\n')}]}`).map((line) => line.split(': ')[0])).toEqual([
			'signals.json:1:25',
			'signals.json:2:12',
			'signals.json:3:12',
		]);
		expect(problems(`{"signals": [${Array.from({ length: 500 }, () => bad).join(',')}]}`).length).toBe(20);
	});

	test('has more than are ever kept', () => {
		const many = `{"signals": [${Array.from({ length: OPERATIONS_MAX + 1 }, () => `{${GOOD}}`).join(',')}]}`;
		expect(problems(many)).toEqual(['signals.json:1:13: signals: found a list, expected at most 10000 of them; change it']);
	});
});

describe('operations', () => {
	test('are what the store takes', () => {
		const text = `{"operations": [
			{"kind": "create", "id": "a", ${GOOD}, "value": 0.25},
			{"kind": "update", "id": "b", "confidence": 0.5, "expiresAt": "2027-01-01T00:00:00Z"},
			{"kind": "delete", "id": "c"}
		]}`;
		const expiresAtMs = Date.UTC(2027, 0, 1);
		expect(readOperations({ name: 'o.json', text }, NOW)).toEqual({
			kind: 'read',
			operations: [
				{ kind: 'create', draft: { id: 'a', symbol: 'BTCUSDT', type: 'BUY', source: 'me', value: 0.25, expiresAtMs } },
				{ kind: 'update', id: 'b', patch: { confidence: 0.5, expiresAtMs } },
				{ kind: 'delete', id: 'c' },
			],
		});
	});

	test.each<[string, string, string]>([
		[
			'of a kind that there is not',
			'{"kind": "remove", "id": "a"}',
			"signals.json:1:26: operations[0].kind: found 'remove', expected one of create, update, delete; choose one of them",
		],
		[
			'without what it is of',
			'{"kind": "delete"}',
			'signals.json:1:17: operations[0].id: found nothing, expected a text; give it a value',
		],
		[
			'with what a signal does not have',
			`{"kind": "create", ${GOOD}, "confidence": 3}`,
			'signals.json:1:139: operations[0].confidence: found 3, expected a number from 0 to 1; change it',
		],
	])('%s are refused', (_, operation, line) => {
		expect(problems(`{"operations": [${operation}]}`, readOperations)).toEqual([line]);
	});
});

test.each<[string, number | undefined]>([
	['2026-01-01T00:00:00Z', NOW],
	['2026-01-01T02:00+02:00', NOW],
	['2026-01-01T00:00:00.5Z', NOW + 500],
	['2026-01-01', undefined],
	['2026-01-01T00:00:00', undefined],
	['tomorrow', undefined],
	['2026-01-01T25:00:00Z', undefined],
	['1969-01-01T00:00:00Z', undefined],
])('%s is a time or none', (text, atMs) => {
	expect(parseTimeMs(text)).toBe(atMs);
});
