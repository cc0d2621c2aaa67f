/**
 * One life of a program in a simulated world. Whatever comes in from outside comes through one door: timers, frames,
 * replies, and what the disk says. A process that was killed hears nothing any more and reaches nobody, from one moment
 * to the next; one that is frozen hears it all later, and only then sees how late it is: first the timers that are due, as
 * Node has it, then what came in, each in its order. Its wall clock can be set, as an operator or NTP does.
 */
import type { Abortable, Socket, SocketHandler, Transport } from '../network/transport.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { AppendFile, Disk } from '../ports/disk.ts';

const NO_TIMER: Timer = { cancel: () => {} };
const NO_CALL: Abortable = { abort: () => {} };
const NO_SOCKET: Socket = { bufferedBytes: 0, send: () => false, ping: () => {}, close: () => {}, terminate: () => {} };

export class VirtualProcess {
	readonly clock: Clock;
	isAlive = true;
	/** How far its wall clock is off. */
	wallAheadMs = 0;
	#isFrozen = false;
	/** What came due and what came in while it was frozen. */
	#dueTimers: (() => void)[] = [];
	#held: (() => void)[] = [];

	constructor(clock: Clock) {
		this.clock = {
			wallMs: () => clock.wallMs() + this.wallAheadMs,
			monotonicMs: () => clock.monotonicMs(),
			after: (delayMs, callback) => (this.isAlive ? this.#after(clock, delayMs, callback) : NO_TIMER),
		};
	}

	get isFrozen(): boolean {
		return this.#isFrozen;
	}

	kill(): void {
		this.isAlive = false;
		this.#dueTimers = [];
		this.#held = [];
	}

	freeze(): void {
		this.#isFrozen = true;
	}

	thaw(): void {
		this.#isFrozen = false;
		const held = [...this.#dueTimers, ...this.#held];
		this.#dueTimers = [];
		this.#held = [];
		for (const callback of held) this.#enter(callback);
	}

	/** Not disposed with it: the owner of `inner` knows what becomes of its sockets. */
	transport(inner: Transport): Transport {
		return {
			request: (call, heard) => {
				if (!this.isAlive) return NO_CALL;
				return inner.request(call, (told) => this.#enter(() => heard(told)));
			},
			connect: (target, handler) => (this.isAlive ? this.#socket(inner.connect(target, this.#hearing(handler))) : NO_SOCKET),
			warm: (origin, pool, connections) => {
				if (this.isAlive) inner.warm(origin, pool, connections);
			},
			pools: () => inner.pools(),
			[Symbol.asyncDispose]: async () => await inner[Symbol.asyncDispose](),
		};
	}

	disk(inner: Disk): Disk {
		return {
			list: async (folder) => await this.#ifAlive(() => inner.list(folder)),
			read: async (path) => await this.#ifAlive(() => inner.read(path)),
			replace: async (path, bytes) => await this.#ifAlive(() => inner.replace(path, bytes)),
			remove: async (path) => await this.#ifAlive(() => inner.remove(path)),
			openAppend: async (path, length) => this.#file(await this.#ifAlive(() => inner.openAppend(path, length))),
			freeBytes: async (folder) => await this.#ifAlive(() => inner.freeBytes(folder)),
		};
	}

	/** One that came due in a freeze can still be cancelled by what runs before it. */
	#after(clock: Clock, delayMs: number, callback: () => void): Timer {
		let isCancelled = false;
		const fire = (): void => {
			if (!isCancelled) callback();
		};
		const timer = clock.after(delayMs, () => this.#enter(fire, this.#dueTimers));
		return {
			cancel: () => {
				isCancelled = true;
				timer.cancel();
			},
		};
	}

	#enter(callback: () => void, held = this.#held): void {
		if (!this.isAlive) return;
		if (this.#isFrozen) held.push(callback);
		else callback();
	}

	#hearing(handler: SocketHandler): SocketHandler {
		return {
			opened: () => this.#enter(() => handler.opened()),
			received: (frame) => {
				if (!this.#isFrozen) {
					if (this.isAlive) handler.received(frame);
					return;
				}
				// A frame is lent, and the slice of a Buffer is no copy.
				const copy = Uint8Array.from(frame);
				this.#enter(() => handler.received(copy));
			},
			ponged: () => this.#enter(() => handler.ponged()),
			ended: (end) => this.#enter(() => handler.ended(end)),
		};
	}

	#socket(socket: Socket): Socket {
		return {
			get bufferedBytes() {
				return socket.bufferedBytes;
			},
			send: (text) => this.isAlive && socket.send(text),
			ping: () => {
				if (this.isAlive) socket.ping();
			},
			close: () => {
				if (this.isAlive) socket.close();
			},
			terminate: () => {
				if (this.isAlive) socket.terminate();
			},
		};
	}

	#file(file: AppendFile): AppendFile {
		return {
			append: (bytes, done) => {
				if (this.isAlive) file.append(bytes, (error) => this.#enter(() => done(error)));
			},
			reserve: (byteCount, done) => {
				if (this.isAlive) file.reserve(byteCount, () => this.#enter(done));
			},
			close: async () => await this.#ifAlive(() => file.close()),
		};
	}

	/** Its turn to be told something that has come: at once, or when it goes on, or never. */
	async #hears(): Promise<void> {
		if (this.isAlive && !this.#isFrozen) return;
		await new Promise<void>((resolve) => this.#enter(resolve));
	}

	/** A dead process never comes back from what it waits for. */
	async #ifAlive<Value>(ask: () => Promise<Value>): Promise<Value> {
		if (this.isAlive) {
			try {
				return await ask();
			} finally {
				await this.#hears();
			}
		}
		return await new Promise<never>(() => {});
	}
}
