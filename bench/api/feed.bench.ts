/**
 * What it costs an engine to be looked at: the computing of a tick with 50 symbols while the dashboard's feed is open,
 * against the same engine a moment earlier or later with nobody looking. It stands for the promise that a person may leave
 * the page open all day; what is lost here, quotes are late by whenever somebody looks.
 *
 * All is as in a session: settings, journal on the disk, desk, metrics, the API in its thread, a market that lives in a box
 * that is a process of its own. Whoever looks is a third process, of the lowest priority. A round has three turns, in each
 * order once: without anybody, with the feed open, and without once more; the last says how much of a difference is chance.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openApi } from '../../src/api/open-api.ts';
import { readConfig } from '../../src/app/config/config.ts';
import { openTrading, type Trading } from '../../src/app/trading.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { extraNames } from '../../src/exchange/market/extra.ts';
import { accessesTo } from '../../test/fixtures/accesses-to.ts';
import { type BenchBox, openBenchBox } from '../app/tick-box.ts';
import { type BenchCase, type Benchmark, type BenchOptions, type BenchResult, Samples } from '../harness.ts';
import type { ReaderHears, ReaderTold } from './feed-reader.ts';

const SIZES = {
	tiny: { symbols: 4, rounds: 1, settleMs: 200, turnMs: 600, beforeMs: 0 },
	full: { symbols: 50, rounds: 12, settleMs: 300, turnMs: 900, beforeMs: 3_000 },
};
type Size = (typeof SIZES)['full'];

const WAYS = ['without', 'with', 'without once more'] as const;
type Way = (typeof WAYS)[number];
const TITLES: Readonly<Record<Way, string>> = {
	without: 'tick, nobody looks',
	with: 'tick, the feed is open',
	'without once more': 'tick, nobody looks once more',
};
/** Each place in a round falls to each of them equally often. */
const ORDERS: readonly (readonly Way[])[] = [
	['without', 'with', 'without once more'],
	['without once more', 'with', 'without'],
	['with', 'without', 'without once more'],
	['without once more', 'without', 'with'],
	['with', 'without once more', 'without'],
	['without', 'without once more', 'with'],
];
/** Far more than fit into a turn. */
const TICKS_MAX = 100_000;

export default {
	name: 'api/feed',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const size = tiny ? SIZES.tiny : SIZES.full;
		const symbols = extraNames(size.symbols);
		await using opening = new AsyncDisposableStack();
		const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
		opening.defer(() => rmSync(folder, { recursive: true }));
		const box = opening.use(await openBenchBox({ roundTripMs: 0, symbolCount: size.symbols, market: 'synthetic' }));
		const trading = opening.use(await openSession(box, { folder, symbols }));
		const ticks = new TickWatch(trading.app.engine);
		const troubles = await trading.app.start();
		if (troubles.length > 0) throw new Error(troubles.join('; '));
		trading.desk.start();
		opening.defer(async () => void (await trading.stop('the benchmark ends')));
		const api = opening.use(await openFeed(trading, folder));
		const reader = opening.use(await openReader(api.link, symbols[0] ?? ''));
		await sleep(size.beforeMs);
		return told(await takeTurns(size, ticks, reader));
	},
} satisfies Benchmark;

async function openSession(
	box: BenchBox,
	{ folder, symbols }: { readonly folder: string; readonly symbols: readonly string[] },
): Promise<Trading> {
	const text = [
		`venues: { bybit: { symbols: [${symbols.join(', ')}] } }`,
		'strategies: [{ name: all, params: { levels: { count: 3, half_spread_bps: 5 } } }]',
		'telemetry: { metrics_port: 0 }',
		'exchange: {}',
	].join('\n');
	const read = readConfig({ file: { name: 'bench.yaml', text } });
	if (read.kind === 'bad') throw new Error(JSON.stringify(read.problems));
	const opened = await openTrading({
		config: read.config,
		venues: accessesTo(read.config, box.listening, box.account('ours')),
		data: {
			...{ folder: join(folder, 'data'), lockFolder: join(folder, 'locks'), build: 'bench', rearmCommand: '' },
			who: `process ${process.pid}`,
		},
		onNote: (note) => {
			// Who quotes nothing has fast ticks.
			if (note.kind === 'paused') console.error(`  paused: ${note.reason}`);
		},
		onTrouble: (sentence) => console.error(`  ${sentence}`),
	});
	if (opened.kind === 'refused') throw new Error(opened.sentences.join('; '));
	return opened.trading;
}

async function openFeed({ console: door, clock }: Trading, folder: string) {
	const opened = await openApi({
		settings: { host: '127.0.0.1', port: 0, behindProxy: undefined, tls: undefined },
		...{ folder: join(folder, 'data'), pages: undefined, version: 'bench', pid: process.pid, console: door, clock },
		onSay: (sentence) => console.error(`  ${sentence}`),
	});
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	return opened.api;
}

/** Times what an engine computes for each tick, with all its pieces. */
class TickWatch {
	#samples: Samples | undefined;
	#ms = 0;

