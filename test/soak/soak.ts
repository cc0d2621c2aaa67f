/**
 * `npm run test:soak [-- --minutes M --messages N --gc]`: one session under load for a while, and what has become of its
 * memory. Five thousand book messages a second through the adapter's decoder, fifty order actions a second against an
 * exchange in a box, with journal and tables on the disk. Judged: every list, map and set of the program is within its
 * bound, and one that has none does not grow; the event loop is late by less than 20 ms at p99, which is skipped where a
 * thread that does nothing is late by more than 5 ms, since then the machine is too busy to tell; with `--gc` the heap
 * after forced collections, less what is compiled code, does not surely rise by more than 1 % an hour, from when everything
 * that has a bound and fills up under this load is full. That takes ten minutes or so, so `--gc` wants half an hour. The
 * last line is the counts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBenchBox } from '../../bench/app/tick-box.ts';
import { countsLine } from '../../scripts/test/counts.ts';
import { judgeSizes, notFull } from './bounds.ts';
import { forcedCollection, type Heap, heapNow } from './collect.ts';
import { collectionsBelow, type Sizes } from './collections.ts';
import { IdleThread, LoopLag } from './lag.ts';
import { type Point, slopeOf } from './slope.ts';
import { ACTIONS_A_TURN, SoakTrader, SYMBOL_COUNT, TURN_MS } from './trader.ts';

const LAG_P99_MS_MAX = 20;
/** Of a thread that does nothing: a machine that is busy with other things is no fault of ours, and shows nothing of it. */
const IDLE_P99_MS_MAX = 5;
const SLOPE_MAX = 0.01;
/** Seven as a rule; it grows for hours, but never beyond what the program has to compile. */
const COMPILED_MIB_MAX = 14;
/** The first part fills what has a bound. */
const WARM_SHARE = 1 / 3;
const HEAP_EVERY_MS = 5_000;
/** A look leaves a megabyte or two in the heap, so none is taken while that is measured, and the last is a while ago. */
const HEAP_AFTER_LOOK_MS = 60_000;
/** Less than that share of what was asked for, and nothing was proven. */
const LOAD_SHARE_MIN = 0.9;
const ROUND_TRIP_MS = 2;

process.exitCode = await main();

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: {
			minutes: { type: 'string' },
			messages: { type: 'string' },
			gc: { type: 'boolean' },
			sizes: { type: 'string' },
		},
	});
	const forMs = Number(values.minutes ?? 5) * 60_000;
	const messagesPerSec = Number(values.messages ?? 5_000);
	const folder = mkdtempSync(join(tmpdir(), 'evenkeel-soak-'));
	const failures: string[] = [];
	let checks = 0;
	let skipped = 0;
	const check = (isFine: boolean, sentence: string): void => {
		checks += 1;
		console.log(`${isFine ? 'fine  ' : 'FAILED'} ${sentence}`);
		if (!isFine) failures.push(sentence);
	};
	try {
		await using box = await openBenchBox({ roundTripMs: ROUND_TRIP_MS, symbolCount: SYMBOL_COUNT });
		await using trader = await SoakTrader.open(box, folder, messagesPerSec);
		const { looks, heap, lag, idle, cpuShare, tookMs, sent, messages } = await soak(trader, {
			forMs,
			isCollecting: values.gc ?? false,
		});
		const tookS = tookMs / 1_000;
		console.log(
			`${tookS.toFixed(0)} s, ${(messages / tookS).toFixed(0)} book messages/s, ${(sent / tookS).toFixed(1)} order actions/s`,
		);
		console.log(`processor: ${(cpuShare * 100).toFixed(0)} % of one core; tick ${JSON.stringify(trader.app.engine.getStats())}`);
		console.log(`refused ${JSON.stringify([...trader.refusals])}; said ${[...trader.notes].join(' | ')}`);
		check(
			messages / tookS >= messagesPerSec * LOAD_SHARE_MIN,
			`of ${messagesPerSec} book messages/s came ${(messages / tookS).toFixed(0)}`,
		);
		const wanted = (ACTIONS_A_TURN * 1_000) / TURN_MS;
		check(sent / tookS >= wanted * LOAD_SHARE_MIN, `of ${wanted} order actions/s left ${(sent / tookS).toFixed(1)}`);
		const lagText = `loop lag p50 ${lag.p50Ms.toFixed(1)}, p99 ${lag.p99Ms.toFixed(1)}, max ${lag.maxMs.toFixed(0)} ms; of a thread that does nothing ${idle.p50Ms.toFixed(1)}, ${idle.p99Ms.toFixed(1)}, ${idle.maxMs.toFixed(0)} ms`;
		if (idle.p99Ms > IDLE_P99_MS_MAX) {
			skipped += 1;
			console.log(`skipped: the machine was too busy to tell: ${lagText}`);
		} else check(lag.p99Ms < LAG_P99_MS_MAX, lagText);
		const judged = judgeSizes(looks);
		for (const line of judged.table) console.log(line);
		for (const sentence of judged.troubles) check(false, sentence);
		check(judged.troubles.length === 0, `${judged.placeCount} lists, maps and sets are within their bounds`);
		const points = (valueOf: (heap: Heap) => number): Point[] => heap.map((each) => ({ atMs: each.atMs, value: valueOf(each) }));
		const held = points(({ heldBytes }) => heldBytes);
		const slope = slopeOf(held);
		if (values.gc === true && slope === undefined) check(false, 'the run was too short to measure the heap');
		if (values.gc === true && slope !== undefined) {
			const filling = notFull(looks.at(-2) ?? new Map());
			check(filling.length === 0, `what fills up was full when the heap was first measured${listed(filling)}`);
			const compiled = points(({ compiledBytes }) => compiledBytes);
			check((compiled.at(-1)?.value ?? 0) <= COMPILED_MIB_MAX * 2 ** 20, `compiled code ${slopeText(compiled)}`);
			console.log(`  heap with it ${slopeText(points(({ heldBytes, compiledBytes }) => heldBytes + compiledBytes))}`);
			check(slope.perHourAtLeast <= SLOPE_MAX, `heap ${slopeText(held)}`);
		}
		if (values.sizes !== undefined) writeFileSync(values.sizes, JSON.stringify(looks.map((look) => Object.fromEntries(look))));
	} catch (error) {
		failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
		console.log(`FAILED ${failures.at(-1)}`);
	}
	rmSync(folder, { recursive: true, force: true });
	console.log(countsLine({ passed: Math.max(0, checks - failures.length), failed: failures.length, skipped }));
	return failures.length === 0 ? 0 : 1;
}

