/**
 * Settings that a person changes while it runs: laid over the file, taken by the engine between two ticks, written down so
 * that a restart knows of them, and if that is wanted written into the file as well.
 */
import { changeOf } from '../../engine/changes.ts';
import type { App } from '../app.ts';
import { changeLine } from '../config/changes.ts';
import type { LiveSettings, Planned } from '../config/live-settings.ts';
import { fallenText, type Overlay } from '../config/overlay.ts';
import { type Saved, savedSettings } from '../config/saved-text.ts';
import { REFUSALS } from './actions.ts';
import { type ActionAsked, type ActionResult, type Actor, PHRASES } from './contract.ts';
import type { ConfigView } from './views.ts';

/** The file that the settings come from, where there is one. */
export interface SettingsFile {
	readonly name: string;
	text(): string | undefined;
	/** A sentence where it cannot be written. */
	replace(text: string): string | undefined;
}

export interface SettingsDeskParts {
	readonly app: Pick<App, 'runtime' | 'engine'>;
	readonly live: LiveSettings;
	/** Writes it down; a sentence where the disk does not take it. */
	readonly keep: (overlay: Overlay) => Promise<string | undefined>;
	/** For the person at the terminal. */
	readonly say: (sentence: string) => void;
	readonly file?: SettingsFile | undefined;
}

type Set = Readonly<Record<string, unknown>>;

export class SettingsDesk {
	readonly #parts: SettingsDeskParts;
	#kept: Promise<unknown> = Promise.resolve();

	constructor(parts: SettingsDeskParts) {
		this.#parts = parts;
		parts.live.onOverlayFell = () => void this.#fell();
	}

	view(): ConfigView {
		const { live, file } = this.#parts;
		return {
			config: live.running.written,
			overlay: Object.fromEntries(live.overlay.map(({ path, value }) => [path, value])),
			live: [...live.live],
			file: file?.name ?? null,
			waiting: live.waiting.map((change) => ({ path: change.path, sentence: changeLine(change) })),
		};
	}

	async strategyParams({ strategy, set, save }: ActionAsked<'strategy-params'>, actor: Actor): Promise<ActionResult> {
		const within = Object.fromEntries(Object.entries(set).map(([key, value]) => [`strategies.${strategy}.params.${key}`, value]));
		return await this.patch({ set: within, save }, actor);
	}

	async patch({ set, phrase, save }: ActionAsked<'patch-config'>, actor: Actor): Promise<ActionResult> {
		const { app, live } = this.#parts;
		if (Object.keys(set).length === 0) return refused('nothing-said', 'nothing has changed: no setting was named');
		const planned = live.plan(set);
		if (planned.kind === 'refused') return refused(planned.code, planned.sentence);
		const unsaved = save ? this.#whyNotSaved(set) : undefined;
		if (unsaved !== undefined) return refused('not-saved', unsaved);
		const mayNot = this.#whyNotWider(planned, phrase);
		if (mayNot !== undefined) return mayNot;
		const { engineChanges, changes } = planned.reload;
		if (engineChanges.length > 0) {
			const result = app.runtime.control({ ...changeOf(...engineChanges), by: actor.name });
			if (result.kind === 'refused') return refused(result.reason, REFUSALS[result.reason]);
		}
		live.apply(planned);
		const lines = changes.filter(({ takesEffect }) => takesEffect === 'now').map(changeLine);
		const troubles = [await this.#keep(), save ? this.#save(set) : undefined].filter((each) => each !== undefined);
		const what =
			lines.length === 0
				? 'nothing is other than it was'
				: `${lines.length === 1 ? 'one setting is' : `${lines.length} settings are`} in force`;
		return { kind: 'done', sentence: [what, ...troubles].join('; '), changes: lines };
	}

	async #fell(): Promise<void> {
		const { live, say } = this.#parts;
		for (const sentence of fallenText(live.fallen)) say(sentence);
		const trouble = await this.#keep();
		if (trouble !== undefined) say(trouble);
	}

	/** One after the other, each what is laid over by then: two at once would ruin what is written. */
	#keep(): Promise<string | undefined> {
		const { live, keep } = this.#parts;
		const write = (): Promise<string | undefined> => keep(live.overlay);
		const kept = this.#kept.then(write, write);
		this.#kept = kept;
		return kept;
	}

	#whyNotWider({ wider }: Extract<Planned, { kind: 'planned' }>, phrase: string | undefined): ActionResult | undefined {
		const { engine, runtime } = this.#parts.app;
		if (wider.length === 0) return undefined;
		if (phrase !== PHRASES.raise) {
			const sentence = `nothing has changed: that allows more than before (${wider.join('; ')}), and takes the words '${PHRASES.raise}'`;
			return refused('wrong-phrase', sentence);
		}
		return engine.mayRaiseLimits(runtime.now().monoMs) ? undefined : refused('not-compared', REFUSALS['not-compared']);
	}

	/** Before anything is done. */
	#whyNotSaved(set: Set): string | undefined {
		const { file, live } = this.#parts;
		if (file === undefined) return 'nothing has changed: there is no file that it could be written into; leave save out';
		const taken = Object.keys(set).find((path) => set[path] === null);
		if (taken !== undefined)
			return `nothing has changed: ${taken} is taken back to what the file says, so there is nothing to save`;
		const before = live.file.settings.find(({ path, place }) => Object.hasOwn(set, path) && place.kind === 'environment');
		if (before !== undefined) return `nothing has changed: ${before.path} is set by the environment, which goes before the file`;
		const saved = this.#saved(set);
		return saved.kind === 'made'
			? undefined
			: `nothing has changed: ${file.name} cannot be saved into, since ${saved.sentence}; write it there by hand`;
	}

	#save(set: Set): string | undefined {
		const saved = this.#saved(set);
		const { file } = this.#parts;
		const sentence = saved.kind === 'refused' ? saved.sentence : file?.replace(saved.text);
		return sentence === undefined ? `${file?.name} says so now` : `${file?.name} was not written: ${sentence}`;
	}

	#saved(set: Set): Saved {
		const { file } = this.#parts;
		const text = file?.text();
		if (file === undefined || text === undefined) return { kind: 'refused', sentence: 'it is not there' };
		return savedSettings({ name: file.name, text }, set);
	}
}

function refused(code: string, sentence: string): ActionResult {
	return { kind: 'refused', code, sentence };
}
