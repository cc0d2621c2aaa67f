/**
 * A whole tick over the wire, as it is for whoever quotes many symbols: the engine with everything in it, real sockets, and
 * the exchange in a box in a process of its own, 40 ms away. It stands for the promise that a tick is one round trip,
 * however many symbols there are; what is lost here, every quote is late by.
 *
 * Said openly: the venue's rate limits are lifted, or a tick of fifty symbols would last fifty seconds. The market rests,
 * so that only we act. The box has half of its round trip for its own work, which is its processor's and not ours: where
 * it takes longer, as on a machine whose cores are busy, everybody's ticks grow. The bare client, which sends the same
 * from prepared texts, shows how much of a tick that is. Contestants take turns, each round in the other order, and each
 * has a round trip of its own measured just before its tick; nobody's orders are in anybody else's streams.
 */
import { extraNames } from '../../src/exchange/market/extra.ts';
import { type BenchCase, type Benchmark, type BenchOptions, type BenchResult, Samples } from '../harness.ts';
import { type BareClient, bareRest, bareSocket } from './tick-bare.ts';
import { type BenchBox, openBenchBox } from './tick-box.ts';
import { type Channel, type Mode, OurApp, type Taken } from './tick-ours.ts';
import { bybitApiRest, bybitApiSingles, bybitApiSocket, ccxt, type PeerClient } from './tick-peers.ts';
import { type Kind, ORDERS_PER_SYMBOL, type WorkSymbol, workOf } from './tick-work.ts';

interface Size {
	readonly symbols: number;
	readonly rounds: number;
	readonly warmupRounds: number;
	/** One call an order, one after the other: seconds for each tick, so few of them. */
	readonly slowRounds: number;
}

interface Plan {
	readonly roundTripMs: number;
	/** Between two ticks, until streams are silent and the venue has caught its breath. */
	readonly restMs: number;
	readonly sizes: readonly Size[];
}

const FULL: Plan = {
	roundTripMs: 40,
	restMs: 40,
	sizes: [
		{ symbols: 4, rounds: 40, warmupRounds: 20, slowRounds: 3 },
		{ symbols: 20, rounds: 40, warmupRounds: 20, slowRounds: 0 },
		{ symbols: 50, rounds: 100, warmupRounds: 40, slowRounds: 0 },
	],
};
const TINY: Plan = { roundTripMs: 2, restMs: 2, sizes: [{ symbols: 4, rounds: 2, warmupRounds: 1, slowRounds: 1 }] };

const CHANNELS: readonly Channel[] = ['ws', 'rest'];
const KINDS: readonly Kind[] = ['replace', 'requote'];
/** On a machine that has time for us there are none. */
const BROKEN_MAX = 20;

export default {
	name: 'app/tick',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const plan = tiny ? TINY : FULL;
		const cases: BenchCase[] = [];
		const ratios: Record<string, number> = {};
		if (!tiny) console.error(`  the box: ${plan.roundTripMs} ms away, market at rest, the venue's rate limits lifted`);
		for (const size of plan.sizes) {
			for (const channel of CHANNELS) await measure({ plan, size, channel }, { cases, ratios });
		}
		return { cases, ratios };
	},
} satisfies Benchmark;

interface Measured {
	readonly cases: BenchCase[];
	readonly ratios: Record<string, number>;
}

interface Match {
	readonly plan: Plan;
	readonly size: Size;
	readonly channel: Channel;
}

