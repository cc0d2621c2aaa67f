/** What may be held and never shown: whoever prints it, by any road that we know of, prints `[secret]` (SEC14). */
import { inspect } from 'node:util';

const HIDDEN = '[secret]';

export abstract class Hidden {
	toString(): string {
		return HIDDEN;
	}

	toJSON(): string {
		return HIDDEN;
	}

	[inspect.custom](): string {
		return HIDDEN;
	}
}
