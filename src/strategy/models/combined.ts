/**
 * Several models as one. Its value is the mean of theirs by weight, over those that are ready. Its confidence is the share
 * of all weight that is ready and points where the whole does, each part by its own confidence: a part that is missing or
 * of another mind takes from it. It is ready when any part with a weight is.
 */
import type { Bar } from '../../domain/market-read.ts';
import type { BookSides, SignalModel } from './model.ts';

export interface WeightedModel {
	readonly model: SignalModel;
	/** 0 mutes a part. */
	readonly weight: number;
}

/** Throws on a weight that is no weight, and where no part has any. */
export function combineModels(parts: readonly WeightedModel[], name = 'combined'): SignalModel {
	for (const { model, weight } of parts) {
		if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
			throw new RangeError(`the weight of ${model.name} in ${name} is ${weight}, expected a number from 0 up`);
		}
	}
	if (!parts.some(({ weight }) => weight > 0)) throw new RangeError(`no part of ${name} has a weight above 0`);
	return new CombinedModel(name, parts);
}

class CombinedModel implements SignalModel {
	readonly name: string;
	readonly barsNeeded: number;
	readonly #parts: readonly WeightedModel[];
	readonly #allWeight: number;

	constructor(name: string, parts: readonly WeightedModel[]) {
		this.name = name;
		this.#parts = parts.filter(({ weight }) => weight > 0);
		this.#allWeight = this.#parts.reduce((sum, { weight }) => sum + weight, 0);
		this.barsNeeded = Math.max(...this.#parts.map(({ model }) => model.barsNeeded));
	}

	get isReady(): boolean {
		return this.#parts.some(({ model }) => model.isReady);
	}

	get value(): number {
		let sum = 0;
		let readyWeight = 0;
		for (const { model, weight } of this.#parts) {
			if (!model.isReady) continue;
			sum += weight * model.value;
			readyWeight += weight;
		}
		return readyWeight === 0 ? 0 : sum / readyWeight;
	}

	get confidence(): number {
		const direction = Math.sign(this.value);
		let sum = 0;
		for (const { model, weight } of this.#parts) {
			if (model.isReady && direction !== 0 && Math.sign(model.value) === direction) sum += weight * model.confidence;
		}
		return sum / this.#allWeight;
	}

	applyBar(bar: Pick<Bar, 'close'>): void {
		for (const { model } of this.#parts) model.applyBar(bar);
	}

	applyBook(book: BookSides): void {
		for (const { model } of this.#parts) model.applyBook(book);
	}
}
