/**
 * Everybody whom an engine tells something: a database, a collector of traces, a webhook and a Redis that say yes to all
 * and keep what they heard, but for what a secret is there for (headers, the path of a webhook, the login of Redis).
 */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Artefact } from '../fixtures/canaries.ts';

/** What is behind it is said to nobody but who is there. */
const SECRET_PATH = '/hook/';

export class Listeners implements AsyncDisposable {
	readonly heard: Artefact[] = [];
	/** From here on it answers with a page that says who asked, as some gateways do. */
	isBroken = false;
	readonly #http: Server;
	readonly #redis = createServer((socket) => this.#login(socket));
	readonly #sockets = new Set<Socket>();

	private constructor() {
		this.#http = createHttpServer((request, response) => void this.#answer(request, response));
	}

	static async open(): Promise<Listeners> {
		const opened = new Listeners();
		for (const server of [opened.#http, opened.#redis]) {
			server.listen(0, '127.0.0.1');
			await once(server, 'listening');
		}
		return opened;
	}

	get url(): string {
		return `http://127.0.0.1:${portOf(this.#http)}`;
	}

	get redisUrl(): string {
		return `redis://127.0.0.1:${portOf(this.#redis)}`;
	}

	/** Whether somebody was told something there. */
	hasHeard(place: string): boolean {
		return this.heard.some((each) => each.place.startsWith(place));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		this.#http.closeAllConnections();
		await Promise.all([this.#http, this.#redis].map((server) => new Promise((closed) => server.close(closed))));
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const parts: Buffer[] = [];
		for await (const part of request) parts.push(part as Buffer);
		const { url = '', headers } = request;
		const place = url.startsWith(SECRET_PATH) ? 'webhook' : url;
		const bytes = Buffer.concat(parts);
		const isPacked = headers['content-encoding'] === 'gzip';
		this.heard.push({ place, content: isPacked ? gunzipSync(bytes) : bytes });
		if (!this.isBroken) response.writeHead(url.startsWith('/write') ? 204 : 200).end();
		else response.writeHead(502, { 'content-type': 'text/html' }).end(`<h1>${JSON.stringify(headers)} at ${url}</h1>`);
	}

	/** Answers each command with OK; a command is an array of as many words as it says. */
	#login(socket: Socket): void {
		this.#sockets.add(socket);
		socket.on('close', () => this.#sockets.delete(socket)).on('error', () => socket.destroy());
		socket.on('data', (bytes: Buffer) => {
			const commands = bytes.toString().split(/^(?=\*\d+\r$)/m);
			const told = commands.filter((command) => !/^\*\d+\r\n\$\d+\r\n(AUTH|HELLO)\r\n/i.test(command));
			if (told.length > 0) this.heard.push({ place: 'redis', content: told.join('') });
			socket.write('+OK\r\n'.repeat(commands.length));
		});
	}
}

function portOf(server: { address(): AddressInfo | string | null }): number {
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('it listens on a port');
	return address.port;
}
