/**
 * `npm run test:kill-desk [-- --rounds N --seed S]`: an engine that trades by signals, killed with SIGKILL at random instants
 * in the middle of its workflows and started again, N times, against an exchange that lives on in a process of its own. A
 * source that says something else all the time keeps positions being opened, turned and closed. In the end all that was
 * opened is closed again, each decision that ordered has an order with a fate, each order at the exchange is that of exactly
 * one decision or exit, none came over the wire twice, and what the tables say was filled is what the exchange says. The
 * last line is the counts. Exit code 0: all of it held; 1: something did not; 2: the command line is wrong.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countsLine } from '../../scripts/test/counts.ts';
import { openSignalsAlone } from '../../src/app/open-signals.ts';
import type { SignalOperation } from '../../src/domain/signal.ts';
import { timeMs } from '../../src/domain/units.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { startKillBox, type VenueOrder } from './kill-box.ts';
import { type DeskTables, dataFolder, type Home, KilledEngine, readDeskTables, writeSettings } from './kill-engine.ts';
import { compareFills, hear, hearing, pause, runOf, Tally, wantedOf } from './kill-tally.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const ROUNDS = 15;
const TRADES_WITHIN_MS = 60_000;
const FLAT_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 25;
/** A kill comes at most so long after the engine trades again, or after it was started. */
const TRADING_MS_MAX = 2_500;
const STARTING_MS_MAX = 1_800;
/** So many of ten kills come while the engine starts. */
const STARTING_OF_TEN = 3;
/** At the market, and resting, so that a kill finds both kinds of entries. */
const AT_MARKET = ['BTCUSDT', 'ETHUSDT'];
const RESTING = ['SOLUSDT'];
const SYMBOLS = [...AT_MARKET, ...RESTING];
const TURNED_EVERY_MS = 350;
const SIGNAL_LIVES_MS = 3_600_000;
/** On the way there and back an order is neither here nor there for most of its life. */
const LATENCY = '20ms';

const COMMON = {
	...{ source: 'oracle', every: 0.2, size: { amount: 200 }, bars: 5 },
	exit: { stop_bps: 2, target_bps: 2, after: 1 },
};
const SETTINGS = {
	venues: (rest: string) => ({ bybit: { symbols: SYMBOLS, urls: { rest } } }),
	strategies: [],
	async_features: { enable_rate_limiting: false },
	trading: {
		price_ttl: 0,
		workflows: [
			{ ...COMMON, name: 'swift', symbols: AT_MARKET },
			{ ...COMMON, name: 'patient', symbols: RESTING, entry: { type: 'limit', offset_ticks: 0, for: 2 } },
		],
	},
};

process.exitCode = await main();

async function main(): Promise<number> {
	const wanted = wantedOf(process.argv.slice(2), ROUNDS);
	if (wanted === undefined) {
		console.error('usage: npm run test:kill-desk [-- --rounds N --seed S]');
		return 2;
	}
	const { rounds, seed } = wanted;
	const root = mkdtempSync(join(tmpdir(), 'evenkeel-kill-desk-'));
	const tally = new Tally();
	try {
		await using box = await startKillBox(MAIN, ['--symbols', SYMBOLS.join(','), '--seed', String(seed), '--latency', LATENCY]);
		const home: Home = { main: MAIN, root, box };
		writeSettings(home, { ...SETTINGS, venues: SETTINGS.venues(box.listening.bybit.rest) });
		await using oracle = await openOracle(home, seed);
		await killAgainAndAgain(home, { rounds, seed, tally });
		await endInOrder(home, { tally, oracle });
		tally.check(oracle.failures.length === 0, `signals were not written: ${oracle.failures[0]}`);
	} catch (error) {
		tally.failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
	}
	const { failures, creates, passed } = tally;
	for (const failure of failures) console.log(`FAILED ${failure}`);
	if (failures.length > 0) console.log(`what the engines left is in ${root}`);
	else rmSync(root, { recursive: true, force: true });
	console.log(
		`seed ${seed}: ${rounds} kills, ${tally.quotedAgain} times trading again, ${creates.doubled.length} orders doubled`,
	);
	console.log(`${creates.createdCount} creates heard on the wire; ${creates.missedCount} messages went by unheard`);
	console.log(countsLine({ passed, failed: failures.length, skipped: 0 }));
	return failures.length === 0 ? 0 : 1;
}

