/**
 * A text that changes: on a terminal shown in place on a screen of its own, which is left as it was; elsewhere one text
 * behind the other, now and then.
 */
import type { StatusScreen } from './status-line.ts';

interface Screen extends StatusScreen {
	readonly rows?: number;
}

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** Off a terminal the feed's ten a second would fill somebody's disk. */
const PLAIN_EVERY = 10;

export class WatchScreen implements Disposable {
	readonly #out: Screen;
	readonly #isScreen: boolean;
	#count = 0;
	#isOpen = false;

	constructor(out: Screen, form: 'whole' | 'lines') {
		this.#out = out;
		this.#isScreen = out.isTTY === true && form === 'whole';
	}

	show(text: string): void {
		this.#count += 1;
		if (!this.#isScreen) {
			if (this.#count % PLAIN_EVERY === 1) this.#out.write(`${text}\n`);
			return;
		}
		const { columns = 120, rows = 40 } = this.#out;
		const lines = text
			.trimEnd()
			.split('\n')
			.slice(0, rows - 1);
		const shown = lines.map((line) => `${line.slice(0, columns)}${CLEAR_LINE_END}`).join('\n');
		this.#out.write(`${this.#isOpen ? '' : ENTER}${HOME}${shown}\n${CLEAR_BELOW}`);
		this.#isOpen = true;
	}

	[Symbol.dispose](): void {
		if (this.#isOpen) this.#out.write(LEAVE);
		this.#isOpen = false;
	}
}
