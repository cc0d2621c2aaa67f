/**
 * `npm run test:kill [-- --rounds N --seed S]`: an engine with real files, killed with SIGKILL at random instants and
 * started again, N times, against an exchange that lives on in a process of its own. After each start: nothing of
 * earlier runs is open once it quotes again, and never are more orders open than there are slots. In the end: no create
 * came over the wire twice, each order stood in the journal before, and what the tables say was filled is what the
 * exchange says. The last line is the counts, each round and each check of the end being one test. Exit code 0: all of it
 * held; 1: something did not; 2: the command line is wrong.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countsLine } from '../../scripts/test/counts.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { type KillBox, startKillBox, type VenueOrder } from './kill-box.ts';
import { type Home, KilledEngine, LEVELS, readTables, writeSettings } from './kill-engine.ts';
import { compareFills, hear, hearing, pause, runOf, Tally, wantedOf } from './kill-tally.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const QUOTES_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 25;
/** A kill comes at most so long after the engine quotes again, or after it was started. */
const QUOTING_MS_MAX = 2_000;
const STARTING_MS_MAX = 1_800;
/** So many of ten kills come while the engine starts, most of them in the middle of finding out what was left. */
const STARTING_OF_TEN = 3;

process.exitCode = await main();

async function main(): Promise<number> {
	const wanted = wantedOf(process.argv.slice(2), 25);
	if (wanted === undefined) {
		console.error('usage: npm run test:kill [-- --rounds N --seed S]');
		return 2;
	}
	const { rounds, seed } = wanted;
	const root = mkdtempSync(join(tmpdir(), 'evenkeel-kill-'));
	const tally = new Tally();
	const startedMs = performance.now();
	try {
		await using box = await startKillBox(MAIN, ['--symbols', 'BTCUSDT,ETHUSDT', '--seed', String(seed)]);
		const home: Home = { main: MAIN, root, box };
		writeSettings(home);
		await killAgainAndAgain(home, { rounds, rng: seededRng(seed), tally });
		await endInOrder(home, tally);
	} catch (error) {
		tally.failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
	}
	const { failures, quotedAgain, orphaned, creates, recoveryMs, passed } = tally;
	for (const failure of failures) console.log(`FAILED ${failure}`);
	if (failures.length > 0) console.log(`what the engines left is in ${root}`);
	else rmSync(root, { recursive: true, force: true });
	const tookS = (performance.now() - startedMs) / 1_000;
	const slowest = recoveryMs.toSorted((a, b) => b - a)[0] ?? 0;
	console.log(
		`seed ${seed}: ${rounds} kills in ${tookS.toFixed(0)} s, ${quotedAgain} times quoting again (at the latest ${(slowest / 1_000).toFixed(1)} s after the start), ${creates.doubled.length} orders doubled, ${orphaned} orphaned`,
	);
	console.log(`${creates.createdCount} creates heard on the wire; ${creates.missedCount} messages went by unheard`);
	console.log(countsLine({ passed, failed: failures.length, skipped: 0 }));
	return failures.length === 0 ? 0 : 1;
}

interface Killing {
	readonly rounds: number;
	readonly rng: ReturnType<typeof seededRng>;
	readonly tally: Tally;
}

async function killAgainAndAgain(home: Home, { rounds, rng, tally }: Killing): Promise<void> {
	for (let round = 1; round <= rounds; round += 1) {
		const engine = new KilledEngine(home);
		try {
			if (rng.below(10) < STARTING_OF_TEN) await hearing(home.box, tally, rng.below(STARTING_MS_MAX));
			else {
				await quotesAgain(home.box, engine, { tally, round });
				await hearing(home.box, tally, rng.below(QUOTING_MS_MAX));
			}
			tally.check(engine.child.exitCode === null, `round ${round}: the engine ended by itself: ${engine.said}`);
		} finally {
			await engine.kill();
		}
		const open = await home.box.openOrders();
		checkSlots(open, { tally, round });
		tally.see([...open, ...(await home.box.closedOrders())]);
		await hear(home.box, tally);
	}
}

/** Nothing is on its way from a dead engine: what is open now was meant to be (I1). */
function checkSlots(open: readonly VenueOrder[], { tally, round }: { readonly tally: Tally; readonly round: number }): void {
	const bySide = Map.groupBy(open, ({ symbol, side }) => `${symbol} ${side}`);
	for (const [side, orders] of bySide)
		if (orders.length > LEVELS) tally.failures.push(`round ${round}: ${orders.length} orders for ${LEVELS} slots of ${side}`);
}

/** Waits until an order of a run that is not of before is open; nothing of before may be by then (I4). */
async function quotesAgain(
	box: KillBox,
	engine: KilledEngine,
	{ tally, round }: { readonly tally: Tally; readonly round: number | string },
): Promise<void> {
	const before = new Set(tally.clientOrderIds.map(runOf));
	const startMs = performance.now();
	while (performance.now() - startMs < QUOTES_WITHIN_MS && engine.child.exitCode === null) {
		const open = await box.openOrders();
		tally.see(open);
		await hear(box, tally);
		const old = open.filter(({ clientOrderId }) => before.has(runOf(clientOrderId)));
		if (old.length < open.length) {
			tally.recoveryMs.push(performance.now() - startMs);
			tally.quotedAgain += 1;
			tally.orphaned += old.length;
			tally.check(
				old.length === 0,
				`round ${round}: open from earlier runs: ${old.map((each) => each.clientOrderId).join(', ')}`,
			);
			return;
		}
		await pause(LOOK_EVERY_MS);
	}
	tally.check(false, `round ${round}: it does not quote again: ${engine.said}`);
}

/** The last run ends as it should, and then all has to add up. */
async function endInOrder(home: Home, tally: Tally): Promise<void> {
	const engine = new KilledEngine(home);
	await quotesAgain(home.box, engine, { tally, round: 'the last' });
	const code = await engine.stop();
	tally.check(code === 0, `an orderly stop ends with ${code}: ${engine.said}`);
	const [open, closed] = [await home.box.openOrders(), await home.box.closedOrders()];
	tally.see([...open, ...closed]);
	tally.check(open.length === 0, `still open: ${open.map(({ clientOrderId }) => clientOrderId).join(', ')}`);
	tally.check(tally.reused.size === 0, `one id, two orders: ${[...tally.reused].join(', ')}`);
	await hear(home.box, tally);
	const { doubled, createdCount } = tally.creates;
	tally.check(doubled.length === 0, `placed twice: ${doubled.slice(0, 5).join(', ')}`);
	tally.check(createdCount > 0, 'no create was heard on the wire, which proves nothing');
	const tables = readTables(home);
	const unwritten = tally.clientOrderIds.filter((id) => !tables.orderIds.has(id));
	tally.check(unwritten.length === 0, `at the exchange, and not in the journal: ${unwritten.join(', ')}`);
	tally.check(tables.openOrderIds.length === 0, `open in the tables: ${tables.openOrderIds.join(', ')}`);
	await compareFills(home, tally);
}
