/** Contestants who take the same tick in turn, each with a round trip of its own measured just before it. */
import { type BenchCase, Samples } from '../harness.ts';
import type { BenchBox } from './tick-box.ts';
import type { Channel, Mode, OurApp, Taken } from './tick-ours.ts';
import { type Kind, ORDERS_PER_SYMBOL } from './tick-work.ts';

export interface Measured {
	readonly cases: BenchCase[];
	readonly ratios: Record<string, number>;
}

export interface RaceKind {
	/** In front of its title. */
	readonly where: string;
	readonly channel: Channel;
	readonly symbols: number;
	readonly kind: Kind;
}

export interface RaceScene extends RaceKind {
	/** Between two ticks. */
	readonly restMs: number;
	/** Says where it is. */
	readonly isTold: boolean;
	readonly box: BenchBox;
	readonly roundTripMs: () => Promise<number>;
}

/** On a machine that has time for us there are none. */
const BROKEN_MAX = 20;

export interface Run {
	readonly tick: () => Promise<Taken>;
	/** Whether the venue has just what was wanted, some time after the tick. */
	readonly isDone?: () => boolean;
}

export function ourRun(app: OurApp, kind: Kind, mode: Mode): Run {
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
export class Race {
	readonly #scene: RaceScene;
	readonly #runners: Runner[] = [];
	readonly #roundTripMs = new Samples(SAMPLES_MAX * 10);

	constructor(scene: RaceScene) {
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
		if (this.#scene.isTold) console.error(`  ${this.#title}${this.#suffix}`);
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
		const { restMs, box } = this.#scene;
		const roundTripMs = await this.#scene.roundTripMs();
		const boxBeforeMs = box.cpuMs() ?? 0;
		const before = process.cpuUsage();
		const { ms, calls, accepted } = await runner.tick();
		const cpuMs = cpuMsSince(before);
		const boxMs = (box.cpuMs() ?? 0) - boxBeforeMs;
		await pause(restMs);
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
		const { symbols, kind } = this.#scene;
		return symbols * ORDERS_PER_SYMBOL * (kind === 'replace' ? 2 : 1);
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
		return raceTitle(this.#scene);
	}

	get #suffix(): string {
		return this.#runners.some(({ name }) => name.includes('sequential')) ? ' beside one call an order' : '';
	}
}

export function raceTitle({ channel, symbols, kind, where }: RaceKind): string {
	const what = kind === 'replace' ? '10 cancels + 10 places' : '10 amends';
	return `${where}${channel === 'ws' ? 'WS' : 'REST'}, ${symbols} × (${what})`;
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
