import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is garbage is gone once this is called. */
export function forcedCollection(): () => void {
	setFlagsFromString('--expose-gc');
	return runInNewContext('gc') as () => void;
}
