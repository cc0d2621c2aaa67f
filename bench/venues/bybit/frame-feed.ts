/**
 * A process that sends book frames over real WebSockets, and the sockets that receive them. A line asks for the next so
 * many frames and waits until the last of them has been handled.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

export interface FrameLine {
	take(count: number): Promise<void>;
}

export class FrameFeed {
	readonly #child: ChildProcess;
	readonly #port: Promise<number>;
	readonly #sockets: WebSocket[] = [];

	constructor(frameCount: number) {
		const script = fileURLToPath(new URL('frame-sender.ts', import.meta.url));
		this.#child = spawn(process.execPath, [script, String(frameCount)], { stdio: ['ignore', 2, 2, 'ipc'] });
		this.#port = new Promise((resolve, reject) => {
			this.#child.once('message', (port) => resolve(port as number));
			this.#child.once('exit', (code) => reject(new Error(`the sender ended with code ${code}`)));
		});
	}

	/** Begins at the first frame. */
	async open(handle: (frame: Buffer) => void): Promise<FrameLine> {
		const socket = new WebSocket(`ws://127.0.0.1:${await this.#port}`, { perMessageDeflate: false });
		this.#sockets.push(socket);
		let waitingFor = 0;
		let done = () => {};
		let failed: (reason: unknown) => void = () => {};
		socket.on('error', (error) => failed(error));
		socket.on('message', (frame: Buffer) => {
			handle(frame);
			if (--waitingFor === 0) done();
		});
		await once(socket, 'open');
		return {
			take(count) {
				const { promise, resolve, reject } = Promise.withResolvers<void>();
				waitingFor = count;
				done = resolve;
				failed = reject;
				socket.send(String(count));
				return promise;
			},
		};
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#sockets) socket.terminate();
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
		const gone = once(this.#child, 'exit');
		this.#child.disconnect();
		await gone;
	}
}
