/**
 * What the transport costs on the order path: a signed batch as one POST over a kept-alive connection, and the same
 * bytes as a frame there and back over a WebSocket, on loopback, one at a time. Beside them the bare libraries below it
 * and the global `fetch`. The server is a thread of its own and the same for all; its time is part of every figure.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Pool } from 'undici';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import type { Transport } from '../../src/network/transport.ts';
import { type Benchmark, type BenchOptions, type BenchResult, measurePaired, type Variant } from '../harness.ts';

const SIZES = { tiny: { rounds: 2, warmupRounds: 1, calls: 2 }, full: { rounds: 400, warmupRounds: 60, calls: 10 } };
/** Ten orders of a batch. */
const BODY = JSON.stringify({
	category: 'linear',
	request: Array.from({ length: 10 }, (_, i) => ({ i, link: 'o'.repeat(150) })),
});
const HEADERS = [
	'content-type',
	'application/json',
	'x-key',
	'k'.repeat(18),
	'x-sign',
	's'.repeat(64),
	'x-timestamp',
	'1700000000000',
];
const PATH = '/v5/order/create-batch';
const TIMEOUT_MS = 10_000;

export default {
	name: 'network/transport',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const size = tiny ? SIZES.tiny : SIZES.full;
		const server = new Worker(new URL('./echo-server.ts', import.meta.url));
		const [port] = (await once(server, 'message')) as [number];
		const transport = systemTransport({ clock: systemClock(), isAllowed: () => true });
		const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1, headersTimeout: 0, bodyTimeout: 0, allowH2: false });
		const ours = await ourSocket(transport, port);
		const bare = await bareSocket(port);
		try {
			const common = { rounds: size.rounds, warmupRounds: size.warmupRounds, workPerRun: size.calls };
			const http = await measurePaired({
				...common,
				work: 'call',
				variants: {
					'http transport': repeated(size.calls, () => ourCall(transport, port)),
					'http undici dispatch': repeated(size.calls, () => bareCall(pool)),
					'http fetch': repeated(size.calls, () => fetchCall(port)),
				},
			});
			const ws = await measurePaired({
				...common,
				work: 'frame',
				variants: {
					'ws transport': repeated(size.calls, ours.echo),
					'ws bare': repeated(size.calls, bare.echo),
				},
			});
			return {
				cases: [...Object.values(http.cases), ...Object.values(ws.cases)],
				ratios: {
					httpTransportVsDispatch: http.ratio({ theirs: 'http undici dispatch', ours: 'http transport' }),
					httpTransportVsFetch: http.ratio({ theirs: 'http fetch', ours: 'http transport' }),
					wsTransportVsBare: ws.ratio({ theirs: 'ws bare', ours: 'ws transport' }),
				},
			};
		} finally {
			bare.close();
			await transport[Symbol.asyncDispose]();
			await pool.destroy();
			await server.terminate();
		}
	},
} satisfies Benchmark;

/** The checksum: bytes that came back. */
function repeated(calls: number, call: () => Promise<number>): Variant['run'] {
	return async () => {
		let bytes = 0;
		for (let i = 0; i < calls; i += 1) bytes += await call();
		return bytes;
	};
}

function ourCall(transport: Transport, port: number): Promise<number> {
	return new Promise((resolve, reject) => {
		const call = { origin: `http://127.0.0.1:${port}`, method: 'POST', target: PATH, headers: HEADERS, body: BODY } as const;
		transport.request({ ...call, pool: 'orders', timeoutMs: TIMEOUT_MS }, (heard) => {
			if (heard.kind === 'reply') resolve(heard.body.length);
			else reject(new Error(heard.detail));
		});
	});
}

function bareCall(pool: Pool): Promise<number> {
	return new Promise((resolve, reject) => {
		const chunks: Uint8Array[] = [];
		pool.dispatch(
			{ method: 'POST', path: PATH, headers: HEADERS, body: BODY },
			{
				onRequestStart: () => {},
				onResponseStart: () => {},
				onResponseData: (_controller, chunk) => void chunks.push(chunk),
				onResponseEnd: () => resolve(Buffer.concat(chunks).length),
				onResponseError: (_controller, error) => reject(error),
			},
		);
	});
}

async function fetchCall(port: number): Promise<number> {
	const headers = Object.fromEntries(HEADERS.flatMap((name, i) => (i % 2 === 0 ? [[name, HEADERS[i + 1] ?? '']] : [])));
	const reply = await fetch(`http://127.0.0.1:${port}${PATH}`, { method: 'POST', headers, body: BODY });
	return (await reply.arrayBuffer()).byteLength;
}

async function ourSocket(transport: Transport, port: number): Promise<{ readonly echo: () => Promise<number> }> {
	let heard: (bytes: number) => void = () => {};
	const opened = Promise.withResolvers<void>();
	const socket = transport.connect(
		{ url: `ws://127.0.0.1:${port}/`, handshakeTimeoutMs: TIMEOUT_MS },
		{ opened: opened.resolve, received: (frame) => heard(frame.length), ponged: () => {}, ended: () => {} },
	);
	await opened.promise;
	const echo = (): Promise<number> =>
		new Promise((resolve) => {
			heard = resolve;
			socket.send(BODY);
		});
	return { echo };
}

async function bareSocket(port: number): Promise<{ readonly echo: () => Promise<number>; readonly close: () => void }> {
	const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
	let heard: (bytes: number) => void = () => {};
	socket.on('message', (data: Buffer) => heard(data.length));
	await once(socket, 'open');
	const echo = (): Promise<number> =>
		new Promise((resolve) => {
			heard = resolve;
			socket.send(BODY);
		});
	return { echo, close: () => socket.terminate() };
}
