/**
 * The numbers that cross function boundaries, each with its unit in the type. A price is a whole count of an
 * instrument's ticks, a quantity a whole count of its lots; what a tick or lot is worth is written on the instrument.
 * The constructors assert: what they refuse is a bug of ours. Text from outside goes through `instrument.ts`, which
 * answers with a typed refusal instead.
 */
declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** A price, in whole ticks of its instrument. Above zero wherever an order is concerned. */
export type Ticks = Unit<'Ticks'>;
/** A quantity, in whole lots of its instrument. Never negative. */
export type Lots = Unit<'Lots'>;
/** A quantity with a direction: above zero is long or bought. */
export type SignedLots = Unit<'SignedLots'>;
/** An instant: whole milliseconds since 1970. */
export type TimeMs = Unit<'TimeMs'>;
/** A moment on the monotonic clock, in milliseconds, fractional. Only differences mean anything; ages and delays use it. */
export type MonoMs = Unit<'MonoMs'>;

export function ticks(value: number): Ticks {
	assertWhole(value, 'ticks');
	return value as Ticks;
}

export function lots(value: number): Lots {
	assertWhole(value, 'lots');
	return value as Lots;
}

export function signedLots(value: number): SignedLots {
	if (!Number.isSafeInteger(value)) throw new RangeError(`signed lots must be a whole safe number, found ${value}`);
	return (value === 0 ? 0 : value) as SignedLots;
}

export function timeMs(value: number): TimeMs {
	assertWhole(value, 'time in ms');
	return value as TimeMs;
}

export function monoMs(value: number): MonoMs {
	if (!Number.isFinite(value)) throw new RangeError(`monotonic time must be finite, found ${value}`);
	return value as MonoMs;
}

function assertWhole(value: number, what: string): void {
	if (!Number.isSafeInteger(value) || value < 0) {
		throw new RangeError(`${what} must be a whole safe number from 0 up, found ${value}`);
	}
}
