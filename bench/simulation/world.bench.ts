/**
 * The whole stack in virtual time: exchange in a box, adapter and engine in one process over the virtual network. It
 * stands for what a night of seeds costs: how many seconds of a session one second of a core runs. Standard load: two
 * symbols, four quotes a side each, twenty book messages a second each. Once as it is, once with faults of all kinds,
 * drawn by the seed, and once with a judge beside it who looks at every step and hashes every byte. The first seed of
 * each is not counted: a night is long, and its compiler is warm. Time is the processor's, as many worlds share a machine.
 */
import { type WiredOptions, WiredWorld } from '../../src/app/wired-world.ts';
import type { Recorder } from '../../src/engine/ports.ts';
import { drawPlan } from '../../src/exchange/faults/draw-plan.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { BUSY, EAGER, openSession, WIRED_START_MS, WIRED_SYMBOLS } from '../../test/fixtures/wired.ts';
import { type BenchCase, type Benchmark, type BenchOptions, type BenchResult, Samples } from '../harness.ts';

const SIZES = { tiny: { seeds: 1, virtualMs: 2_000 }, full: { seeds: 15, virtualMs: 120_000 } };
const BOOKS_PER_SEC = 20;
const SYMBOLS = WIRED_SYMBOLS.slice(0, 2);
const LOAD = { market: 'thin', marketStepMs: 1_000 / BOOKS_PER_SEC, bookDepth: 50, symbols: SYMBOLS } as const;
/** Our own orders change the books too. */
const BOOKS_SLACK = 0.15;

interface Running {
	readonly world: WiredWorld;
	run(durationMs: number): Promise<void>;
	/** Book messages so far; undefined where nobody counts. */
	bookCount?(): number;
}

interface Kind {
	readonly name: string;
	readonly open: (seed: number, virtualMs: number) => Promise<Running>;
}

const KINDS: readonly Kind[] = [
	{ name: 'standard load', open: openCounted },
	{
		name: 'with faults of all kinds',
		open: (seed, virtualMs) => openWorld(seed, { faults: drawPlan(seededRng(seed).fork('plan'), { durationMs: virtualMs }) }),
	},
	{ name: 'judged and hashed', open: (seed) => openSession(seed, LOAD) },
];

export default {
	name: 'simulation/world',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const size = tiny ? SIZES.tiny : SIZES.full;
		const cases: BenchCase[] = [];
		for (const kind of KINDS) cases.push(await measure(kind, size));
		const [plain, faulty, judged] = cases;
		if (plain === undefined || faulty === undefined || judged === undefined) throw new Error('three kinds give three cases');
		return {
			cases,
			ratios: { plainVsRealTime: plain.p50, faultsVsRealTime: faulty.p50, judgedVsRealTime: judged.p50 },
		};
	},
} satisfies Benchmark;

async function measure(kind: Kind, size: { readonly seeds: number; readonly virtualMs: number }): Promise<BenchCase> {
	const samples = new Samples(size.seeds);
	let checksum = 0;
	for (let seed = 0; seed <= size.seeds; seed += 1) {
		const { world, run, bookCount } = await kind.open(seed, size.virtualMs);
		const booksBefore = bookCount?.() ?? 0;
		const before = process.cpuUsage();
		await run(size.virtualMs);
		const { user, system } = process.cpuUsage(before);
		if (bookCount !== undefined) assertLoad(bookCount() - booksBefore, size.virtualMs);
		checksum = (checksum * 31 + sumOf(world)) % 1_000_003;
		await world.stop();
		if (seed > 0) samples.record((size.virtualMs * 1_000) / (user + system));
	}
	return { name: kind.name, unit: '× real time', sampleCount: samples.count, ...samples.percentiles(), checksum };
}

async function openCounted(seed: number): Promise<Running> {
	let count = 0;
	const recorder: Recorder = {
		input: (event) => {
			if (event.kind === 'book' && event.delta.count > 0) count += 1;
		},
		output: () => {},
	};
	return { ...(await openWorld(seed, { recorder })), bookCount: () => count };
}

async function openWorld(seed: number, more: Partial<WiredOptions>): Promise<Running> {
	const world = await WiredWorld.open({
		...LOAD,
		clock: new VirtualClock(WIRED_START_MS),
		rng: seededRng(seed),
		quoting: [{ strategy: EAGER, symbols: SYMBOLS.map(({ symbol }) => symbol) }],
		engine: BUSY,
		link: { requestMs: 2, replyMs: 2 },
		orderEntry: 'ws',
		limitFactor: 1,
		journalMs: 0.5,
		balances: { USDT: '100000' },
		...more,
	});
	return { world, run: (durationMs) => world.run(durationMs) };
}

/** A faster world with fewer messages would be no faster world. */
function assertLoad(bookCount: number, virtualMs: number): void {
	const expected = (virtualMs / 1_000) * BOOKS_PER_SEC * SYMBOLS.length;
	if (Math.abs(bookCount - expected) <= expected * BOOKS_SLACK) return;
	throw new Error(`${bookCount} book messages, expected about ${expected}`);
}

function sumOf({ app, exchange }: WiredWorld): number {
	const { calls, ticks } = app.engine.getStats();
	return (calls * 7 + ticks * 31 + app.engine.fillCount + Number.parseInt(exchange.stateHash().slice(0, 8), 16)) % 1_000_003;
}
