/**
 * The dead-man switch: unless the client asks again in time, all its orders of one symbol are cancelled. One countdown an
 * account and symbol; zero stops it.
 */
import type { Exchange } from '../core/exchange.ts';

interface Countdown {
	readonly accountId: string;
	readonly exchangeKey: string;
	readonly atMs: number;
}

export class Countdowns {
	readonly #exchange: Exchange;
	/** As many as accounts times symbols. */
	readonly #running = new Map<string, Countdown>();

	constructor(exchange: Exchange) {
		this.#exchange = exchange;
	}

	/** Instead of the one that runs for the same symbol. */
	start(countdown: Countdown): void {
		this.#running.set(nameOf(countdown), countdown);
	}

	stop(countdown: Pick<Countdown, 'accountId' | 'exchangeKey'>): void {
		this.#running.delete(nameOf(countdown));
	}

	tick(nowMs: number): void {
		for (const [name, { accountId, exchangeKey, atMs }] of [...this.#running]) {
			if (nowMs < atMs) continue;
			this.#running.delete(name);
			this.#exchange.cancelAll({ accountId, symbol: exchangeKey, reason: 'disconnect' }, nowMs);
		}
	}
}

function nameOf({ accountId, exchangeKey }: Pick<Countdown, 'accountId' | 'exchangeKey'>): string {
	return `${accountId} ${exchangeKey}`;
}