	constructor(engine: Engine) {
		const step = engine.step.bind(engine);
		const ticksOf = (): number => engine.getStats().ticks;
		engine.step = (event) => {
			if (event.kind !== 'timer' || this.#samples === undefined) return step(event);
			const before = ticksOf();
			const startMs = performance.now();
			const result = step(event);
			const tookMs = performance.now() - startMs;
			if (ticksOf() !== before) {
				this.#keep();
				this.#ms = tookMs;
			} else if (event.key === 'piece') this.#ms += tookMs;
			return result;
		};
	}

	into(samples: Samples | undefined): void {
		this.#keep();
		this.#samples = samples;
	}

	#keep(): void {
		if (this.#ms > 0) this.#samples?.record(this.#ms);
		this.#ms = 0;
	}
}

interface Reader extends Disposable {
	say(what: ReaderHears): void;
	tell(): Promise<ReaderTold>;
}

async function openReader(link: string, symbol: string): Promise<Reader> {
	const script = fileURLToPath(new URL('./feed-reader.ts', import.meta.url));
	const child = fork(script, [link, symbol], { stdio: ['ignore', 2, 2, 'ipc'] });
	const isGone = once(child, 'exit').then(() => {
		throw new Error('whoever looked at the feed is gone');
	});
	isGone.catch(() => {});
	const heard = async (): Promise<unknown> => ((await Promise.race([once(child, 'message'), isGone])) as unknown[])[0];
	await heard();
	return {
		say: (what) => void child.send(what),
		tell: async () => {
			const answer = heard();
			child.send('tell' satisfies ReaderHears);
			return (await answer) as ReaderTold;
		},
		[Symbol.dispose]: () => void child.kill(),
	};
}

interface Turns {
	readonly ticks: Readonly<Record<Way, Samples>>;
	/** Round by round, p95 against that without the feed. */
	readonly withVsWithout: Samples;
	readonly againVsWithout: Samples;
	readonly roundsPerSec: Samples;
	readonly framesPerSec: Samples;
	readonly kilobytesPerSec: Samples;
	readonly largestFrame: Samples;
}

async function takeTurns({ rounds, settleMs, turnMs }: Size, watch: TickWatch, reader: Reader): Promise<Turns> {
	const each = (): Samples => new Samples(rounds);
	const turns: Turns = {
		ticks: { without: new Samples(TICKS_MAX), with: new Samples(TICKS_MAX), 'without once more': new Samples(TICKS_MAX) },
		...{ withVsWithout: each(), againVsWithout: each(), roundsPerSec: each(), framesPerSec: each() },
		...{ kilobytesPerSec: each(), largestFrame: each() },
	};
	for (let round = 0; round < rounds; round += 1) {
		const p95: Record<Way, number> = { without: 0, with: 0, 'without once more': 0 };
		for (const way of ORDERS[round % ORDERS.length] ?? WAYS) {
			if (way === 'with') reader.say('look');
			await sleep(settleMs);
			reader.say('count anew');
			const ofTurn = new Samples(TICKS_MAX);
			watch.into(ofTurn);
			await sleep(turnMs);
			watch.into(undefined);
			p95[way] = ofTurn.percentiles().p95;
			ofTurn.into(turns.ticks[way]);
			if (way === 'with') hear(turns, await reader.tell());
			reader.say('look away');
		}
		turns.withVsWithout.record(p95.with / p95.without);
		turns.againVsWithout.record(p95['without once more'] / p95.without);
	}
	return turns;
}

function hear(turns: Turns, { ms, frames, bytes, overviews, largestFrameBytes, troubles, trouble }: ReaderTold): void {
	// Who is told nothing costs nothing.
	if (overviews === 0 || troubles > 0) throw new Error(`the feed gave ${frames} frames and ${troubles} troubles: ${trouble}`);
	turns.roundsPerSec.record((overviews * 1_000) / ms);
	turns.framesPerSec.record((frames * 1_000) / ms);
	turns.kilobytesPerSec.record(bytes / ms);
	turns.largestFrame.record(largestFrameBytes / 1_000);
}

function told(turns: Turns): BenchResult {
	const caseOf = (name: string, unit: string, samples: Samples): BenchCase => {
		return { name, unit, sampleCount: samples.count, ...samples.percentiles() };
	};
	return {
		cases: [
			...WAYS.map((way) => caseOf(TITLES[way], 'ms/tick', turns.ticks[way])),
			caseOf('p95 with the feed open, against without', 'times', turns.withVsWithout),
			caseOf('p95 without once more, against without', 'times', turns.againVsWithout),
			caseOf('rounds of the feed that came through', '/s', turns.roundsPerSec),
			caseOf('frames', '/s', turns.framesPerSec),
			caseOf('all frames', 'kB/s', turns.kilobytesPerSec),
			caseOf('largest frame', 'kB', turns.largestFrame),
		],
		ratios: {
			withoutVsWithP95: 1 / turns.withVsWithout.percentiles().p50,
			withoutVsWithoutP95: 1 / turns.againVsWithout.percentiles().p50,
		},
	};
}
