/**
 * What a program holds after its garbage is gone. What the compiler made of the program is counted apart: it grows as
 * long as there is a line that was never run before, or seldom, and comes to so much a line at most.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Heap {
	/** Objects, lists, texts and the like. */
	readonly heldBytes: number;
	/** Machine code, bytecode and their notes. */
	readonly compiledBytes: number;
}

/** Where V8 keeps what it compiled, with its notes; no object of a program is there. */
const COMPILED = /^(shared_)?(code|trusted)_(large_object_)?space$/;

/** What is garbage is gone once this is called. */
export function forcedCollection(): () => void {
	setFlagsFromString('--expose-gc');
	return runInNewContext('gc') as () => void;
}

export function heapNow(): Heap {
	let [heldBytes, compiledBytes] = [0, 0];
	for (const { space_name: name, space_used_size: bytes } of getHeapSpaceStatistics()) {
		if (COMPILED.test(name)) compiledBytes += bytes;
		else heldBytes += bytes;
	}
	return { heldBytes, compiledBytes };
}
