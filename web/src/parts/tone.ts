/** What a figure says besides its number. Never by colour alone: a sign or a word goes with it. */
export type Tone = 'good' | 'warn' | 'bad' | 'buy' | 'sell' | 'accent' | 'dim';

export function toneClass(tone: Tone | undefined): string {
	return tone === undefined ? '' : `tone-${tone}`;
}

/** Of an amount that was earned or lost. What shows as 0.00 is neither. */
export function toneOfSign(value: string | number | null | undefined): Tone | undefined {
	const number = Number(value ?? 0);
	if (number >= 0.005) return 'good';
	return number <= -0.005 ? 'bad' : undefined;
}
