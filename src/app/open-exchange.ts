/** The exchange in a box inside of a program of somebody's own, on ports that are free. */
import { type BoxListening, type BoxOptions, openBox } from './box.ts';

export type ExchangeOptions = Partial<Omit<BoxOptions, 'clock' | 'onBug'>>;

export interface OpenExchange extends BoxListening, AsyncDisposable {}

export async function openExchange(options: ExchangeOptions = {}): Promise<OpenExchange> {
	const opened = await openBox({
		bybitPort: 0,
		controlPort: 0,
		seed: 1,
		market: 'synthetic',
		...options,
		onBug: (error) => {
			throw error;
		},
	});
	if (opened.kind === 'unavailable') throw new Error(opened.message);
	const { box } = opened;
	return { ...box.listening, [Symbol.asyncDispose]: () => Promise.resolve(box[Symbol.asyncDispose]()) };
}
