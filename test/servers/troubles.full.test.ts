/**
 * Every alert rule fires in an engine that is made to suffer what it is for, and is over before the next trouble. Takes
 * minutes of a machine that has nothing else to do.
 */
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { ScrapedEngine } from './scraped-engine.ts';
import { prometheusIn, testWith } from './server-process.ts';
import { SCENES } from './troubles/scenes.ts';
import type { Scene, Trouble } from './troubles/trouble.ts';

const PROMETHEUS = prometheusIn(fileURLToPath(new URL('../../ops/prometheus/', import.meta.url)));
/** Each that stays silent is waited for in vain. */
const PATIENT = { withinMs: 1_200_000 };

/** On a slow machine these may fire before the trouble as well, so this figure of theirs has to rise with it. */
const OF_PACE: Readonly<Record<string, string>> = {
	EvenkeelLoopLate: 'avg_over_time(mm_event_loop_delay_seconds{stat="p99"}[8s])',
	EvenkeelTickSlow: 'sum(rate(mm_tick_duration_ms_sum[8s])) / sum(rate(mm_tick_duration_ms_count[8s]))',
	EvenkeelTickOverruns: 'rate(mm_tick_overruns_total[8s])',
};

async function strike(engine: ScrapedEngine, { faults = [], act, after, fires }: Trouble): Promise<void> {
	const ofPace = await Promise.all(
		fires.flatMap((name) => OF_PACE[name] ?? []).map(async (expr) => ({ expr, before: await engine.figure(expr) })),
	);
	const over = new AbortController();
	for (const fault of faults) await engine.control('POST /v1/faults', fault);
	const risen = ofPace.map(({ expr, before }) => engine.rises(expr, before));
	const fired = Promise.all([engine.fires(fires), ...risen]).finally(() => over.abort());
	const both = [fired, act?.(engine, over.signal) ?? Promise.resolve()];
	await Promise.allSettled(both);
	await engine.control('DELETE /v1/faults');
	await after?.(engine);
	await Promise.all(both);
}

async function suffer({ plan, troubles }: Scene): Promise<void> {
	await using engine = await ScrapedEngine.open(plan);
	const silent: string[] = [];
	for (const trouble of troubles) {
		const { what, fires, strikesAnytime = false } = trouble;
		const startedMs = performance.now();
		try {
			if (!strikesAnytime) await engine.quotes();
			await engine.falls(fires.filter((name) => !Object.hasOwn(OF_PACE, name)));
			const strikesMs = performance.now();
			await strike(engine, trouble);
			const [waited, took] = [strikesMs - startedMs, performance.now() - strikesMs].map(Math.round);
			process.stdout.write(`${what}: ${took} ms, after ${waited} ms\n`);
		} catch (error) {
			silent.push(`${what}: ${String(error)}`);
		}
	}
	expect(silent).toEqual([]);
}

for (const scene of SCENES) {
	const testScene = testWith(PROMETHEUS, ...(scene.needs ?? []));
	testScene(`alerts fire for what goes wrong ${scene.where}`, () => suffer(scene), PATIENT);
}
