/** A model of each kind, by its description. */
import { Bollinger } from './bollinger.ts';
import { BookImbalance } from './book-imbalance.ts';
import { EmaCross, SmaCross } from './cross.ts';
import { Macd } from './macd.ts';
import { type Measure, MeasuredModel, type SignalModel } from './model.ts';
import { type ModelSpec, parseModelSpec } from './model-spec.ts';
import { Momentum } from './momentum.ts';
import { Rsi } from './rsi.ts';

/** Throws on a description that `parseModelSpec` refuses; whoever reads one from outside parses it first. */
export function createModel(spec: ModelSpec, name: string = spec.kind): SignalModel {
	const read = parseModelSpec(spec);
	if (read.kind === 'refused') throw new RangeError(`model ${name}: ${read.key} is ${read.found}, expected ${read.expected}`);
	return new MeasuredModel(name, measureOf(read.spec), read.spec);
}

function measureOf(spec: ModelSpec): Measure {
	switch (spec.kind) {
		case 'sma-cross':
			return new SmaCross(spec);
		case 'ema-cross':
			return new EmaCross(spec);
		case 'rsi':
			return new Rsi(spec);
		case 'macd':
			return new Macd(spec);
		case 'bollinger':
			return new Bollinger(spec);
		case 'momentum':
			return new Momentum(spec);
		case 'book-imbalance':
			return new BookImbalance(spec);
	}
}
