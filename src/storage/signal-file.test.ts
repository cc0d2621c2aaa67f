/** The thread that keeps signals: between it and the file nothing is lost, and nobody waits who does not want to. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SignalNews, SignalOperation } from '../domain/signal.ts';
import { timeMs } from '../domain/units.ts';
import { systemClock } from '../network/system-clock.ts';
import { againstAMap } from '../trading/signal-store.suite.ts';
import { SignalFile } from './signal-file.ts';

const NOW = timeMs(1_000_000);

let folder: string;
let said: string[];
let open: AsyncDisposableStack;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-signals-'));
	said = [];
	open = new AsyncDisposableStack();
});
afterEach(async () => {
	await open.disposeAsync();
	rmSync(folder, { recursive: true });
});

const path = (): string => join(folder, 'there', 'signals.db');

async function opened() {
	const shelf = open.use(new SignalFile({ clock: systemClock(), path: path(), onSay: (sentence) => said.push(sentence) }));
	const heard: SignalNews[] = [];
	const known = new Set<string>();
	const answer = await shelf.open((news) => {
		heard.push(news);
		for (const id of news.gone) known.delete(id);
		for (const { id } of news.put) known.add(id);
	});
	return { shelf, heard, known, answer };
}

function create(id: string): SignalOperation {
	return { kind: 'create', draft: { id, symbol: 'BTCUSDT', type: 'BUY', source: 'desk', expiresAtMs: 2_000_000 } };
}

test('whatever is done, the file knows what a plain map would know', { timeout: 60_000 }, async () => {
	let count = 0;
	const shelf = async (clock: ConstructorParameters<typeof SignalFile>[0]['clock']) => {
		count += 1;
		return new SignalFile({ clock, path: join(folder, `${count}.db`), onSay: (sentence) => said.push(sentence) });
	};
	await againstAMap({ shelf, runs: 15 });
	expect(said).toEqual([]);
});

test('what one writes the other hears, and all of it is there when it is opened again', async () => {
	const [one, other] = await Promise.all([opened(), opened()]);
	expect([one.answer, other.answer]).toEqual([{ kind: 'open' }, { kind: 'open' }]);
	const result = await one.shelf.apply([create('a'), create('b')], NOW);
	expect(result).toMatchObject({ kind: 'kept', results: [{ kind: 'done' }, { kind: 'done' }] });
	expect([...one.known]).toEqual(['a', 'b']);
	await vi.waitFor(() => expect([...other.known]).toEqual(['a', 'b']), { timeout: 5_000 });
	await other.shelf.apply([{ kind: 'delete', id: 'a' }], NOW);
	await vi.waitFor(() => expect([...one.known]).toEqual(['b']), { timeout: 5_000 });
	await open.disposeAsync();
	open = new AsyncDisposableStack();
	expect([...(await opened()).known]).toEqual(['b']);
	expect(said).toEqual([]);
});

test('many calls at once are all answered, in their order', async () => {
	const { shelf, heard } = await opened();
	const results = await Promise.all(Array.from({ length: 50 }, (_, i) => shelf.apply([create(`n${i}`)], NOW)));
	expect(results.every((each) => each.kind === 'kept' && each.results[0]?.kind === 'done')).toBe(true);
	expect(heard.flatMap(({ put }) => put.map(({ id }) => id))).toEqual(Array.from({ length: 50 }, (_, i) => `n${i}`));
});

test('a file that is damaged is refused, and nobody is left behind', async () => {
	const shelf = open.use(
		new SignalFile({ clock: systemClock(), path: join(folder, 'bad.db'), onSay: (each) => said.push(each) }),
	);
	writeFileSync(join(folder, 'bad.db'), 'x'.repeat(8_192));
	const answer = await shelf.open(() => {});
	expect(answer).toMatchObject({ kind: 'refused', sentence: expect.stringContaining('file is not a database') as unknown });
	expect(said).toEqual([]);
});

test('a file that is replaced is the truth from then on, one that is spoilt is told of once, and what comes back as well', async () => {
	const { shelf, known } = await opened();
	await shelf.apply([create('old')], NOW);
	for (const suffix of ['', '-wal', '-shm']) renameSync(`${path()}${suffix}`, join(folder, `aside${suffix}`));
	await vi.waitFor(() => expect([...known]).toEqual([]), { timeout: 5_000 });
	expect(await shelf.apply([create('new')], NOW)).toMatchObject({ kind: 'kept' });
	expect([...known]).toEqual(['new']);

	for (const suffix of ['-wal', '-shm']) rmSync(`${path()}${suffix}`);
	renameSync(path(), join(folder, 'second'));
	writeFileSync(path(), 'x'.repeat(8_192));
	await vi.waitFor(() => expect(said.length).toBe(1), { timeout: 5_000 });
	expect(await shelf.apply([create('lost')], NOW)).toMatchObject({ kind: 'failed', sentence: said[0] });
	expect([...known]).toEqual(['new']);

	rmSync(path());
	await vi.waitFor(() => expect(said.length).toBe(2), { timeout: 5_000 });
	expect(said[0]).toContain('file is not a database');
	expect(said[1]).toBe(`the signals in ${path()} can be had again`);
	expect([...known]).toEqual([]);
});

test('at its end it answers what it has heard, and whoever comes later', async () => {
	const { shelf } = await opened();
	const late = shelf.apply([create('a')], NOW);
	await shelf[Symbol.asyncDispose]();
	expect(await late).toMatchObject({ kind: 'kept' });
	expect(await shelf.apply([create('b')], NOW)).toEqual({ kind: 'failed', sentence: 'the signals are closed' });
	await shelf[Symbol.asyncDispose]();
});
