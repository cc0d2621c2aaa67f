/**
 * The two servers that are compared, in a process of their own: the exchange in a box as it is started by its command,
 * with rate limits lifted, and a bare one that gives back what it got, over `node:http` and `ws` without compression.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type BoxListening, openBox } from '../../src/app/box.ts';
import { answerQuestions } from './server-processes.ts';

export type HostQuestion =
	| { readonly kind: 'box' }
	| { readonly kind: 'bare' }
	/** What the process has used of a processor so far. */
	| { readonly kind: 'cpu' }
	/** Sends each of these frames to all sockets there are, with the time in it renewed. */
	| { readonly kind: 'broadcast'; readonly frames: readonly string[]; readonly everyMs: number };

export type HostAnswers = {
	readonly box: BoxListening;
	readonly bare: { readonly port: number };
	readonly cpu: number;
	readonly broadcast: null;
};

const SEED = 1;
/** As the box does. */
const KEEP_ALIVE_MS = 30_000;
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

const sockets = new Set<WebSocket>();

answerQuestions(async (question: HostQuestion): Promise<HostAnswers[HostQuestion['kind']]> => {
	switch (question.kind) {
		case 'box':
			return await box();
		case 'bare':
			return await bare();
		case 'cpu':
			return cpuMs();
		case 'broadcast':
			return await broadcast(question);
	}
});

async function box(): Promise<BoxListening> {
	const opened = await openBox({
		bybitPort: 0,
		controlPort: 0,
		seed: SEED,
		market: 'quiet',
		limitFactor: Number.POSITIVE_INFINITY,
		onBug: (error) => {
			throw error;
		},
	});
	if (opened.kind === 'unavailable') throw new Error(opened.message);
	return opened.box.listening;
}

async function bare(): Promise<{ port: number }> {
	const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request: IncomingMessage, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
			response.writeHead(200, { ...JSON_TYPE, 'content-length': body?.length ?? 0 }).end(body);
		});
	});
	new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false }).on('connection', (socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('message', (data: Buffer) => socket.send(data.toString('utf8')));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { port: (server.address() as AddressInfo).port };
}

function cpuMs(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1_000;
}

async function broadcast({ frames, everyMs }: Extract<HostQuestion, { kind: 'broadcast' }>): Promise<null> {
	for (const frame of frames) {
		await new Promise((resolve) => setTimeout(resolve, everyMs));
		const text = frame.replace(/"ts":\d+/, `"ts":${Date.now()}`);
		for (const socket of sockets) socket.send(text);
	}
	return null;
}
