/**
 * The settings in force while it runs: what the file says, what somebody has laid over it, and what of either waits. The
 * file and a patch go the same way, so neither can do what the other may not. Changes nothing but itself: whoever asks
 * hands on what the engine is to take.
 */
import {
	type Change,
	changeLine,
	changesBetween,
	isLivePath,
	type KnownConfig,
	livePaths,
	type Reload,
	type RunningConfig,
	reload,
} from './changes.ts';
import { laidFurther, laidOver, type Overlay, problemsOver, whyTooMuch } from './overlay.ts';

export type Planned =
	| {
			readonly kind: 'planned';
			readonly reload: Reload;
			readonly overlay: Overlay;
			/** Limits that would become wider, one line each. */
			readonly wider: readonly string[];
	  }
	| { readonly kind: 'refused'; readonly code: 'not-live' | 'bad-settings'; readonly sentence: string };

export class LiveSettings {
	#file: KnownConfig;
	#overlay: Overlay;
	#fallen: Overlay;
	#running: RunningConfig;
	#waiting: readonly Change[] = [];
	#overlayFell: () => void = () => {};

	/** The file as it was read at the start, and what earlier runs have laid over it. */
	constructor(file: KnownConfig, overlay: Overlay = []) {
		const laid = laidOver(file, overlay);
		this.#file = file;
		this.#overlay = laid.overlay;
		this.#fallen = laid.fallen;
		this.#running = laid.known;
	}

	get running(): RunningConfig {
		return this.#running;
	}

	get overlay(): Overlay {
		return this.#overlay;
	}

	/** What was laid over and does not go with the file as it was read last. */
	get fallen(): Overlay {
		return this.#fallen;
	}

	/** What the file says and is not in force. */
	get waiting(): readonly Change[] {
		return this.#waiting;
	}

	/** Where each setting of the file comes from. */
	get file(): KnownConfig {
		return this.#file;
	}

	/** Paths that may change while it runs. */
	get live(): readonly string[] {
		return livePaths(this.#running.written);
	}

	/** Called when the file has won over some of the overlay: what is left of it is to be written down. */
	set onOverlayFell(listener: () => void) {
		this.#overlayFell = listener;
	}

	/** Another text, which is right. */
	takeFile(known: KnownConfig, mayRaise: boolean): Reload {
		const laid = laidOver(known, this.#overlay);
		this.#file = known;
		const hasFallen = laid.overlay.length < this.#overlay.length;
		this.#overlay = laid.overlay;
		this.#fallen = laid.fallen;
		if (hasFallen) this.#overlayFell();
		return this.#take(reload(this.#running, laid.known, mayRaise));
	}

	/** What would come of it; nothing has changed yet. Null takes back what was laid over the file. */
	plan(set: Readonly<Record<string, unknown>>): Planned {
		const stranger = Object.keys(set).find((path) => !isLivePath(path, this.#running.written));
		if (stranger !== undefined) return { kind: 'refused', code: 'not-live', sentence: notLive(stranger) };
		const overlay = laidFurther(this.#overlay, set, this.#file.written);
		const tooMuch = whyTooMuch(overlay);
		if (tooMuch !== undefined) return { kind: 'refused', code: 'bad-settings', sentence: tooMuch };
		const laid = laidOver(this.#file, overlay);
		if (laid.overlay.length < overlay.length) {
			return { kind: 'refused', code: 'bad-settings', sentence: problemsOver(this.#file, overlay).join('; ') };
		}
		const isMeant = (path: string): boolean => Object.keys(set).some((each) => path === each || path.startsWith(`${each}.`));
		const wider = changesBetween(this.#running, laid.known).filter(({ path, takesEffect }) => {
			return isMeant(path) && takesEffect === 'after a clean comparison with the venue';
		});
		return {
			kind: 'planned',
			reload: reload(this.#running, laid.known, wider.length > 0),
			overlay,
			wider: wider.map((change) => changeLine({ ...change, takesEffect: 'now' })),
		};
	}

	/** The engine has taken it. */
	apply({ reload: made, overlay }: Extract<Planned, { kind: 'planned' }>): void {
		this.#overlay = overlay;
		this.#take(made);
	}

	#take(made: Reload): Reload {
		this.#running = made.running;
		this.#waiting = made.changes.filter(({ takesEffect }) => takesEffect !== 'now');
		return made;
	}
}

function notLive(path: string): string {
	return `${path} cannot change while it runs: edit the file and start again`;
}
