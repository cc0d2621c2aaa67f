/** Signals in memory, by id and by every name that their symbol goes by. */
import type { Signal } from '../domain/signal.ts';

export class SignalBook {
	readonly #byId = new Map<string, Signal>();
	/** `bybit:linear:BTCUSDT` stands here under that, `linear:BTCUSDT` and `BTCUSDT`. */
	readonly #byName = new Map<string, Set<string>>();
	#firstExpiryMs = Number.POSITIVE_INFINITY;

	get count(): number {
		return this.#byId.size;
	}

	/** Nothing expires before that; what was deleted since may have been the first. */
	get firstExpiryMs(): number {
		return this.#firstExpiryMs;
	}

	find(id: string): Signal | undefined {
		return this.#byId.get(id);
	}

	all(): Iterable<Signal> {
		return this.#byId.values();
	}

	/** Those that may mean it: either has more of an id in front, or neither. */
	*ofSymbol(symbol: string): Iterable<Signal> {
		for (const id of this.#byName.get(symbol) ?? []) yield* this.#signal(id);
		for (const name of namesOf(symbol).slice(1)) {
			for (const id of this.#byName.get(name) ?? []) {
				for (const signal of this.#signal(id)) if (signal.symbol === name) yield signal;
			}
		}
	}

	put(signal: Signal): void {
		this.remove(signal.id);
		this.#byId.set(signal.id, signal);
		for (const name of namesOf(signal.symbol)) {
			const ids = this.#byName.get(name);
			if (ids === undefined) this.#byName.set(name, new Set([signal.id]));
			else ids.add(signal.id);
		}
		this.#firstExpiryMs = Math.min(this.#firstExpiryMs, signal.expiresAtMs);
	}

	remove(id: string): Signal | undefined {
		const signal = this.#byId.get(id);
		if (signal === undefined) return undefined;
		this.#byId.delete(id);
		for (const name of namesOf(signal.symbol)) {
			const ids = this.#byName.get(name);
			ids?.delete(id);
			if (ids?.size === 0) this.#byName.delete(name);
		}
		return signal;
	}

	removeExpired(nowMs: number): readonly Signal[] {
		const expired = [...this.#byId.values()].filter(({ expiresAtMs }) => expiresAtMs <= nowMs);
		for (const { id } of expired) this.remove(id);
		this.#firstExpiryMs = Number.POSITIVE_INFINITY;
		for (const { expiresAtMs } of this.#byId.values()) this.#firstExpiryMs = Math.min(this.#firstExpiryMs, expiresAtMs);
		return expired;
	}

	*#signal(id: string): Iterable<Signal> {
		const signal = this.#byId.get(id);
		if (signal !== undefined) yield signal;
	}
}

/** The longest first. */
function namesOf(symbol: string): readonly string[] {
	const parts = symbol.split(':');
	return parts.map((_, index) => parts.slice(index).join(':'));
}
