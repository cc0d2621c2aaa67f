/**
 * A session that closes what is held instead of quoting (K2, KL5): nothing is placed until both sides have been compared,
 * since what is closed has to be what there is; then slices leave until nothing is held. A latch stays as it is.
 */
import type { Scope } from '../domain/event.ts';
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { App } from './app.ts';

export interface Closed {
	readonly engine: Pick<App['engine'], 'isInDoubt' | 'isFlattening'>;
	readonly runtime: Pick<App['runtime'], 'control'>;
	indexOf(symbol: string): InstrumentIndex;
}

const REASON = 'positions are being closed';

export class Closing {
	readonly #app: Closed;
	/** All of them where none is named. */
	readonly #symbols: readonly string[];
	#hasBegun = false;

	constructor(app: Closed, symbols: readonly string[]) {
		this.#app = app;
		this.#symbols = symbols;
	}

	/** Before anything is quoted. */
	hold(): void {
		this.#app.runtime.control({ kind: 'pause', scope: { kind: 'all' }, reason: REASON });
		this.#app.runtime.control({ kind: 'compare', reason: 'comparing with the venue before anything is closed' });
	}

	/** To be asked again and again: begins when it can, and says when there is nothing left to do. */
	isOver(): boolean {
		const { engine, runtime } = this.#app;
		if (this.#hasBegun) return !engine.isFlattening;
		if (engine.isInDoubt) return false;
		this.#hasBegun = true;
		for (const scope of this.#scopes()) runtime.control({ kind: 'flatten', scope, reason: REASON });
		return !engine.isFlattening;
	}

	#scopes(): readonly Scope[] {
		if (this.#symbols.length === 0) return [{ kind: 'all' }];
		return this.#symbols.map((symbol) => ({ kind: 'instrument', instrument: this.#app.indexOf(symbol) }));
	}
}
