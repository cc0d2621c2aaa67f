/**
 * Decimal text to whole counts of a step and back, exactly. Written for the exchange alone and on purpose not shared
 * with the adapters that talk to it: one rounding bug must not pass on both sides of the wire.
 * Accepts plain notation only (`12`, `0.50`): no sign, exponent, blank, leading or trailing dot.
 */

/** Longer numbers are refused unread. */
const TEXT_LENGTH_MAX = 40;
const PLAIN_DECIMAL = /^(\d+)(?:\.(\d+))?$/;

/** `digits / 10^scale`. */
export interface Decimal {
	readonly digits: bigint;
	readonly scale: number;
}

export type GridCount =
	| { readonly kind: 'count'; readonly count: number }
	| { readonly kind: 'refused'; readonly reason: 'malformed' | 'off-grid' | 'above-safe-integer' };

export function parseDecimal(text: string): Decimal | null {
	if (text.length > TEXT_LENGTH_MAX) return null;
	const match = PLAIN_DECIMAL.exec(text);
	if (match === null) return null;
	const fraction = match[2] ?? '';
	return { digits: BigInt(`${match[1] ?? ''}${fraction}`), scale: fraction.length };
}

/** For text written by us: options, presets, tests. */
export function decimal(text: string): Decimal {
	const parsed = parseDecimal(text);
	if (parsed === null) throw new RangeError(`expected a plain decimal such as 0.50, found ${JSON.stringify(text)}`);
	return parsed;
}

/** The number as a whole count of 10^-scale, or null if it has more decimals than that. */
export function rescale(value: Decimal, scale: number): bigint | null {
	if (value.scale <= scale) return value.digits * 10n ** BigInt(scale - value.scale);
	const divisor = 10n ** BigInt(value.scale - scale);
	return value.digits % divisor === 0n ? value.digits / divisor : null;
}

/** Writes `units / 10^scale` with exactly `scale` decimals. */
export function formatScaled(units: bigint, scale: number): string {
	return units < 0n ? `-${pointed((-units).toString(), scale)}` : pointed(units.toString(), scale);
}

function pointed(digits: string, scale: number): string {
	if (scale === 0) return digits;
	const whole = digits.length - scale;
	if (whole > 0) return `${digits.slice(0, whole)}.${digits.slice(whole)}`;
	return `0.${'0'.repeat(-whole)}${digits}`;
}

/** The multiples of one step, such as a tick of 0.10. Prints with as many decimals as the step was written with. */
export class Grid {
	readonly stepText: string;
	readonly step: Decimal;
	readonly #stepUnits: number;

	constructor(stepText: string) {
		this.stepText = stepText;
		this.step = decimal(stepText);
		this.#stepUnits = Number(this.step.digits);
		if (this.step.digits === 0n) throw new RangeError(`a step must be above zero, found ${stepText}`);
	}

	parse(text: string): GridCount {
		const value = parseDecimal(text);
		if (value === null) return { kind: 'refused', reason: 'malformed' };
		const scale = Math.max(value.scale, this.step.scale);
		const valueUnits = value.digits * 10n ** BigInt(scale - value.scale);
		const stepUnits = this.step.digits * 10n ** BigInt(scale - this.step.scale);
		if (valueUnits % stepUnits !== 0n) return { kind: 'refused', reason: 'off-grid' };
		const count = valueUnits / stepUnits;
		if (count > BigInt(Number.MAX_SAFE_INTEGER)) return { kind: 'refused', reason: 'above-safe-integer' };
		return { kind: 'count', count: Number(count) };
	}

	/** For text written by us. */
	count(text: string): number {
		const parsed = this.parse(text);
		if (parsed.kind === 'refused') throw new RangeError(`${text} is no multiple of ${this.stepText}: ${parsed.reason}`);
		return parsed.count;
	}

	format(count: number): string {
		const units = count * this.#stepUnits;
		// Nearly always: as digits of a number, which costs a third of those of a bigint.
		if (units >= 0 && units <= Number.MAX_SAFE_INTEGER) return pointed(String(units), this.step.scale);
		return formatScaled(BigInt(count) * this.step.digits, this.step.scale);
	}
}
