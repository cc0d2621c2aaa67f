/** The effective configuration as a file that reads back to the same, with a remark on where each setting comes from. */
import { Document, isMap, isScalar } from 'yaml';
import type { Setting } from './config.ts';
import { placeText } from './problem.ts';

export function printConfig(written: Readonly<Record<string, unknown>>, settings: readonly Setting[]): string {
	const document = new Document(written, { aliasDuplicateObjects: false });
	for (const { path, place } of settings) {
		const steps = path.split('.');
		const around = document.getIn(steps.slice(0, -1), true);
		if (!isMap(around)) continue;
		const pair = around.items.find(({ key }) => isScalar(key) && key.value === steps.at(-1));
		const remark = ` ${placeText(place)}`;
		if (isScalar(pair?.value)) pair.value.comment = remark;
		// Behind a list the remark would look as if it were of its last item.
		else if (isScalar(pair?.key)) pair.key.commentBefore = remark;
	}
	return document.toString({ lineWidth: 0 });
}
