/**
 * One connection to Redis, which may be away at any time: then every request is a failure at once, and nobody waits. It
 * is told once that it is away and once that it is back. A server that has stopped answering, its connection still open,
 * is away as well.
 */
import { CircuitBreaker } from '../../network/breaker.ts';
import { attempt, closed, failed, type Result } from '../../network/result.ts';
import { Timeout } from '../../network/timeout.ts';
import type { Clock } from '../../ports/clock.ts';

/** What is asked of Redis. Everything rejects when the connection is down, and nothing is kept to be sent later. */
export interface RedisWire {
	get(key: string): Promise<string | null>;
	/** Redis forgets it by itself after that time. */
	set(key: string, text: string, forMs: number): Promise<void>;
	remove(key: string): Promise<void>;
	publish(channel: string, text: string): Promise<void>;
	close(): void;
}

export interface WireEvents {
	up(): void;
	/** Not connected, or not any more; it goes on trying by itself. */
	down(detail: string): void;
}

export interface LinkParts {
	readonly clock: Clock;
	/** For sentences. */
	readonly name: string;
	readonly connect: (events: WireEvents) => Promise<RedisWire>;
	/** One sentence for a person. */
	readonly say: (sentence: string) => void;
}

/** On the way to a server in the same house this is very long; whoever asks has something else to do. */
const TIMEOUT_MS = 250;
const RECOVERY_MS = 5_000;
const AWAY = failed({ reason: 'open', class: 'transient', detail: 'Redis is away' });

export class RedisLink implements AsyncDisposable {
	readonly #parts: LinkParts;
	readonly #breaker: CircuitBreaker;
	readonly #timeout: Timeout;
	readonly #heard = new Set<() => void>();
	#wire: RedisWire | undefined;
	#isConnected = false;
	/** As it was told last. */
	#isToldAway = false;
	#isClosed = false;

	constructor(parts: LinkParts) {
		const { clock, name } = parts;
		this.#parts = parts;
		this.#timeout = new Timeout({ clock, timeoutMs: TIMEOUT_MS, failsAs: 'transient' });
		this.#breaker = new CircuitBreaker({
			clock,
			name,
			settings: { failureThreshold: 3, recoveryMs: RECOVERY_MS },
			onChange: (state) => this.#changed(state === 'closed', `no answer within ${TIMEOUT_MS} ms`),
		});
	}

	/** Connects, and goes on trying; whoever waits for it waits for the first answer, good or bad, at most. */
	async start(): Promise<void> {
		const first = Promise.withResolvers<void>();
		const wire = await this.#parts.connect({
			up: () => {
				this.#isConnected = true;
				first.resolve();
				this.#changed(true, '');
			},
			down: (detail) => {
				this.#isConnected = false;
				first.resolve();
				this.#changed(false, detail);
			},
		});
		this.#wire = wire;
		if (this.#isClosed) wire.close();
		else await first.promise;
	}

	/** It is worth asking. */
	get mayAnswer(): boolean {
		const { state, retryInMs } = this.#breaker.figures;
		return this.#isConnected && (state !== 'open' || retryInMs === 0);
	}

	/** Called whenever it is back: what it knew may be gone. */
	onBack(heard: () => void): Disposable {
		this.#heard.add(heard);
		return { [Symbol.dispose]: () => void this.#heard.delete(heard) };
	}

	async run<T>(work: (wire: RedisWire) => Promise<T>): Promise<Result<T>> {
		const wire = this.#wire;
		if (this.#isClosed) return closed('connection to Redis');
		if (wire === undefined || !this.#isConnected) return AWAY;
		return await this.#breaker.run((outer) =>
			this.#timeout.run(
				attempt(
					() => work(wire),
					() => 'transient',
				),
				outer,
			),
		);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#heard.clear();
		await this.#timeout[Symbol.asyncDispose]();
		await this.#breaker[Symbol.asyncDispose]();
		this.#wire?.close();
	}

	#changed(isBetter: boolean, why: string): void {
		if (this.#isClosed) return;
		const { name, say } = this.#parts;
		const isUp = this.#isConnected && this.#breaker.figures.state !== 'open';
		if (!isUp && !this.#isToldAway) {
			this.#isToldAway = true;
			say(`${name} is away, and everything goes on without it: ${why}`);
		} else if (isUp && isBetter) {
			if (this.#isToldAway) say(`${name} is back`);
			this.#isToldAway = false;
			for (const heard of this.#heard) heard();
		}
	}
}
