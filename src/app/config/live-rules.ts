/** With real money there are no defaults for how much may be at stake: whoever trades has to write the limits down. */
import { type PlaceOf, valueAt } from './check.ts';
import { NEEDED_FOR_LIVE } from './engine-sections.ts';
import { type Problem, pathText } from './problem.ts';
import type { Config } from './sections.ts';

/** `tree` is what was written, without the defaults. */
export function missingForLive({ mode }: Config, tree: unknown, placeOf: PlaceOf): Problem[] {
	if (mode !== 'live') return [];
	return NEEDED_FOR_LIVE.map((key) => ['risk', key])
		.filter((path) => valueAt(tree, path) === undefined)
		.map((path) => ({
			place: placeOf(['mode'], 'value'),
			path: pathText(path),
			found: 'nothing',
			expected: 'a limit of your own, since mode is live',
			mend: 'write down how much may be at stake',
		}));
}