async function measure(match: Match, into: Measured): Promise<void> {
	const { plan, size, channel } = match;
	await using box = await openBenchBox({ roundTripMs: plan.roundTripMs, symbolCount: size.symbols * 2 });
	const symbols = workOf(extraNames(size.symbols * 2));
	const [mine, theirs] = [symbols.slice(0, size.symbols), symbols.slice(size.symbols)];
	await using open = new AsyncDisposableStack();
	const app = open.use(await OurApp.open(box, mine, channel));
	const bare = open.use(await (channel === 'ws' ? bareSocket(box, theirs) : bareRest(box, theirs)));
	const peers: Readonly<Record<string, PeerClient>> =
		channel === 'ws'
			? { 'bybit-api, cross-symbol batches': open.use(await bybitApiSocket(box, theirs)) }
			: {
					'bybit-api, cross-symbol batches': open.use(await bybitApiRest(box, theirs)),
					'ccxt, per-symbol batches': open.use(await ccxt(box, theirs)),
				};
	for (const kind of KINDS) {
		const race = new Race({ ...match, kind, box, bare });
		race.enter(kind === 'requote' ? 'ours, amend-first' : 'ours, cross-symbol batches', ourRun(app, kind, 'crossSymbol'));
		race.enter('ours, per-symbol batches', ourRun(app, kind, 'perSymbol'));
		race.enter('bare client', { tick: () => bare.tick(kind) });
		for (const [name, peer] of Object.entries(peers)) race.enter(name, { tick: () => peer.tick(kind) });
		await race.run(size);
		race.tell(into);
	}
	if (size.slowRounds > 0) await measureSlow(match, { app, bare, box, theirs }, into);
}

/** One call an order: ours one after the other, as with batching switched off, theirs all at once. */
async function measureSlow(
	match: Match,
	{ app, bare, box, theirs }: { app: OurApp; bare: BareClient; box: BenchBox; theirs: readonly WorkSymbol[] },
	into: Measured,
): Promise<void> {
	await using singles = match.channel === 'rest' ? await bybitApiSingles(box, theirs) : undefined;
	const race = new Race({ ...match, kind: 'replace', box, bare });
	race.enter('ours, sequential', ourRun(app, 'replace', 'sequential'));
	if (singles !== undefined) race.enter('bybit-api, one call an order', { tick: () => singles.tick('replace') });
	await race.run({ rounds: match.size.slowRounds, warmupRounds: 1 });
	race.tell(into);
}

interface Run {
	readonly tick: () => Promise<Taken>;
	/** Whether the venue has just what was wanted, some time after the tick. */
	readonly isDone?: () => boolean;
}

function ourRun(app: OurApp, kind: Kind, mode: Mode): Run {
	return { tick: () => app.tick(kind, mode), isDone: () => app.isAsWished };
}

interface Runner extends Run {
	readonly name: string;
	readonly tickMs: Samples;
	/** Ours, until the last answer; and until what the streams tell has been heard too. */
	readonly cpuMs: Samples;
	readonly allCpuMs: Samples;
	readonly boxCpuMs: Samples;
	calls: number;
	broken: number;
}

const SAMPLES_MAX = 1_000;
const LOOKS = 40;
const LOOK_EVERY_MS = 10;
const REPAIRS_MAX = 80;
const REPAIR_EVERY_MS = 250;

/** Contestants in turn; each takes as many counted ticks as there are rounds. */
class Race {
	readonly #scene: Match & { readonly kind: Kind; readonly box: BenchBox; readonly bare: BareClient };
	readonly #runners: Runner[] = [];
	readonly #roundTripMs = new Samples(SAMPLES_MAX * 10);

	constructor(scene: Match & { readonly kind: Kind; readonly box: BenchBox; readonly bare: BareClient }) {
		this.#scene = scene;
	}

