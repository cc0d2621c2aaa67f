/** The thread that keeps signals: between it and the file nothing is lost, and nobody waits who does not want to. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SignalNews, SignalOperation } from '../domain/signal.ts';
import { timeMs } from '../domain/units.ts';
import { systemClock } from '../network/system-clock.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { againstAMap } from '../trading/signal-store.suite.ts';
import { SignalFile } from './signal-file.ts';
import { SignalTable } from './signal-table.ts';

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

test('what is put in its place is not taken while what belonged to the old one stands beside it', async () => {
	const other = new SignalFile({ clock: systemClock(), path: join(folder, 'other.db'), onSay: () => {} });
	await other.open(() => {});
	await other.apply([create('restored')], NOW);
	await other[Symbol.asyncDispose]();
	const { shelf, known } = await opened();
	await shelf.apply([create('old')], NOW);
	renameSync(join(folder, 'other.db'), path());
	for (const suffix of ['-wal', '-shm']) {
		expect(await shelf.apply([create('lost')], NOW)).toMatchObject({
			kind: 'failed',
			sentence: expect.stringMatching(
				`signals.db${suffix} is there without what it belongs to; .* move this one away as well`,
			) as unknown,
		});
		expect([...known]).toEqual(['old']);
		renameSync(`${path()}${suffix}`, join(folder, `aside${suffix}`));
	}
	await vi.waitFor(() => expect([...known]).toEqual(['restored']), { timeout: 5_000 });
	// What belongs to the new one is no reason.
	expect(await (await opened()).shelf.apply([create('new')], NOW)).toMatchObject({ kind: 'kept' });
	await vi.waitFor(() => expect([...known].sort()).toEqual(['new', 'restored']), { timeout: 5_000 });
});

test('what another program has opened in its place already is taken', async () => {
	const { shelf, known } = await opened();
	await shelf.apply([create('old')], NOW);
	for (const suffix of ['', '-wal', '-shm']) renameSync(`${path()}${suffix}`, join(folder, `aside${suffix}`));
	const table = SignalTable.open(path()).table;
	table.apply([create('theirs')], NOW);
	await vi.waitFor(() => expect([...known]).toEqual(['theirs']), { timeout: 5_000 });
	table[Symbol.dispose]();
});

test('a disk that is full is told of once, until something has been written again', async () => {
	const clock = new VirtualClock(0);
	const onSay = (sentence: string): void => void said.push(sentence);
	const shelf = open.use(new SignalFile({ clock, path: path(), onSay, options: { pagesMax: 24 } }));
	await shelf.open(() => {});
	const many = Array.from({ length: 2_000 }, (_, i) => create(`s${i}`));
	expect(await shelf.apply([create('first')], NOW)).toMatchObject({ kind: 'kept' });
	for (let i = 0; i < 3; i += 1) {
		expect(await shelf.apply(many, NOW)).toMatchObject({ kind: 'failed' });
		// Another look, which is fine.
		clock.step();
	}
	expect(await shelf.apply([], NOW)).toMatchObject({ kind: 'kept' });
	expect(said).toEqual([expect.stringContaining('the disk is full')]);
	expect(await shelf.apply([{ kind: 'delete', id: 'first' }], NOW)).toMatchObject({ kind: 'kept' });
	await vi.waitFor(() => expect(said.slice(1)).toEqual([`the signals in ${path()} can be had again`]), { timeout: 5_000 });
});

test('at its end it answers what it has heard, and whoever comes later', async () => {
	const { shelf } = await opened();
	const late = shelf.apply([create('a')], NOW);
	await shelf[Symbol.asyncDispose]();
	expect(await late).toMatchObject({ kind: 'kept' });
	expect(await shelf.apply([create('b')], NOW)).toEqual({ kind: 'failed', sentence: 'the signals are closed' });
	await shelf[Symbol.asyncDispose]();
});
