/** The dashboard and the control API of a session: where they find what they need on this machine, and what is said of them. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApi } from '../api/open-api.ts';
import { type ApiSettings, apiSettings } from '../app/config/api-settings.ts';
import type { Config } from '../app/config/config.ts';
import type { Faces } from '../app/session.ts';

export interface FacesOptions {
	readonly config: Config;
	/** That it was read from, if any: names of files in it are meant from there. */
	readonly file: string | undefined;
	/** Where the command line looks for a running engine. */
	readonly folder: string;
	readonly version: string;
	/** On a line of its own: programs look for the one that begins with `dashboard:`. */
	readonly say: (line: string) => void;
}

/** Undefined where the settings want none. Never rejects: an engine that nobody can look at is better than none. */
export function facesOf(options: FacesOptions): Faces | undefined {
	const settings = apiSettings(options.config);
	if (settings === undefined) return undefined;
	return async ({ console, clock }) => {
		try {
			const opened = await openApi({
				...{ console, clock, onSay: options.say, folder: options.folder, version: options.version, pid: process.pid },
				settings: withWholePaths(settings, options.file),
				pages: builtPages(),
			});
			if (opened.kind === 'open') {
				options.say(`dashboard: ${opened.api.link}`);
				return opened.api;
			}
			options.say(opened.sentence);
		} catch (error) {
			options.say(`no dashboard and no control API: ${error instanceof Error ? error.message : String(error)}`);
		}
		return undefined;
	};
}

function withWholePaths(settings: ApiSettings, file: string | undefined): ApiSettings {
	if (settings.tls === undefined) return settings;
	const whole = (name: string): string => resolve(file === undefined ? '.' : dirname(file), name);
	return { ...settings, tls: { cert: whole(settings.tls.cert), key: whole(settings.tls.key) } };
}

/** In a clone, or in the installed package. */
const BUILT_PLACES = ['../../web/dist/', '../web/'];

function builtPages(): string | undefined {
	return BUILT_PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((folder) =>
		existsSync(resolve(folder, 'index.html')),
	);
}