interface Oracle extends AsyncDisposable {
	readonly failures: readonly string[];
	/** Says nothing any more, and takes back what it said. */
	fallSilent(): Promise<void>;
}

/** Changes its mind for as long as it is not silent, from another process than the one that trades by it. */
async function openOracle(home: Home, seed: number): Promise<Oracle> {
	const failures: string[] = [];
	const opened = await openSignalsAlone(dataFolder(home), (sentence) => failures.push(sentence));
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	const { store } = opened;
	const rng = seededRng(seed).fork('oracle');
	const called = new AbortController();
	const say = async (operations: readonly SignalOperation[]): Promise<void> => {
		const results = await store.processSignals(operations);
		for (const result of results) if (result.kind !== 'done') failures.push(result.sentence);
	};
	const turning = (async () => {
		while (!called.signal.aborted) {
			await say(SYMBOLS.map((symbol) => turned(symbol, rng.below(2) === 0)));
			await pause(TURNED_EVERY_MS);
		}
	})();
	const hush = async (): Promise<void> => {
		called.abort();
		await turning;
	};
	return {
		failures,
		fallSilent: async () => {
			await hush();
			await say(SYMBOLS.map((symbol) => ({ kind: 'delete', id: idOf(symbol) })));
		},
		[Symbol.asyncDispose]: async () => {
			await hush();
			await store[Symbol.asyncDispose]();
		},
	};
}

function idOf(symbol: string): string {
	return `oracle:${symbol}`;
}

function turned(symbol: string, isUp: boolean): SignalOperation {
	const nowMs = timeMs(Date.now());
	const times = { createdAtMs: nowMs, updatedAtMs: nowMs, expiresAtMs: timeMs(nowMs + SIGNAL_LIVES_MS) };
	const said = isUp ? ({ type: 'BUY', value: 1 } as const) : ({ type: 'SELL', value: -1 } as const);
	return { kind: 'put', signal: { id: idOf(symbol), symbol, source: 'oracle', confidence: 1, ...said, ...times } };
}

async function killAgainAndAgain(
	home: Home,
	{ rounds, seed, tally }: { readonly rounds: number; readonly seed: number; readonly tally: Tally },
): Promise<void> {
	const rng = seededRng(seed).fork('kills');
	for (let round = 1; round <= rounds; round += 1) {
		const engine = new KilledEngine(home);
		try {
			if (rng.below(10) < STARTING_OF_TEN) await hearing(home.box, tally, rng.below(STARTING_MS_MAX));
			else {
				await tradesAgain(home, engine, { tally, round });
				await hearing(home.box, tally, rng.below(TRADING_MS_MAX));
			}
			tally.check(engine.child.exitCode === null, `round ${round}: the engine ended by itself: ${engine.said}`);
		} finally {
			await engine.kill();
		}
		tally.see(await allOrders(home));
		await hear(home.box, tally);
	}
}

/** Waits until there is an order of a run that is not of before; nothing of before may be open by then. */
async function tradesAgain(
	home: Home,
	engine: KilledEngine,
	{ tally, round }: { readonly tally: Tally; readonly round: number | string },
): Promise<void> {
	const before = new Set(tally.clientOrderIds.map(runOf));
	const isOld = ({ clientOrderId }: VenueOrder): boolean => before.has(runOf(clientOrderId));
	const startMs = performance.now();
	while (performance.now() - startMs < TRADES_WITHIN_MS && engine.child.exitCode === null) {
		const open = await home.box.openOrders();
		const all = [...open, ...(await home.box.closedOrders())];
		tally.see(all);
		await hear(home.box, tally);
		if (!all.every(isOld)) {
			const old = open.filter(isOld).map(({ clientOrderId }) => clientOrderId);
			tally.quotedAgain += 1;
			tally.check(old.length === 0, `round ${round}: open from earlier runs: ${old.join(', ')}`);
			return;
		}
		await pause(LOOK_EVERY_MS);
	}
	tally.check(false, `round ${round}: it does not trade again: ${engine.said}`);
}

