/** What the engine's words mean, for a person. */
import type { QueryAnswer } from '../../../src/api/types.ts';
import type { Tone } from './tone.ts';

type Whole = Pick<QueryAnswer<'overview'>, 'level' | 'isFlattening' | 'isComparing'> & { readonly pauses: readonly unknown[] };

/** The state of the whole in a word or two. */
export function levelWord(overview: Whole | undefined): string {
	if (overview === undefined) return '…';
	if (overview.isFlattening) return 'Flattening';
	if (overview.level === 'kill') return 'Killed';
	if (overview.level === 'reduceOnly') return 'Reduce only';
	if (overview.level === 'pauseQuoting' || overview.pauses.length > 0) return 'Paused';
	return overview.isComparing ? 'Comparing' : 'Running';
}

export function levelTone(overview: Whole | undefined): Tone {
	switch (levelWord(overview)) {
		case 'Running':
			return 'good';
		case 'Killed':
		case 'Flattening':
			return 'bad';
		case '…':
			return 'dim';
		default:
			return 'warn';
	}
}

/** `partiallyFilled` as people say it. */
export function spaced(word: string): string {
	return word
		.replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
		.replaceAll(/[_-]/g, ' ');
}