function slopeText(points: readonly Point[]): string {
	const mib = (point: Point | undefined): string => ((point?.value ?? 0) / 2 ** 20).toFixed(1);
	const percent = (share: number | undefined): string => ((share ?? 0) * 100).toFixed(2);
	const slope = slopeOf(points);
	return `${mib(points[0])} to ${mib(points.at(-1))} MiB over ${points.length} collections: ${percent(slope?.perHour)} %/h, at least ${percent(slope?.perHourAtLeast)} %/h`;
}

function listed(sentences: readonly string[]): string {
	return sentences.length === 0 ? '' : `, but ${sentences.join('; ')}`;
}

async function soak(trader: SoakTrader, { forMs, isCollecting }: { readonly forMs: number; readonly isCollecting: boolean }) {
	const lag = new LoopLag();
	await using idleThread = new IdleThread();
	const heap: (Heap & { readonly atMs: number })[] = [];
	const looks: Sizes[] = [];
	const collect = isCollecting ? forcedCollection() : undefined;
	const startMs = performance.now();
	const before = { sent: trader.sentCount, messages: trader.books.sentCount, cpu: process.cpuUsage() };
	const warmMs = forMs * WARM_SHARE;
	const lookAtMs = isCollecting ? [warmMs * (2 / 3), warmMs] : [warmMs, (warmMs + forMs) / 2];
	let heapAtMs = warmMs + HEAP_AFTER_LOOK_MS;
	let turnAtMs = 0;
	lag.start();
	for (let ms = 0; ms < forMs; ms = performance.now() - startMs) {
		for (; turnAtMs <= ms; turnAtMs += TURN_MS) trader.turn();
		if (ms >= (lookAtMs[looks.length] ?? Number.POSITIVE_INFINITY)) looks.push(lookAt(trader, lag));
		if (collect !== undefined && ms >= heapAtMs) {
			heapAtMs = ms + HEAP_EVERY_MS;
			collect();
			heap.push({ atMs: ms, ...heapNow() });
		}
		await pause(Math.max(1, turnAtMs - (performance.now() - startMs)));
	}
	const tookMs = performance.now() - startMs;
	const measured = { lag: lag.read(), idle: await idleThread.read() };
	const { user, system } = process.cpuUsage(before.cpu);
	const sent = trader.sentCount - before.sent;
	const messages = trader.books.sentCount - before.messages;
	looks.push(lookAt(trader, lag));
	return { ...measured, looks, heap, tookMs, sent, messages, cpuShare: (user + system) / 1_000 / tookMs };
}

/** Takes a while, and is no part of what is measured. */
function lookAt({ app, data }: SoakTrader, lag: LoopLag): Sizes {
	lag.pause();
	const startMs = performance.now();
	const sizes = collectionsBelow({ app, data });
	console.log(`looked at ${sizes.size} lists, maps and sets in ${(performance.now() - startMs).toFixed(0)} ms`);
	setImmediate(() => lag.start());
	return sizes;
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => {
		setTimeout(resolve, ms);
	});
}