/** The last run closes what all have opened and ends as it should, and then all has to add up. */
async function endInOrder(home: Home, { tally, oracle }: { readonly tally: Tally; readonly oracle: Oracle }): Promise<void> {
	const engine = new KilledEngine(home);
	await tradesAgain(home, engine, { tally, round: 'the last' });
	await oracle.fallSilent();
	tally.check(await isFlat(home, tally), 'positions of decisions were left open, though their time was over');
	const code = await engine.stop();
	tally.check(code === 0, `an orderly stop ends with ${code}: ${engine.said}`);
	const open = await home.box.openOrders();
	tally.see(await allOrders(home));
	await hear(home.box, tally);
	tally.check(open.length === 0, `still open: ${open.map(({ clientOrderId }) => clientOrderId).join(', ')}`);
	tally.check(tally.reused.size === 0, `one id, two orders: ${[...tally.reused].join(', ')}`);
	const { doubled, createdCount } = tally.creates;
	tally.check(doubled.length === 0, `placed twice: ${doubled.slice(0, 5).join(', ')}`);
	tally.check(createdCount > 0, 'no create was heard on the wire, which proves nothing');
	checkFates(readDeskTables(home), tally);
	await compareFills(home, tally);
}

/** Each position has an exit by time, which a crash must not lose. */
async function isFlat({ box }: Home, tally: Tally): Promise<boolean> {
	const startMs = performance.now();
	while (performance.now() - startMs < FLAT_WITHIN_MS) {
		const positions = await box.positions();
		if (positions.every((each) => Number(each['qtySigned']) === 0) && (await box.openOrders()).length === 0) return true;
		await hearing(box, tally, LOOK_EVERY_MS);
	}
	return false;
}

/** No decision without its order's fate, and no order of which no decision knows. */
function checkFates({ decisions, exits, orderIds }: DeskTables, tally: Tally): void {
	const ordered = decisions.filter(({ order_id }) => order_id !== '');
	const closing = exits.filter(({ order_id }) => order_id !== '');
	const fateless = ordered.filter(({ fate }) => fate === 'open' || fate === 'none');
	tally.check(fateless.length === 0, `without a fate: ${fateless.map((each) => `${each.decision_id} ${each.fate}`).join(', ')}`);
	const names = new Set(decisions.map(({ decision_id }) => decision_id));
	const stray = exits.filter(({ decision_id }) => !names.has(decision_id));
	tally.check(stray.length === 0, `exits of no decision: ${stray.map(({ decision_id }) => decision_id).join(', ')}`);
	const ids = (rows: readonly { readonly order_id: string }[]): readonly string[] => rows.map(({ order_id }) => order_id);
	const turning = ordered.filter(({ closes }) => closes !== '');
	const owned = [...ids(ordered.filter(({ closes }) => closes === '')), ...ids(closing)];
	tally.check(repeated(owned).length === 0, `of two decisions: ${repeated(owned).join(', ')}`);
	tally.check(repeated(ids(turning)).length === 0, `closed by two decisions: ${repeated(ids(turning)).join(', ')}`);
	const known = new Set(owned);
	const unclosing = ids(turning).filter((orderId) => !known.has(orderId));
	tally.check(unclosing.length === 0, `said to close, and no exit: ${unclosing.join(', ')}`);
	const unowned = [...new Set([...orderIds, ...tally.clientOrderIds])].filter((orderId) => !known.has(orderId));
	tally.check(unowned.length === 0, `of no decision: ${unowned.join(', ')}`);
	const unwritten = tally.clientOrderIds.filter((orderId) => !orderIds.has(orderId));
	tally.check(unwritten.length === 0, `at the exchange, and not in the journal: ${unwritten.join(', ')}`);
	const reasons = [...Map.groupBy(exits, ({ reason }) => reason)].map(([reason, { length }]) => `${reason} ${length}`);
	console.log(`${decisions.length} decisions, ${ordered.length} with an order, ${closing.length} orders out of them`);
	console.log(`why out: ${reasons.join(', ')}`);
	tally.check(ordered.length > 0 && closing.length > 0, 'nothing was opened and closed, which proves nothing');
}

function repeated(ids: readonly string[]): readonly string[] {
	return ids.filter((id, index) => ids.indexOf(id) !== index);
}

async function allOrders({ box }: Home): Promise<readonly VenueOrder[]> {
	return [...(await box.openOrders()), ...(await box.closedOrders())];
}
