import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../network/system-clock.ts';
import { openTraces, type Traces, WAITING_SPANS_MAX } from './traces.ts';

interface OtlpSpan {
	readonly traceId: string;
	readonly spanId: string;
	readonly parentSpanId?: string;
	readonly name: string;
	readonly startTimeUnixNano: string;
	readonly endTimeUnixNano: string;
	readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

interface OtlpBody {
	readonly resourceSpans: readonly {
		readonly resource: { readonly attributes: OtlpSpan['attributes'] };
		readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
	}[];
}

/** Takes what an OpenTelemetry collector takes, or refuses it. */
let collector: Server;
let bodies: OtlpBody[];
let paths: (string | undefined)[];
let status: number;
let said: string[];

beforeEach(async () => {
	[bodies, paths, said, status] = [[], [], [], 200];
	collector = createServer((request, response) => {
		let text = '';
		request.on('data', (chunk: Buffer) => {
			text += chunk.toString();
		});
		request.on('end', () => {
			paths.push(request.url);
			if (status === 200) bodies.push(JSON.parse(text) as OtlpBody);
			response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
		});
	});
	await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
	collector.closeAllConnections();
	collector.close();
});

async function opened(): Promise<Traces> {
	const { port } = collector.address() as AddressInfo;
	const made = await openTraces({
		url: `http://127.0.0.1:${port}`,
		clock: systemClock(),
		about: { 'service.version': '1.2.3' },
		onSay: (sentence) => said.push(sentence),
	});
	if (made.kind === 'refused') throw new Error(made.sentence);
	return made.traces;
}

function sendOne({ tracer }: Traces, calls = 1): void {
	const tick = tracer.start('tick');
	tick.start('plan').start('symbol', 'bybit:linear:BTCUSDT').end();
	for (let i = 0; i < calls; i += 1) tick.start('batch').start('call').end();
	tick.end();
}

function spans(): readonly OtlpSpan[] {
	return bodies.flatMap(({ resourceSpans }) =>
		resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((each) => each.spans)),
	);
}

test('what a tick did reaches the collector with its parents, its times and its values', async () => {
	const traces = await opened();
	const beforeMs = Date.now();
	sendOne(traces);
	await traces[Symbol.asyncDispose]();
	expect(paths).toEqual(['/v1/traces']);
	const byName = new Map(spans().map((span) => [span.name, span]));
	expect([...byName.keys()].sort()).toEqual(['batch', 'call', 'plan', 'symbol', 'tick']);
	const parentOf = (name: string) => spans().find(({ spanId }) => spanId === byName.get(name)?.parentSpanId)?.name;
	expect(['tick', 'plan', 'symbol', 'batch', 'call'].map(parentOf)).toEqual([undefined, 'tick', 'plan', 'tick', 'batch']);
	expect(new Set(spans().map(({ traceId }) => traceId)).size).toBe(1);
	expect(byName.get('symbol')?.attributes).toEqual([{ key: 'evenkeel.symbol', value: { stringValue: 'bybit:linear:BTCUSDT' } }]);
	const { startTimeUnixNano, endTimeUnixNano } = byName.get('tick')!;
	expect(Number(startTimeUnixNano) / 1e6).toBeGreaterThan(beforeMs - 60_000);
	expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
	expect(bodies[0]?.resourceSpans[0]?.resource.attributes).toEqual(
		expect.arrayContaining([
			{ key: 'service.name', value: { stringValue: 'evenkeel' } },
			{ key: 'service.version', value: { stringValue: '1.2.3' } },
		]),
	);
	expect([traces.lost, said]).toEqual([0, []]);
});

test('many traces come whole, however many turns and requests that takes', async () => {
	const traces = await opened();
	for (let i = 0; i < 100; i += 1) sendOne(traces);
	await traces[Symbol.asyncDispose]();
	expect(spans()).toHaveLength(500);
	const ids = new Set(spans().map(({ spanId }) => spanId));
	expect(spans().filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId))).toEqual([]);
	expect(spans().filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(100);
});

test('what there is no room for is left out by whole traces, and counted', async () => {
	const traces = await opened();
	const calls = 1_000;
	const spanCount = 3 + 2 * calls;
	const kept = Math.floor(WAITING_SPANS_MAX / spanCount);
	for (let i = 0; i < kept + 2; i += 1) sendOne(traces, calls);
	expect(traces.lost).toBe(2 * spanCount);
	await traces[Symbol.asyncDispose]();
	expect(spans().filter(({ name }) => name === 'tick')).toHaveLength(kept);
});

test('a collector that refuses is said once, and nothing else comes of it', async () => {
	status = 400;
	const traces = await opened();
	for (let i = 0; i < 100; i += 1) sendOne(traces);
	await traces[Symbol.asyncDispose]();
	expect(said).toEqual([expect.stringMatching(/^traces do not reach 127\.0\.0\.1:\d+: /)]);
	expect(traces.lost).toBe(500);
});
