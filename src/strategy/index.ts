/** The public door of strategies: what one is, what it sees, and the ones that come with the engine. */
export { LEVELS_MAX } from '../domain/slot.ts';
export { type LadderState, ladder } from './ladder.ts';
export { LADDER_DEFAULTS, type LadderParams, type LadderParamsRead, parseLadderParams, type SizeCurve } from './ladder-params.ts';
export { combineModels, type WeightedModel } from './models/combined.ts';
export { createModel } from './models/create-model.ts';
export { type BookSides, type SignalModel, type SignalThresholds, signalOf } from './models/model.ts';
export {
	MODEL_DEFAULTS,
	MODEL_KINDS,
	type ModelKind,
	type ModelSpec,
	type ModelSpecRead,
	parseModelSpec,
} from './models/model-spec.ts';
export { type NumberRange, ParamReader, type ParamRefusal } from './param-reader.ts';
export type { InstrumentView, NoQuoteReason, SignalView, Strategy, TargetSink, Views } from './strategy.ts';