	enter(name: string, run: Run): void {
		const samples = (): Samples => new Samples(SAMPLES_MAX);
		this.#runners.push({
			name,
			...run,
			tickMs: samples(),
			cpuMs: samples(),
			allCpuMs: samples(),
			boxCpuMs: samples(),
			calls: 0,
			broken: 0,
		});
	}

	/** Some minutes for the large ones, so it says where it is. */
	async run({ rounds, warmupRounds }: { readonly rounds: number; readonly warmupRounds: number }): Promise<void> {
		if (this.#scene.plan === FULL) console.error(`  ${this.#title}${this.#suffix}`);
		// The first tick of all has nothing to cancel.
		for (const runner of this.#runners) {
			await runner.tick();
			await this.#isDone(runner);
		}
		for (let round = -warmupRounds; round < rounds; round += 1) {
			const order = round % 2 === 0 ? this.#runners : this.#runners.toReversed();
			for (const runner of order) await this.#tickWhole(runner, round >= 0);
		}
	}

	/** A tick in which a process was kept from working so long that its streams broke is none, and taken again. */
	async #tickWhole(runner: Runner, counts: boolean): Promise<void> {
		while (!(await this.#tick(runner, counts))) {
			runner.broken += 1;
			if (runner.broken > BROKEN_MAX) throw new Error(`${this.#title}: ${runner.broken} ticks of ${runner.name} were cut short`);
		}
	}

	/** False where it was cut short. */
	async #tick(runner: Runner, counts: boolean): Promise<boolean> {
		const { plan, box, bare } = this.#scene;
		const roundTripMs = await bare.roundTripMs();
		const boxBeforeMs = box.cpuMs() ?? 0;
		const before = process.cpuUsage();
		const { ms, calls, accepted } = await runner.tick();
		const cpuMs = cpuMsSince(before);
		const boxMs = (box.cpuMs() ?? 0) - boxBeforeMs;
		await pause(plan.restMs);
		const allCpuMs = cpuMsSince(before);
		const isWhole = (await this.#isDone(runner)) && accepted === this.#expected;
		if (!counts || !isWhole) return isWhole;
		this.#roundTripMs.record(roundTripMs);
		runner.tickMs.record(ms);
		runner.cpuMs.record(cpuMs);
		runner.allCpuMs.record(allCpuMs);
		runner.boxCpuMs.record(Math.max(0, boxMs));
		runner.calls = calls;
		return true;
	}

	/** Where streams broke in the middle, ticks go on until all is as it should be. */
	async #isDone({ name, isDone = () => true, tick }: Runner): Promise<boolean> {
		for (let look = 0; look < LOOKS; look += 1) {
			if (isDone()) return true;
			await pause(LOOK_EVERY_MS);
		}
		for (let attempt = 0; attempt < REPAIRS_MAX; attempt += 1) {
			await tick();
			await pause(REPAIR_EVERY_MS);
			if (isDone()) return false;
		}
		throw new Error(`${this.#title}: the venue does not have what ${name} wanted`);
	}

	get #expected(): number {
		const { size, kind } = this.#scene;
		return size.symbols * ORDERS_PER_SYMBOL * (kind === 'replace' ? 2 : 1);
	}

	tell({ cases, ratios }: Measured): void {
		const { box } = this.#scene;
		const roundTrip = this.#roundTripMs.percentiles();
		const push = (name: string, unit: string, samples: Samples): void => {
			cases.push({ name: `${this.#title}: ${name}`, unit, sampleCount: samples.count, ...samples.percentiles() });
		};
		push(`bare round trip${this.#suffix}`, 'ms', this.#roundTripMs);
		for (const { name, tickMs, cpuMs, allCpuMs, boxCpuMs, calls } of this.#runners) {
			push(`${name}, ${calls} calls`, 'ms/tick', tickMs);
			push(`${name}, in round trips`, 'round trips/tick', tickMs.dividedBy(roundTrip.p50));
			push(`${name}, processor time`, 'ms/tick', cpuMs);
			push(`${name}, processor time with its streams`, 'ms/tick', allCpuMs);
			if (box.cpuMs() !== undefined) push(`${name}, processor time of the box`, 'ms/tick', boxCpuMs);
		}
		const [ours, ...others] = this.#runners;
		const { p50 = Number.NaN } = ours?.tickMs.percentiles() ?? {};
		for (const { name, tickMs } of others) ratios[`${this.#title}: ${ours?.name} vs ${name}`] = tickMs.percentiles().p50 / p50;
	}

	get #title(): string {
		const { channel, size, kind } = this.#scene;
		const what = kind === 'replace' ? '10 cancels + 10 places' : '10 amends';
		return `${channel === 'ws' ? 'WS' : 'REST'}, ${size.symbols} × (${what})`;
	}

	get #suffix(): string {
		return this.#runners.some(({ name }) => name.includes('sequential')) ? ' beside one call an order' : '';
	}
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1_000;
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => {
		setTimeout(resolve, ms);
	});
}
