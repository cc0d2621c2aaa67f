/**
 * The API beside an engine: a thread that serves, and the engine's answers to it. It never holds the engine up, and the
 * engine never waits for it; when the thread is lost, the engine goes on and a person is told. Whoever opens it disposes
 * of it; that takes a second at most.
 */
import { Worker } from 'node:worker_threads';
import type { Console } from '../app/console/contract.ts';
import type { Clock } from '../ports/clock.ts';
import { readPrivate } from '../storage/private-file.ts';
import { systemDisk } from '../storage/system-disk.ts';
import { addressPath, apiAddress } from './api-address.ts';
import { EngineSide } from './engine-side.ts';
import type { EngineHears, ThreadHears, ThreadStart } from './link.ts';

export interface ApiOptions extends ThreadStart {
	readonly console: Console;
	readonly clock: Clock;
	/** What a person at the terminal should know, one sentence each. */
	readonly onSay: (sentence: string) => void;
}

export interface Api extends AsyncDisposable {
	readonly url: string;
	/** Logs a browser in, once and within a minute. */
	readonly link: string;
}

export type ApiOpened = { readonly kind: 'open'; readonly api: Api } | { readonly kind: 'refused'; readonly sentence: string };

const OPENS_WITHIN_MS = 20_000;
const ENDS_WITHIN_MS = 1_000;
const MEMORY_MB_MAX = 256;

export async function openApi(options: ApiOptions): Promise<ApiOpened> {
	const { settings, folder, pages, version, pid } = options;
	const thread = new ApiThread(options, { settings, folder, pages, version, pid });
	const limit = options.clock.after(OPENS_WITHIN_MS, () => thread.giveUp('it did not begin in time'));
	const said = await thread.begun;
	limit.cancel();
	if (said.kind === 'listening') {
		return { kind: 'open', api: { url: said.url, link: said.link, [Symbol.asyncDispose]: () => thread.end() } };
	}
	await thread.end();
	return said;
}

type Begun = Extract<EngineHears, { kind: 'listening' | 'refused' }>;

class ApiThread {
	readonly #options: ApiOptions;
	readonly #worker: Worker;
	readonly #side: EngineSide;
	readonly #begun = Promise.withResolvers<Begun>();
	readonly #gone = Promise.withResolvers<void>();
	#isEnding = false;
	#addressGone: Promise<void> = Promise.resolve();

	constructor(options: ApiOptions, start: ThreadStart) {
		this.#options = options;
		const { console, clock, onSay } = options;
		this.#side = new EngineSide({ console, clock, onBug: (error) => onSay(`a bug behind the API: ${bugText(error)}`) });
		const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
		this.#worker = new Worker(new URL(file, import.meta.url), {
			workerData: start,
			name: 'api',
			resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB_MAX },
		});
		this.#worker.on('message', (said: EngineHears) => this.#hear(said));
		this.#worker.on('error', (error: unknown) => this.giveUp(error instanceof Error ? error.message : String(error)));
		this.#worker.on('exit', () => {
			if (!this.#isEnding) this.giveUp('its thread ended');
			this.#gone.resolve();
		});
		// It keeps no engine alive.
		this.#worker.unref();
	}

	get begun(): Promise<Begun> {
		return this.#begun.promise;
	}

	giveUp(detail: string): void {
		if (this.#isEnding) return;
		this.#isEnding = true;
		const sentence = `the dashboard and the control API are gone: ${detail}; the engine goes on, Ctrl-C stops it`;
		this.#begun.promise.then(
			({ kind }) => kind === 'listening' && this.#options.onSay(sentence),
			() => {},
		);
		this.#begun.resolve({ kind: 'refused', sentence });
		this.#gone.resolve();
		void this.#worker.terminate();
		this.#addressGone = this.#takeAddressBack();
	}

	async end(): Promise<void> {
		this.#isEnding = true;
		this.#post({ kind: 'end' });
		const limit = this.#options.clock.after(ENDS_WITHIN_MS, this.#gone.resolve);
		await this.#gone.promise;
		limit.cancel();
		await Promise.all([this.#worker.terminate(), this.#addressGone]);
	}

	/** Its thread cannot any more, and commands would go on asking there. */
	async #takeAddressBack(): Promise<void> {
		const begun = await this.#begun.promise;
		const { folder, pid } = this.#options;
		try {
			const found = readPrivate(addressPath(folder));
			if (found.kind !== 'read' || begun.kind !== 'listening') return;
			const address = apiAddress.safeParse(JSON.parse(found.text));
			const isOurs = address.data?.pid === pid && address.data.url === begun.url;
			if (isOurs) await systemDisk().remove(addressPath(folder));
		} catch {
			// Nothing depends on it: whoever asks there hears nothing.
		}
	}

	#hear(said: EngineHears): void {
		switch (said.kind) {
			case 'read':
				void this.#side.read(said.topics).then((answers) => this.#post({ kind: 'answers', id: said.id, answers }));
				return;
			case 'act':
				void this.#side
					.act(said.name, said.params, said.actor)
					.then((acted) => this.#post({ kind: 'acted', id: said.id, acted }));
				return;
			case 'say':
				this.#options.onSay(said.sentence);
				return;
			default:
				this.#begun.resolve(said);
		}
	}

	#post(said: ThreadHears): void {
		this.#worker.postMessage(said);
	}
}

function bugText(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
