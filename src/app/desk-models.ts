/** What the desk's models are made of: those of the settings, joined by weight, and a stored signal that counts as one more. */
import { combineModels, createModel, type ModelSpec, type SignalModel } from '../strategy/index.ts';
import type { SignalStore } from '../trading/signal-store.ts';

export interface ModelsOf {
	/** What the whole is called. */
	readonly name: string;
	readonly models: readonly { readonly spec: ModelSpec; readonly weight: number }[];
	/** In the signal store, beside the models. */
	readonly source?: { readonly name: string; readonly weight: number } | undefined;
}

type Signals = Pick<SignalStore, 'getSignalsForSymbols'>;

/** A new one, that has seen nothing. `symbol` is what the store's signals are asked for by. */
export function modelFor({ name, models, source }: ModelsOf, symbol: string, signals: Signals): SignalModel {
	const parts = models.map(({ spec, weight }) => ({ model: createModel(spec), weight }));
	if (source === undefined) return combineModels(parts, name);
	const stored = storedSignal(source.name, symbol, signals);
	return combineModels([...parts, { model: stored, weight: source.weight }], name);
}

/** What somebody outside said last, for as long as it counts. */
function storedSignal(source: string, symbol: string, signals: Signals): SignalModel {
	const inForce = () =>
		signals
			.getSignalsForSymbols([symbol])
			.get(symbol)
			?.find((each) => each.source === source);
	return {
		name: source,
		barsNeeded: 0,
		get isReady() {
			return inForce() !== undefined;
		},
		get value() {
			return inForce()?.value ?? 0;
		},
		get confidence() {
			return inForce()?.confidence ?? 0;
		},
		// It has made up its mind already.
		applyBar: () => undefined,
		applyBook: () => undefined,
	};
}
