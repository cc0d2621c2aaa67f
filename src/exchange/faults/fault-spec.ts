/**
 * What the catalogue says of a fault: the numbers of docs/numbers.md that it stands for, where it may strike, and its
 * parameters with their bounds. `usual` is the range from which a seeded plan draws.
 */
export type Channel = 'rest' | 'ws-public' | 'ws-private' | 'ws-trade';

type Range = readonly [low: number, high: number];

export interface NumberParameter {
	readonly kind: 'number';
	readonly min: number;
	readonly max: number;
	readonly standard: number;
	readonly usual: Range;
}

export interface ChoiceParameter {
	readonly kind: 'choice';
	readonly options: readonly string[];
	readonly standard: string;
}

/** A name of the box, such as a symbol or an account; plans that are drawn keep the standard. */
export interface TextParameter {
	readonly kind: 'text';
	readonly standard: string;
	readonly maxLength: number;
}

export interface FaultSpec {
	readonly numbers: readonly string[];
	/** What one injection does, in words for the person who reads the list. */
	readonly about: string;
	/** Where its candidates come from; none for what happens at the venue by itself. */
	readonly channels: readonly Channel[];
	/** What is drawn anew for each of, what holds as long as the rule does, or what happens at moments of its own. */
	readonly per: 'request' | 'frame' | 'connection' | 'standing' | 'moment';
	readonly usualProbability: Range;
	readonly parameters: Readonly<Record<string, NumberParameter | ChoiceParameter | TextParameter>>;
}

export const DAY_MS = 86_400_000;
export const ORDERS: readonly Channel[] = ['rest', 'ws-trade'];
export const STREAMS: readonly Channel[] = ['ws-public', 'ws-private'];
export const SOCKETS: readonly Channel[] = ['ws-public', 'ws-private', 'ws-trade'];

export function whole(min: number, max: number, standard: number, usual: Range): NumberParameter {
	return { kind: 'number', min, max, standard, usual };
}

export function choice<const Options extends readonly [string, ...string[]]>(...options: Options) {
	return { kind: 'choice', options, standard: options[0] } as const satisfies ChoiceParameter;
}

export function text(standard: string, maxLength: number) {
	return { kind: 'text', standard, maxLength } as const satisfies TextParameter;
}

/** A delay of `delayMs` plus an exponential tail of mean `tailMs`, cut at eight times that. */
export const DELAY = { delayMs: whole(0, DAY_MS, 100, [1, 400]), tailMs: whole(0, DAY_MS, 0, [0, 200]) };
